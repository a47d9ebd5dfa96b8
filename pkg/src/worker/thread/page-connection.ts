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
import type { TokenRequest } from "../../core/options.js";
import { checkMessage } from "../protocol/check-message.js";
import { ListPublisher } from "./list-publisher.js";
import { type CheckedToken, PageClient } from "./page-client.js";
import type { ToPage, ToWorker } from "../protocol/messages.js";
import { fromPlainError, toPlainError } from "../protocol/plain-error.js";

/** The name of this build of the package (pkg/build.mjs). */
declare const BUILD: string;

/**
 * How long messages may still arrive that a page posted before it released its lock, in
 * milliseconds.
 */
const LATE_MESSAGES_MS = 1_000;
/** How long a frozen page is kept, in milliseconds. */
const FROZEN_PAGE_MS = 1_800_000;
/** The most calls, clients or lists of one page at a time. */
const MAX_PER_PAGE = 10_000;

const UNCLONEABLE = toPlainError(
  errorFactory.createError(
    ErrorClass.InvalidResponse,
    "invalid_response",
    "unknown",
    "the response cannot be handed to the page: it is nested too deeply",
  ),
);

/** The port through which messages are sent and received. */
export type Port = Pick<
  MessagePort,
  "addEventListener" | "removeEventListener" | "postMessage"
> &
  Partial<Pick<MessagePort, "start" | "close">>;

/** The lock that the worker holds while it lives; its name is set once it is ready. */
export interface Lock {
  name: string | undefined;
  ready: Promise<void>;
}

/**
 * The worker's end of the connection to a page. It reaches only the clients for which this page has
 * given a token.
 */
export class PageConnection {
  readonly #port: Port;
  readonly #clients: SharedClients;
  /** By the page's own ids. */
  readonly #ownClients = new Map<number, PageClient>();
  readonly #calls = new Map<number, AbortController>();
  readonly #publishers = new Map<
    number,
    { feed: ListPublisher; client: number }
  >();
  /** Pending requests for a token. */
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
   * The smallest difference between this clock at arrival and the page's clock at sending, of all
   * messages.
   */
  #clockOffset = Infinity;
  /** Aborts the request for the page's last lock. */
  #lockWait = new AbortController();
  /** Whether the browser has frozen the page. */
  #isFrozen = false;
  #isDetached = false;
  #leaveTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(port: Port, clients: SharedClients, lock: Lock) {
    this.#port = port;
    this.#clients = clients;
    port.addEventListener("message", this.#onMessage);
    // Not every browser fires this event; the page's lock covers the others.
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
      case "change-token":
        return this.#changeToken(message);
      case "close-client":
        this.#detachFrom(message.client);
        this.#ownClients.delete(message.client);
        return;
      case "call":
        return this.#call(message);
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

  /** Reports a message that cannot be accepted to its sender; other messages are not affected. */
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

  /** Waits for the lock that the page holds: it becomes free when the page is gone. */
  #watchPageLock(name: string): void {
    this.#isFrozen = false;
    clearTimeout(this.#leaveTimer);
    this.#lockWait.abort();
    const { signal } = (this.#lockWait = new AbortController());
    void globalThis.navigator?.locks
      ?.request(name, { signal }, () => {
        if (!signal.aborted) this.#onLockReleased();
      })
      // The request was aborted, or the browser refuses the name.
      .catch(() => {});
  }

  #call(message: Extract<ToWorker, { type: "call" }>): void {
    const { path, params, options, calledAt, issuedForPreviousUser, client } =
      message;
    const { check, generation } = message;
    const pageClient = this.#ownClients.get(client);
    const route: Route = routeAt(path) ?? unknownRoute(path);
    const { wall } = calledAt;
    const now = performance.now();
    // A page that never sent its clock has only the wall time.
    const since = Math.min(now, calledAt.monotonic + this.#clockOffset);
    this.#reply(message, async (own, signal) => {
      pageClient?.assertMaySend(route.kind, check, generation);
      if (issuedForPreviousUser)
        await own.assertSameUser(route, pageClient?.previousUser);
      const all = { ...options, signal };
      const at = { monotonic: since, wall };
      return own.client.call(route, params, all, undefined, at);
    });
  }

  /** Sends the result of `ask`, which is called with one of the page's own clients. */
  #reply(
    { client, id }: { client: number; id: number },
    ask: (client: SharedClient, signal: AbortSignal) => Promise<unknown>,
  ): void {
    const own = this.#clientAt(client);
    this.#respond(id, own, (signal) => ask(own, signal));
  }

  /** Sends the result of `ask`, without the tokens of `own`. */
  #respond(
    id: number,
    own: SharedClient | undefined,
    ask: (signal: AbortSignal) => Promise<unknown>,
  ): void {
    const clean = <T>(value: T): T => own?.redact(value) ?? value;
    const calls = this.#calls;
    reserve(calls, id);
    const controller = new AbortController();
    calls.set(id, controller);
    // The page does not wait for an aborted call.
    ask(controller.signal)
      .then(
        (value) => this.#send({ type: "result", id, value: clean(value) }),
        (error: unknown) =>
          this.#send({ type: "error", id, error: clean(toPlainError(error)) }),
      )
      // The result nests deeper than a message may; the page gets an error that says so.
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
    const client = this.#ownClients.get(number)?.attachment?.client;
    if (client === undefined) {
      throw invalidOptions("the worker has no client of this number");
    }
    return client;
  }

  async #refresh(id: number, list: number): Promise<void> {
    await this.#publishers.get(list)?.feed.refresh();
    this.#send({ type: "result", id });
  }

  #open(message: Extract<ToWorker, { type: "open-client" }>): void {
    this.#attach(message.client, message);
  }

  /** Returns a client of the page, which is created by its first message. */
  #pageClientAt(number: number): PageClient {
    let client = this.#ownClients.get(number);
    if (client === undefined) {
      reserve(this.#ownClients, number);
      const own = new PageClient((token) => {
        // The page may have closed it meanwhile.
        if (this.#ownClients.get(number) === own) this.#attach(number, token);
      });
      this.#ownClients.set(number, (client = own));
    }
    return client;
  }

  #changeToken(message: Extract<ToWorker, { type: "change-token" }>): void {
    const { client, id, check, credential, options, hasTokenFunction } =
      message;
    const pageClient = this.#pageClientAt(client);
    // A client without a token function: the token is only checked.
    const page: AttachedPage = { onSession() {}, onTokenRequired() {} };
    const checked = this.#clients.attach(credential, options, false, page);
    this.#respond(id, checked, async () => {
      try {
        return await pageClient.changeToken(check, {
          credential,
          options,
          hasTokenFunction,
          sessionCache: { fetchInfo: () => checked.fetchSession() },
        });
      } finally {
        checked.detach(page);
      }
    });
  }

  /** Makes the shared client of a token the page's own. */
  #attach(
    number: number,
    {
      credential,
      options,
      hasTokenFunction,
    }: Omit<CheckedToken, "sessionCache">,
  ): void {
    const own = this.#pageClientAt(number);
    const page: AttachedPage = {
      askForToken: hasTokenFunction
        ? (reason) => this.#askForToken(number, reason)
        : undefined,
      onSession: (session) => {
        this.#send({ type: "session", client: number, session });
      },
      onTokenRequired: () => {
        own.previousUser = client.sessionInfo;
        this.#send({ type: "token-required", client: number });
      },
    };
    const client = this.#clients.attach(
      credential,
      options,
      hasTokenFunction,
      page,
    );
    this.#detachFrom(number);
    own.attachment = { client, page };
  }

  /** Requests a token from the page; rejects when the page goes. */
  #askForToken(
    client: number,
    reason: TokenRequest["reason"],
  ): Promise<string> {
    const id = (this.#lastRequest += 1);
    this.#send({ type: "token-request", id, client, reason });
    return new Promise((resolve, reject) => {
      this.#tokenRequests.set(id, { resolve, reject });
    });
  }

  /** Pauses or resumes the page's lists. */
  #updatePaused(): void {
    for (const { feed: publisher } of this.#publishers.values())
      publisher.updatePaused();
    // The worker may notice a change of the network later than the page.
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

  /** Detaches a client of the page from its shared client, and closes its lists. */
  #detachFrom(number: number): void {
    for (const [id, { client }] of [...this.#publishers]) {
      if (client === number) this.#unwatch(id);
    }
    const own = this.#ownClients.get(number);
    own?.attachment?.client.detach(own.attachment.page);
    if (own) own.attachment = undefined;
  }

  /** Detaches a page of another build. */
  #rejectVersion(): void {
    this.#send({ type: "version-mismatch" });
    this.#detach();
  }

  /** Handles the release of the page's lock. The page's `frozen` message may still arrive. */
  #onLockReleased(): void {
    clearTimeout(this.#leaveTimer);
    this.#leaveTimer = setTimeout(() => {
      if (!this.#isFrozen) return this.#detach();
      this.#leaveTimer = setTimeout(() => this.#detach(), FROZEN_PAGE_MS);
    }, LATE_MESSAGES_MS);
  }

  /** Ends the lists and calls of a page that is gone. */
  #detach(): void {
    clearTimeout(this.#onlineRecheckTimer);
    clearTimeout(this.#leaveTimer);
    this.#lockWait.abort();
    this.#isDetached = true;
    for (const controller of this.#calls.values()) controller.abort();
    for (const { reject } of this.#tokenRequests.values()) {
      reject(new Error("the page is gone"));
    }
    for (const client of this.#ownClients.keys()) this.#detachFrom(client);
    this.#ownClients.clear();
  }

  #send(message: ToPage): void {
    this.#port.postMessage(message);
  }
}

/** A route that this version does not know: an action that accepts every credential. */
function unknownRoute(path: string): Route {
  return {
    ...{ path, kind: 255, method: "POST", responseKey: undefined },
    ...{ hasPagination: false, inQuery: false, required: [], atLeastOne: [] },
  };
}

/** Throws if the id is taken or the page has too many entries. */
function reserve(there: Map<number, unknown>, id: number): void {
  if (there.has(id) || there.size >= MAX_PER_PAGE) {
    throw invalidOptions(
      `a page has ${MAX_PER_PAGE} calls, clients or lists at a time, each with a number of its own`,
    );
  }
}
