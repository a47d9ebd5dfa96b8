import type {
  SharedClient,
  SharedClients,
  AttachedPage,
} from "./shared-clients.js";
import {
  invalidOptions,
  ErrorClass,
  errorFactory,
} from "../../core/error-factory.js";
import { type Route, routeAt } from "../../core/route.js";
import type { SessionInfo } from "../../core/session-info.js";
import { checkMessage } from "../protocol/check-message.js";
import { ListPublisher } from "./list-publisher.js";
import type { ToPage, ToWorker } from "../protocol/messages.js";
import { fromPlainError, toPlainError } from "../protocol/plain-error.js";

/** Names the build of the package (pkg/build.mjs). */
declare const BUILD: string;

/** What a page has said before it let go of its lock is heard in so many milliseconds. */
const LATE_MESSAGES_MS = 1_000;
/** So many milliseconds a page is waited for that the browser keeps. */
const FROZEN_PAGE_MS = 1_800_000;
/** So many calls, clients or lists one page may have at a time. */
const MAX_PER_PAGE = 10_000;

const UNCLONEABLE = toPlainError(
  errorFactory.createError(
    ErrorClass.InvalidResponse,
    "invalid_response",
    "unknown",
    "the response cannot be handed to the page: it is nested too deeply",
  ),
);

/** Where messages go and come from. */
export type Port = Pick<
  MessagePort,
  "addEventListener" | "removeEventListener" | "postMessage"
> &
  Partial<Pick<MessagePort, "start" | "close">>;

/** A lock that the worker holds while it lives: its name, which is there once it is ready. */
export interface Lock {
  name: string | undefined;
  ready: Promise<void>;
}

/** A client that the page has handed over a token for. */
interface ClientEntry {
  client: SharedClient;
  page: AttachedPage;
}

/**
 * The worker's end of what a page says. It reaches nothing but the clients that
 * this page has handed over a token for.
 */
export class PageConnection {
  readonly #port: Port;
  readonly #clients: SharedClients;
  /** By the page's own numbers. */
  readonly #ownClients = new Map<number, ClientEntry>();
  /** Whose a client was before its token was asked for anew. */
  readonly #previousUsers = new Map<number, SessionInfo | undefined>();
  readonly #calls = new Map<number, AbortController>();
  readonly #publishers = new Map<
    number,
    { feed: ListPublisher; client: number }
  >();
  /** Who waits for a token of the page's. */
  readonly #tokenRequests = new Map<
    number,
    { resolve(token: string): void; reject(error: unknown): void }
  >();
  readonly #workerLock: Lock;
  #lastRequest = 0;
  #isHidden = false;
  #isOnline = true;
  #onlineRecheckTimer: ReturnType<typeof setTimeout> | undefined;
  /**
   * What this clock shows when the page's shows 0, and a little: the least that any of its messages
   * has taken.
   */
  #clockOffset = Infinity;
  /** Ends the waiting for the page's last lock. */
  #lockWait = new AbortController();
  /** Whether the browser keeps the page for going back to it. */
  #isFrozen = false;
  #isDetached = false;
  #leaveTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(port: Port, clients: SharedClients, lock: Lock) {
    this.#port = port;
    this.#clients = clients;
    port.addEventListener("message", this.#onMessage);
    // Not every browser tells of it; the page's lock does.
    port.addEventListener("close", () => this.#detach());
    port.start?.();
    this.#workerLock = lock;
  }

  readonly #onMessage = ({ data }: MessageEvent<unknown>): void => {
    if (this.#isDetached) return this.#send({ type: "detached" });
    try {
      const message = checkMessage(data);
      const { sentAt } = message;
      if (sentAt !== undefined) {
        this.#clockOffset = Math.min(
          this.#clockOffset,
          performance.now() - sentAt,
        );
      }
      this.#handle(message);
    } catch (error) {
      this.#replyWithError(data, error);
    }
  };

  #handle(message: ToWorker): void {
    switch (message.type) {
      case "handshake":
        if (message.build !== BUILD) return this.#rejectVersion();
        this.#isHidden = message.hidden;
        void this.#workerLock.ready.then(() => this.#sendLock("ready"));
        return;
      case "ping":
        return this.#sendLock("pong");
      case "lock":
        return this.#watchPageLock(message.name);
      case "frozen":
        this.#isFrozen = true;
        return;
      case "page-state":
        this.#isHidden = message.hidden;
        this.#isOnline = message.online;
        return this.#updatePaused();
      case "close":
        return this.#detach();
      case "open-client":
        return this.#open(message);
      case "token":
        this.#tokenRequests.get(message.id)?.resolve(message.token);
        this.#tokenRequests.delete(message.id);
        return;
      case "token-error":
        this.#tokenRequests
          .get(message.id)
          ?.reject(fromPlainError(message.error));
        this.#tokenRequests.delete(message.id);
        return;
      case "close-client":
        this.#previousUsers.delete(message.client);
        return this.#close(message.client);
      case "call":
        return this.#call(message);
      case "get-session":
        return this.#reply(message, (client) => client.fetchSession());
      case "load-scope":
        return this.#reply(message, (client) => client.loadScope());
      case "abort":
        return this.#calls.get(message.id)?.abort();
      case "watch":
        return this.#watch(message);
      case "set-interval":
        this.#publishers.get(message.id)?.feed.setInterval(message.interval);
        return;
      case "refresh":
        return void this.#refresh(message.id, message.list);
      case "unwatch":
        this.#unwatch(message.id);
    }
  }

  /** What a message asked for that cannot be taken fails, and nothing else. */
  #replyWithError(data: unknown, reason: unknown): void {
    const { id, type } = Object(data) as Record<string, unknown>;
    if (!Number.isSafeInteger(id)) return;
    const number = id as number;
    const error = toPlainError(reason);
    if (type === "token" || type === "token-error") {
      this.#tokenRequests.get(number)?.reject(reason);
      this.#tokenRequests.delete(number);
    } else if (type === "watch") {
      const status = { state: "stopped", reason: error } as const;
      const update = { status, isShown: false };
      this.#send({ type: "list-update", id: number, update });
    } else this.#send({ type: "error", id: number, error });
  }

  #sendLock(type: "ready" | "pong"): void {
    this.#send({ type, lock: this.#workerLock.name });
  }

  /** The page holds the lock: it comes here when the page is gone. */
  #watchPageLock(name: string): void {
    this.#isFrozen = false;
    clearTimeout(this.#leaveTimer);
    this.#lockWait.abort();
    const { signal } = (this.#lockWait = new AbortController());
    void globalThis.navigator?.locks
      ?.request(name, { signal }, () => {
        if (!signal.aborted) this.#onLockReleased();
      })
      // It waits for this one no longer, or the page has made up the name.
      .catch(() => {});
  }

  #call(message: Extract<ToWorker, { type: "call" }>): void {
    const { path, params, options, calledAt, issuedForPreviousUser, client } =
      message;
    const route: Route = routeAt(path) ?? unknownRoute(path);
    const { wall } = calledAt;
    const now = performance.now();
    // A page that never said what its clock shows has nothing but the one on the wall.
    const since = Math.min(now, calledAt.monotonic + this.#clockOffset);
    this.#reply(message, async (own, signal) => {
      if (issuedForPreviousUser)
        await own.assertSameUser(route, this.#previousUsers.get(client));
      const all = { ...options, signal };
      const at = { monotonic: since, wall };
      return own.client.call(route, params, all, undefined, at);
    });
  }

  /** Answers with what one of the page's own clients gives. */
  #reply(
    { client, id }: { client: number; id: number },
    ask: (client: SharedClient, signal: AbortSignal) => Promise<unknown>,
  ): void {
    const own = this.#clientAt(client);
    const calls = this.#calls;
    reserve(calls, id);
    const controller = new AbortController();
    calls.set(id, controller);
    // Who has aborted it waits for nothing.
    ask(own, controller.signal)
      .then(
        (value) => this.#send({ type: "result", id, value: own.redact(value) }),
        (error: unknown) =>
          this.#send({
            type: "error",
            id,
            error: own.redact(toPlainError(error)),
          }),
      )
      // It nests deeper than a message may: whoever waits for it is told that much.
      .catch(() => this.#send({ type: "error", id, error: UNCLONEABLE }))
      .finally(() => calls.delete(id));
  }

  #watch(message: Extract<ToWorker, { type: "watch" }>): void {
    const { client, id, path, json, interval } = message;
    const own = this.#clientAt(client);
    reserve(this.#publishers, id);
    const publisher = new ListPublisher(
      own,
      routeAt(path) as Route,
      json,
      interval,
      {
        send: (update) => this.#send({ type: "list-update", id, update }),
        isHidden: () => this.#isHidden,
      },
    );
    this.#publishers.set(id, { feed: publisher, client });
  }

  #clientAt(number: number): SharedClient {
    const client = this.#ownClients.get(number);
    if (client === undefined) {
      throw invalidOptions("the worker has no client of this number");
    }
    return client.client;
  }

  async #refresh(id: number, list: number): Promise<void> {
    await this.#publishers.get(list)?.feed.refresh();
    this.#send({ type: "result", id });
  }

  #open(message: Extract<ToWorker, { type: "open-client" }>): void {
    const { client: number, credential, options, hasTokenFunction } = message;
    if (!this.#ownClients.has(number)) reserve(this.#ownClients, number);
    const page: AttachedPage = {
      askForToken: hasTokenFunction
        ? () => this.#askForToken(number)
        : undefined,
      onSession: (session) => {
        this.#send({ type: "session", client: number, session });
      },
      onTokenRequired: () => {
        this.#previousUsers.set(number, client.sessionInfo);
        this.#send({ type: "token-required", client: number });
      },
    };
    const client = this.#clients.attach(
      credential,
      options,
      hasTokenFunction,
      page,
    );
    this.#close(number);
    this.#ownClients.set(number, { client, page });
  }

  /** Asks the page for a token; rejects when it goes. */
  #askForToken(client: number): Promise<string> {
    const id = (this.#lastRequest += 1);
    this.#send({ type: "token-request", id, client });
    return new Promise((resolve, reject) => {
      this.#tokenRequests.set(id, { resolve, reject });
    });
  }

  /** What is watched rests, or goes on. */
  #updatePaused(): void {
    for (const { feed: publisher } of this.#publishers.values())
      publisher.updatePaused();
    // The worker may learn later than the page that the network has gone, or is back.
    const isOther = globalThis.navigator?.onLine === !this.#isOnline;
    if (!isOther || this.#isFrozen) return;
    this.#onlineRecheckTimer ??= setTimeout(() => {
      this.#onlineRecheckTimer = undefined;
      this.#updatePaused();
    }, 1_000);
  }

  #unwatch(id: number): void {
    this.#publishers.get(id)?.feed.close();
    this.#publishers.delete(id);
  }

  /** What is watched is closed with the client that it is of. */
  #close(number: number): void {
    for (const [id, { client }] of [...this.#publishers]) {
      if (client === number) this.#unwatch(id);
    }
    const own = this.#ownClients.get(number);
    own?.client.detach(own.page);
    this.#ownClients.delete(number);
  }

  /** It is of another build, and speaks in another way. */
  #rejectVersion(): void {
    this.#send({ type: "version-mismatch" });
    this.#detach();
  }

  /** It has let go of its lock. That it is kept, it may have said and not been heard yet. */
  #onLockReleased(): void {
    clearTimeout(this.#leaveTimer);
    this.#leaveTimer = setTimeout(() => {
      if (!this.#isFrozen) return this.#detach();
      this.#leaveTimer = setTimeout(() => this.#detach(), FROZEN_PAGE_MS);
    }, LATE_MESSAGES_MS);
  }

  /** The page is gone: what it watched and called ends. */
  #detach(): void {
    clearTimeout(this.#onlineRecheckTimer);
    clearTimeout(this.#leaveTimer);
    this.#lockWait.abort();
    this.#isDetached = true;
    for (const controller of this.#calls.values()) controller.abort();
    for (const { reject } of this.#tokenRequests.values()) {
      reject(new Error("the page is gone"));
    }
    for (const client of [...this.#ownClients.keys()]) this.#close(client);
  }

  #send(message: ToPage): void {
    this.#port.postMessage(message);
  }
}

/** One that this version does not know: it counts as one that acts, and anyone may call it. */
function unknownRoute(path: string): Route {
  return {
    ...{ path, kind: 255, method: "POST", responseKey: undefined },
    ...{ hasPagination: false, inQuery: false, required: [], atLeastOne: [] },
  };
}

/** Whether one more may be put there: under a number of its own, and not without end. */
function reserve(there: Map<number, unknown>, id: number): void {
  if (there.has(id) || there.size >= MAX_PER_PAGE) {
    throw invalidOptions(
      `a page has ${MAX_PER_PAGE} calls, clients or lists at a time, each with a number of its own`,
    );
  }
}
