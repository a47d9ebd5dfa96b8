import type { Client, Clients, User } from "./shared-clients.js";
import {
  invalidOptions,
  ErrorClass,
  errors,
} from "../../core/error-factory.js";
import { type Route, routeAt } from "../../core/route.js";
import type { SessionInfo } from "../../core/session-info.js";
import { checkMessage } from "../protocol/check-message.js";
import { ListPublisher } from "./list-publisher.js";
import type { ToPage, ToWorker } from "../protocol/messages.js";
import { fromPlain, toPlain } from "../protocol/plain-error.js";

/** Names the build of the package (pkg/build.mjs). */
declare const BUILD: string;

/** What a page has said before it let go of its lock is heard in so many milliseconds. */
const HEARD = 1_000;
/** So many milliseconds a page is waited for that the browser keeps. */
const KEPT = 1_800_000;
/** So many calls, clients or lists one page may have at a time. */
const MOST = 10_000;

const UNCLONEABLE = toPlain(
  errors.make(
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
interface Own {
  client: Client;
  user: User;
}

/**
 * The worker's end of what a page says. It reaches nothing but the clients that
 * this page has handed over a token for.
 */
export class Page {
  readonly #port: Port;
  readonly #clients: Clients;
  /** By the page's own numbers. */
  readonly #own = new Map<number, Own>();
  /** Whose a client was before its token was asked for anew. */
  readonly #before = new Map<number, SessionInfo | undefined>();
  readonly #calls = new Map<number, AbortController>();
  readonly #feeds = new Map<number, { feed: ListPublisher; client: number }>();
  /** Who waits for a token of the page's. */
  readonly #asked = new Map<
    number,
    { resolve(token: string): void; reject(error: unknown): void }
  >();
  readonly #lock: Lock;
  #last = 0;
  #hidden = false;
  #online = true;
  #later: ReturnType<typeof setTimeout> | undefined;
  /**
   * What this clock shows when the page's shows 0, and a little: the least that any of its messages
   * has taken.
   */
  #clock = Infinity;
  /** Ends the waiting for the page's last lock. */
  #locked = new AbortController();
  /** Whether the browser keeps the page for going back to it. */
  #isKept = false;
  #isGone = false;
  #leaves: ReturnType<typeof setTimeout> | undefined;

  constructor(port: Port, clients: Clients, lock: Lock) {
    this.#port = port;
    this.#clients = clients;
    port.addEventListener("message", this.#onMessage);
    // Not every browser tells of it; the page's lock does.
    port.addEventListener("close", () => this.#gone());
    port.start?.();
    this.#lock = lock;
  }

  readonly #onMessage = ({ data }: MessageEvent<unknown>): void => {
    if (this.#isGone) return this.#say({ say: "gone" });
    try {
      const message = checkMessage(data);
      const { sentAt } = message;
      if (sentAt !== undefined) {
        this.#clock = Math.min(this.#clock, performance.now() - sentAt);
      }
      this.#hear(message);
    } catch (error) {
      this.#refuse(data, error);
    }
  };

  #hear(message: ToWorker): void {
    switch (message.say) {
      case "hello":
        if (message.build !== BUILD) return this.#isOther();
        this.#hidden = message.hidden;
        void this.#lock.ready.then(() => this.#answerWith("ready"));
        return;
      case "ping":
        return this.#answerWith("pong");
      case "lock":
        return this.#watchOver(message.name);
      case "kept":
        this.#isKept = true;
        return;
      case "page":
        this.#hidden = message.hidden;
        this.#online = message.online;
        return this.#look();
      case "bye":
        return this.#gone();
      case "open":
        return this.#open(message);
      case "token":
        this.#asked.get(message.id)?.resolve(message.token);
        this.#asked.delete(message.id);
        return;
      case "noToken":
        this.#asked.get(message.id)?.reject(fromPlain(message.error));
        this.#asked.delete(message.id);
        return;
      case "close":
        this.#before.delete(message.client);
        return this.#close(message.client);
      case "call":
        return this.#call(message);
      case "identify":
        return this.#answer(message, (own) => own.identify());
      case "scope":
        return this.#answer(message, (own) => own.scope());
      case "abort":
        return this.#calls.get(message.id)?.abort();
      case "watch":
        return this.#watch(message);
      case "interval":
        this.#feeds.get(message.id)?.feed.interval(message.interval);
        return;
      case "refresh":
        return void this.#refresh(message.id, message.list);
      case "unwatch":
        this.#unwatch(message.id);
    }
  }

  /** What a message asked for that cannot be taken fails, and nothing else. */
  #refuse(data: unknown, reason: unknown): void {
    const { id, say } = Object(data) as Record<string, unknown>;
    if (!Number.isSafeInteger(id)) return;
    const number = id as number;
    const error = toPlain(reason);
    if (say === "token" || say === "noToken") {
      this.#asked.get(number)?.reject(reason);
      this.#asked.delete(number);
    } else if (say === "watch") {
      const status = { state: "stopped", reason: error } as const;
      const news = { status, shown: false };
      this.#say({ say: "list", id: number, news });
    } else this.#say({ say: "failed", id: number, error });
  }

  #answerWith(say: "ready" | "pong"): void {
    this.#say({ say, lock: this.#lock.name });
  }

  /** The page holds the lock: it comes here when the page is gone. */
  #watchOver(name: string): void {
    this.#isKept = false;
    clearTimeout(this.#leaves);
    this.#locked.abort();
    const { signal } = (this.#locked = new AbortController());
    void globalThis.navigator?.locks
      ?.request(name, { signal }, () => {
        if (!signal.aborted) this.#left();
      })
      // It waits for this one no longer, or the page has made up the name.
      .catch(() => {});
  }

  #call(message: Extract<ToWorker, { say: "call" }>): void {
    const { path, params, options, calledAt, before, client } = message;
    const route: Route = routeAt(path) ?? unknownRoute(path);
    const { wall } = calledAt;
    const now = performance.now();
    // A page that never said what its clock shows has nothing but the one on the wall.
    const since = Math.min(now, calledAt.monotonic + this.#clock);
    this.#answer(message, async (own, signal) => {
      if (before) await own.stays(route, this.#before.get(client));
      const all = { ...options, signal };
      const at = { monotonic: since, wall };
      return own.caller.call(route, params, all, undefined, at);
    });
  }

  /** Answers with what one of the page's own clients gives. */
  #answer(
    { client, id }: { client: number; id: number },
    ask: (own: Client, signal: AbortSignal) => Promise<unknown>,
  ): void {
    const own = this.#clientAt(client);
    const calls = this.#calls;
    room(calls, id);
    const controller = new AbortController();
    calls.set(id, controller);
    // Who has aborted it waits for nothing.
    ask(own, controller.signal)
      .then(
        (value) => this.#say({ say: "done", id, value: own.shown(value) }),
        (error: unknown) =>
          this.#say({ say: "failed", id, error: own.shown(toPlain(error)) }),
      )
      // It nests deeper than a message may: whoever waits for it is told that much.
      .catch(() => this.#say({ say: "failed", id, error: UNCLONEABLE }))
      .finally(() => calls.delete(id));
  }

  #watch(message: Extract<ToWorker, { say: "watch" }>): void {
    const { client, id, path, json, interval } = message;
    const own = this.#clientAt(client);
    room(this.#feeds, id);
    const feed = new ListPublisher(
      own,
      routeAt(path) as Route,
      json,
      interval,
      {
        say: (news) => this.#say({ say: "list", id, news }),
        isHidden: () => this.#hidden,
      },
    );
    this.#feeds.set(id, { feed, client });
  }

  #clientAt(number: number): Client {
    const own = this.#own.get(number);
    if (own === undefined) {
      throw invalidOptions("the worker has no client of this number");
    }
    return own.client;
  }

  async #refresh(id: number, list: number): Promise<void> {
    await this.#feeds.get(list)?.feed.refresh();
    this.#say({ say: "done", id });
  }

  #open(message: Extract<ToWorker, { say: "open" }>): void {
    const { client: number, credential, options, renews } = message;
    if (!this.#own.has(number)) room(this.#own, number);
    const user: User = {
      ask: renews ? () => this.#ask(number) : undefined,
      session: (session) => {
        this.#say({ say: "session", client: number, session });
      },
      anew: () => {
        this.#before.set(number, client.whose);
        this.#say({ say: "anew", client: number });
      },
    };
    const client = this.#clients.take(credential, options, renews, user);
    this.#close(number);
    this.#own.set(number, { client, user });
  }

  /** Asks the page for a token; rejects when it goes. */
  #ask(client: number): Promise<string> {
    const id = (this.#last += 1);
    this.#say({ say: "token", id, client });
    return new Promise((resolve, reject) => {
      this.#asked.set(id, { resolve, reject });
    });
  }

  /** What is watched rests, or goes on. */
  #look(): void {
    for (const { feed } of this.#feeds.values()) feed.rests();
    // The worker may learn later than the page that the network has gone, or is back.
    const isOther = globalThis.navigator?.onLine === !this.#online;
    if (!isOther || this.#isKept) return;
    this.#later ??= setTimeout(() => {
      this.#later = undefined;
      this.#look();
    }, 1_000);
  }

  #unwatch(id: number): void {
    this.#feeds.get(id)?.feed.close();
    this.#feeds.delete(id);
  }

  /** What is watched is closed with the client that it is of. */
  #close(number: number): void {
    for (const [id, { client }] of [...this.#feeds]) {
      if (client === number) this.#unwatch(id);
    }
    const own = this.#own.get(number);
    own?.client.leave(own.user);
    this.#own.delete(number);
  }

  /** It is of another build, and speaks in another way. */
  #isOther(): void {
    this.#say({ say: "other" });
    this.#gone();
  }

  /** It has let go of its lock. That it is kept, it may have said and not been heard yet. */
  #left(): void {
    clearTimeout(this.#leaves);
    this.#leaves = setTimeout(() => {
      if (!this.#isKept) return this.#gone();
      this.#leaves = setTimeout(() => this.#gone(), KEPT);
    }, HEARD);
  }

  /** The page is gone: what it watched and called ends. */
  #gone(): void {
    clearTimeout(this.#later);
    clearTimeout(this.#leaves);
    this.#locked.abort();
    this.#isGone = true;
    for (const controller of this.#calls.values()) controller.abort();
    for (const { reject } of this.#asked.values()) {
      reject(new Error("the page is gone"));
    }
    for (const client of [...this.#own.keys()]) this.#close(client);
  }

  #say(message: ToPage): void {
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
function room(there: Map<number, unknown>, id: number): void {
  if (there.has(id) || there.size >= MOST) {
    throw invalidOptions(
      `a page has ${MOST} calls, clients or lists at a time, each with a number of its own`,
    );
  }
}
