import type { Outcome } from "../errors.js";
import { SeamWasmError } from "../errors.js";
import type { Facts } from "../session.js";
import type { ClientSessionTokenFunction } from "../options.js";
import type { News, ToPage, ToWorker } from "./messages.js";
import { fromPlain, toPlain } from "./plain-error.js";
import { noWorker, type SeamWorker, workers } from "./start.js";

/** Names the build of the package (pkg/build.mjs). */
declare const BUILD: string;

const ENDED = "the worker has ended, and the token with it: make a client anew";
const GONE =
  "the page was away for so long that the worker has let go of its token: make a client anew";

/** Who waits for an answer. */
interface Waiting {
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/** A list that is told of. */
export interface Told {
  hear(news: News): void;
  /** The worker has ended. */
  end(reason: unknown): void;
}

/** A client whose tokens come from a function. */
export interface Renewed {
  /** Gives another token. */
  next(): ReturnType<ClientSessionTokenFunction> | undefined;
  /** The worker has another one of the same user's, with this session; or none any more. */
  session(session: Facts | undefined): void;
  /** Another is needed, for the last ones are another user's. */
  anew(): void;
}

let current: Connection | undefined;

/** The page's one connection, which is made when the first client is. */
export function connection(): Connection {
  if (current === undefined || current.over !== undefined) {
    current = new Connection();
  }
  return current;
}

/** The page's end of what it says to a worker and hears of it. */
export class Connection {
  readonly #workers = workers();
  readonly #waiting = new Map<number, Waiting>();
  // Neither keeps a client that nobody has any more.
  readonly #lists = new Map<number, { client: number; list: WeakRef<Told> }>();
  readonly #renewed = new Map<number, WeakRef<Renewed>>();
  #say: ((message: ToWorker) => void) | undefined;
  /**
   * What is said once a worker of this build has answered: a token and acts are
   * among it, which go to one worker only.
   */
  #unheard: ToWorker[] | undefined = [];
  #last = 0;

  /** What the worker holds while it lives, once it has said so. */
  #lock: string | undefined;

  /** Why nothing comes of it any more. */
  over: SeamWasmError | undefined;

  constructor() {
    const { document } = globalThis;
    this.#next();
    const look = (): void => {
      const online = globalThis.navigator?.onLine !== false;
      this.say({ say: "page", hidden: isHidden(), online });
    };
    document?.addEventListener("visibilitychange", look);
    globalThis.addEventListener?.("online", look);
    globalThis.addEventListener?.("offline", look);
    // Where there are no locks, only a page that says so is known to go.
    globalThis.addEventListener?.("pagehide", ({ persisted }) => {
      this.say({ say: persisted ? "kept" : "bye" });
    });
    // WebKit takes the locks of a page that it keeps, and what that asked for.
    globalThis.addEventListener?.("pageshow", ({ persisted }) => {
      if (!persisted) return;
      this.#hold();
      this.#watchOver(this.#lock);
    });
    this.#hold();
  }

  /** Holds a lock while the page lives. */
  #hold(): void {
    const name = `${BUILD} ${Math.random()} ${Date.now()}`;
    const hold = (): Promise<never> => {
      this.say({ say: "lock", name });
      return new Promise(() => {});
    };
    globalThis.navigator?.locks?.request(name, hold).catch(() => {});
  }

  /** A number for a client, a call or a list. */
  number(): number {
    return (this.#last += 1);
  }

  say(message: ToWorker): void {
    if (this.over !== undefined) return;
    if (this.#unheard === undefined) return this.#say?.(message);
    this.#unheard.push(message);
  }

  /** Says it and waits for the answer to `id`. */
  ask(id: number, message: ToWorker): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.over !== undefined) return reject(this.over);
      this.#waiting.set(id, { resolve, reject });
      this.say(message);
    });
  }

  /** Waits no more for the answer to `id`. */
  forget(id: number): void {
    this.#waiting.delete(id);
    // What was not said yet need not be.
    this.#unheard = this.#unheard?.filter(
      (it) => it.say !== "call" || it.id !== id,
    );
  }

  /** The tokens of a client come from a function. */
  renews(client: number, it: Renewed): void {
    this.#renewed.set(client, new WeakRef(it));
  }

  /** Tells the list `id` of a client what is new. */
  listen(client: number, id: number, list: Told): void {
    this.#lists.set(id, { client, list: new WeakRef(list) });
    if (this.over !== undefined) list.end(this.over);
  }

  /** Tells nothing more of the list. */
  unlisten(id: number): void {
    this.#lists.delete(id);
    this.say({ say: "unwatch", id });
  }

  /** Nobody has the client any more, nor any list of it. */
  letGo(client: number): void {
    this.#renewed.delete(client);
    for (const [id, it] of this.#lists) {
      if (it.client === client) this.#lists.delete(id);
    }
    this.say({ say: "close", client });
  }

  /** Turns to the next worker that may serve: what waits is for that one. */
  #next(cause?: unknown): void {
    this.#say = undefined;
    let next: IteratorResult<SeamWorker, void>;
    try {
      next = this.#workers.next();
    } catch (error) {
      return this.#end(noWorker("the worker could not be made", error));
    }
    if (next.value === undefined) {
      const message =
        cause === undefined
          ? "there are no workers here: use Seam of seam-session"
          : "the worker did not start: its script was not found, or a policy forbids it (setWorker takes one of your own)";
      return this.#end(noWorker(message, cause));
    }
    const worker = next.value;
    const port = "port" in worker ? worker.port : worker;
    // An EventTarget of any of the three kinds.
    const target = port as MessagePort;
    target.addEventListener("message", ({ data }: MessageEvent<ToPage>) => {
      if (port === this.#port) this.#hear(data);
    });
    (worker as EventTarget).addEventListener("error", (event) => {
      if (port !== this.#port || this.#unheard === undefined) return;
      this.#next((event as ErrorEvent).message ?? "");
    });
    this.#port = port;
    target.start?.();
    this.#say = (message) => target.postMessage(message);
    this.#say({ say: "hello", build: BUILD, hidden: isHidden() });
  }
  #port: unknown;

  #hear(message: ToPage): void {
    switch (message.say) {
      case "ready":
        for (const message of this.#unheard ?? []) this.#say?.(message);
        this.#unheard = undefined;
        return this.#watchOver(message.lock);
      case "other":
        return this.#end(
          noWorker(
            "the worker is of another build of seam-session: close the app's other tabs, and load the page again (setWorker is given a name that keeps builds apart)",
          ),
        );
      case "gone":
        return this.#end(crashed(GONE, "not_sent"), crashed(GONE, "unknown"));
      case "done":
        return this.#settle(message.id)?.resolve(message.value);
      case "failed":
        return this.#settle(message.id)?.reject(fromPlain(message.error));
      case "token":
        return void this.#giveToken(message.id, message.client);
      case "anew":
        return this.#renewed.get(message.client)?.deref()?.anew();
      case "session":
        return this.#renewed
          .get(message.client)
          ?.deref()
          ?.session(message.session);
      case "list":
        return this.#lists.get(message.id)?.list.deref()?.hear(message.news);
    }
  }

  async #giveToken(id: number, client: number): Promise<void> {
    try {
      const token = await this.#renewed.get(client)?.deref()?.next();
      if (typeof token !== "string") throw new Error("it gave no string");
      this.say({ say: "token", id, token });
    } catch (error) {
      // It is an app's own, and may have with it what cannot cross.
      const { name, message } = toPlain(error);
      this.say({ say: "noToken", id, error: { name, message, more: {} } });
    }
  }

  #settle(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    return waiting;
  }

  /** The worker holds the lock while it lives: whoever gets it knows that it does not. */
  #watchOver(lock: string | undefined): void {
    this.#lock = lock;
    if (lock === undefined) return;
    navigator.locks
      ?.request(lock, () => {
        this.#end(crashed(ENDED, "not_sent"), crashed(ENDED, "unknown"));
      })
      .catch(() => {});
  }

  /** Nothing more comes: `waiting` is what becomes of what was asked for before. */
  #end(over: SeamWasmError, waiting = over): void {
    this.over = over;
    this.#unheard = undefined;
    this.#say = undefined;
    for (const { reject } of this.#waiting.values()) reject(waiting);
    this.#waiting.clear();
    for (const { list } of this.#lists.values()) list.deref()?.end(over);
    this.#lists.clear();
  }
}

const isHidden = (): boolean =>
  globalThis.document?.visibilityState === "hidden";

function crashed(message: string, outcome: Outcome): SeamWasmError {
  return new SeamWasmError({ code: "client_crashed", outcome, message });
}
