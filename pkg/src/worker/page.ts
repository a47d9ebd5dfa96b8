import type { Client, Clients, User } from "./clients.js";
import { Feed } from "./feed.js";
import type { Facts } from "../session.js";
import type { ToPage, ToWorker } from "./messages.js";
import { fromPlain, toPlain } from "./plain-error.js";

/** Names the build of the package (pkg/build.mjs). */
declare const BUILD: string;

/** What a page has said before it let go of its lock is heard in so many milliseconds. */
const HEARD = 1_000;
/** So many milliseconds a page is waited for that the browser keeps. */
const KEPT = 1_800_000;

/** Where messages go and come from. */
export type Port = Pick<
  MessagePort,
  "addEventListener" | "removeEventListener" | "postMessage"
> &
  Partial<Pick<MessagePort, "start" | "close">>;

/**
 * The worker's end of what a page says. It reaches nothing but the clients that
 * this page has handed over a token for.
 */
export class Page {
  readonly #port: Port;
  readonly #clients: Clients;
  /** By the page's own numbers. */
  readonly #own = new Map<number, { client: Client; user: User }>();
  /** Whose a client was before its token was asked for anew. */
  readonly #before = new Map<number, Facts | undefined>();
  readonly #calls = new Map<number, AbortController>();
  readonly #feeds = new Map<number, { feed: Feed; client: number }>();
  /** Who waits for a token of the page's. */
  readonly #asked = new Map<
    number,
    { resolve(token: string): void; reject(error: unknown): void }
  >();
  readonly #lock: Promise<string | undefined>;
  #last = 0;
  #hidden = false;
  #online = true;
  #later: ReturnType<typeof setTimeout> | undefined;
  /** Whether the browser keeps the page for going back to it. */
  #isKept = false;
  #isGone = false;
  #leaves: ReturnType<typeof setTimeout> | undefined;

  /** `lock` is the name of one that the worker holds while it lives. */
  constructor(port: Port, clients: Clients, lock: Promise<string | undefined>) {
    this.#port = port;
    this.#clients = clients;
    port.addEventListener("message", this.#onMessage);
    // Not every browser tells of it; the page's lock does.
    port.addEventListener("close", () => this.#gone());
    port.start?.();
    this.#lock = lock;
  }

  readonly #onMessage = (event: MessageEvent<ToWorker>): void => {
    if (this.#isGone) this.#say({ say: "gone" });
    else this.#hear(event.data);
  };

  #hear(message: ToWorker): void {
    switch (message.say) {
      case "hello":
        if (message.build !== BUILD) return this.#refuse();
        this.#hidden = message.hidden;
        void this.#lock.then((lock) => this.#say({ say: "ready", lock }));
        return;
      case "lock":
        this.#isKept = false;
        clearTimeout(this.#leaves);
        // The page holds it: it comes here when the page is gone.
        void navigator.locks.request(message.name, () => this.#left());
        return;
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
        return void this.#call(message);
      case "scope":
        return void this.#answer(message, (own) => own.scope());
      case "abort":
        return this.#calls.get(message.id)?.abort();
      case "watch": {
        const { client, id, route, json, interval } = message;
        const own = this.#own.get(client);
        if (own === undefined) return;
        const feed = new Feed(own.client, route, json, interval, {
          say: (news) => this.#say({ say: "list", id, news }),
          isHidden: () => this.#hidden,
        });
        this.#feeds.set(id, { feed, client });
        return;
      }
      case "interval":
        this.#feeds.get(message.id)?.feed.interval(message.interval);
        return;
      case "refresh":
        return void this.#refresh(message.id, message.list);
      case "unwatch":
        this.#unwatch(message.id);
    }
  }

  #call(message: Extract<ToWorker, { say: "call" }>): Promise<void> {
    const { id, route, params, options, calledAt, before } = message;
    const controller = new AbortController();
    this.#calls.set(id, controller);
    const { signal } = controller;
    return this.#answer(message, async (own) => {
      if (before) await own.stays(route, this.#before.get(message.client));
      const all = { ...options, signal };
      return own.caller.call(route, params, all, undefined, {
        monotonic: performance.now() - Math.max(0, Date.now() - calledAt),
        wall: calledAt,
      });
    });
  }

  /** Answers with what one of the page's own clients gives. */
  async #answer(
    { client, id }: { client: number; id: number },
    ask: (own: Client) => Promise<unknown>,
  ): Promise<void> {
    const own = this.#own.get(client)?.client;
    if (own === undefined) return;
    try {
      const value = await ask(own);
      this.#say({ say: "done", id, value: own.shown(value) });
    } catch (error) {
      // Who has aborted it waits for nothing.
      this.#say({ say: "failed", id, error: own.shown(toPlain(error)) });
    } finally {
      this.#calls.delete(id);
    }
  }

  async #refresh(id: number, list: number): Promise<void> {
    await this.#feeds.get(list)?.feed.refresh();
    this.#say({ say: "done", id });
  }

  #open(message: Extract<ToWorker, { say: "open" }>): void {
    const { client: number, credential, options, renews } = message;
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
  #refuse(): void {
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
