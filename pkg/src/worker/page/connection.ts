import type { Outcome, SeamError } from "../../core/errors.js";
import { SeamHttpNetworkError, SeamWasmError } from "../../core/errors.js";
import { invalidOptions } from "../../core/error-factory.js";
import { safeCause, TOKENS } from "../../core/redact.js";
import type { SessionInfo } from "../../core/session-info.js";
import { LONGEST_TIMER, Timer } from "../../core/time.js";
import type { ListUpdate, ToPage, ToWorker } from "../protocol/messages.js";
import { fromPlain } from "../protocol/plain-error.js";
import { noWorker } from "../protocol/no-worker.js";
import {
  avoidWorker,
  remedy,
  type SeamWorker,
  workers,
} from "./create-worker.js";

/** Names the build of the package (pkg/build.mjs). */
declare const BUILD: string;

const ENDED = "the worker has ended, and the token with it: make a client anew";
const SILENT = "the worker does not respond: make a client anew";
const GONE =
  "the page was away for so long that the worker has let go of its token: make a client anew";

/** So many milliseconds nothing comes before the worker is asked for a sign of life; it has twice that. */
const PATIENCE = 2_500;
/** The same when its lock is free: it has most likely ended, or a page has stolen that. */
const SUSPICION = 1_000;
/** The same while nothing but lists waits. */
const REST = 30_000;

/** Who waits for an answer. */
interface Waiting {
  resolve(value: unknown): void;
  reject(error: unknown): void;
  /** Whether it was said to the worker. */
  isPosted: boolean;
  timer: Timer;
}

/** A list that is told of. */
export interface ListSink {
  hear(news: ListUpdate): void;
  /** The worker has ended. */
  end(reason: unknown): void;
}

/** A client whose tokens come from a function. */
export interface TokenSource {
  /** Gives another token. */
  next(): Promise<string> | undefined;
  /** The worker has another one of the same user's, with this session; or none any more. */
  session(session: SessionInfo | undefined): void;
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
  readonly #lists = new Map<
    number,
    { client: number; list: WeakRef<ListSink> }
  >();
  readonly #renewed = new Map<number, WeakRef<TokenSource>>();
  /** Aborts when it is over: nothing of it listens, or holds a lock, any more. */
  readonly #ended = new AbortController();
  #worker: SeamWorker | undefined;
  #say: ((message: ToWorker) => void) | undefined;
  /** How many workers were turned to. */
  #turn = 0;
  /** The directive of the page's policy that has forbidden one. */
  #violated: string | undefined;
  /**
   * What is said once a worker of this build has answered: a token and actions are
   * among it, which go to one worker only.
   */
  #unheard: ToWorker[] | undefined = [];
  #last = 0;

  /** What the worker holds while it lives, once it has said so. */
  #lock: string | undefined;
  #isKept = false;

  /** How often in a row nothing has come within the time. */
  #silences = 0;
  #isSuspected = false;
  readonly #timer = new Timer();
  /** How long that timer runs. */
  #pace = Infinity;

  /** Why nothing comes of it any more. */
  over: SeamError | undefined;

  constructor() {
    const { signal } = this.#ended;
    this.#next();
    const look = (): void => {
      const online = globalThis.navigator?.onLine !== false;
      this.say({ say: "page", hidden: isHidden(), online });
      this.#wait();
    };
    const listen = (
      target: EventTarget | undefined,
      name: string,
      hear: EventListener,
    ): void => {
      target?.addEventListener?.(name, hear);
      // Not by the listener's option: jsdom does not take Node's signal.
      signal.addEventListener("abort", () =>
        target?.removeEventListener?.(name, hear),
      );
    };
    listen(globalThis.document, "visibilitychange", look);
    listen(globalThis.document, "securitypolicyviolation", (event) => {
      const { disposition, effectiveDirective: violated } =
        event as SecurityPolicyViolationEvent;
      if (disposition === "enforce" && violated === "worker-src") {
        this.#violated = violated;
      }
    });
    const on = <K extends keyof WindowEventMap>(
      name: K,
      hear: (event: WindowEventMap[K]) => void,
    ): void => listen(globalThis, name, hear as EventListener);
    on("online", look);
    on("offline", look);
    // Where there are no locks, only a page that says so is known to go.
    on("pagehide", ({ persisted }) => {
      this.#isKept = persisted;
      this.say({ say: persisted ? "kept" : "bye" });
    });
    // WebKit takes the locks of a page that it keeps, and what that asked for.
    on("pageshow", ({ persisted }) => {
      if (!persisted) return;
      this.#isKept = false;
      this.#hold();
      this.#watchOver(this.#lock);
    });
    this.#hold();
  }

  /** Holds a lock while the page lives and the connection is not over. */
  #hold(): void {
    const { signal } = this.#ended;
    if (signal.aborted) return;
    const name = `${BUILD} ${Math.random()} ${Date.now()}`;
    let isHeld = false;
    const hold = (): Promise<void> => {
      isHeld = true;
      this.say({ say: "lock", name });
      return new Promise((resolve) => {
        signal.addEventListener("abort", () => resolve());
      });
    };
    globalThis.navigator?.locks?.request(name, hold).catch(() => {
      // Another page has stolen it. One that is kept takes another when it is back.
      if (isHeld && !this.#isKept) this.#hold();
    });
  }

  /** A number for a client, a call or a list. */
  number(): number {
    return (this.#last += 1);
  }

  say(message: ToWorker): void {
    if (this.over !== undefined) return;
    if (this.#unheard === undefined) return this.#post(message);
    this.#unheard.push(message);
  }

  /**
   * Says it and waits for the answer to `id`; so many milliseconds at most, wherever
   * the time is spent.
   */
  ask(id: number, message: ToWorker, limit = LONGEST_TIMER): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.over !== undefined) return reject(this.over);
      const late = (): void => {
        const waiting = this.#settle(id);
        this.#unsay(id);
        this.say({ say: "abort", id });
        waiting?.reject(
          new SeamHttpNetworkError({
            code: "timeout",
            outcome: waiting.isPosted ? "unknown" : "not_sent",
            message: "the worker did not answer in time",
          }),
        );
      };
      const timer = new Timer();
      timer.start(limit, late, true);
      this.#waiting.set(id, { resolve, reject, isPosted: false, timer });
      this.say(message);
      this.#wait();
    });
  }

  /** Waits no more for the answer to `id`. */
  forget(id: number): void {
    this.#settle(id);
    this.#unsay(id);
  }

  /** What was not said yet need not be. */
  #unsay(id: number): void {
    this.#unheard = this.#unheard?.filter(
      (it) => it.say !== "call" || it.id !== id,
    );
  }

  /** The tokens of a client come from a function. */
  renews(client: number, it: TokenSource): void {
    this.#renewed.set(client, new WeakRef(it));
  }

  /** Tells the list `id` of a client what is new. */
  listen(client: number, id: number, list: ListSink): void {
    this.#lists.set(id, { client, list: new WeakRef(list) });
    if (this.over !== undefined) list.end(this.over);
    this.#wait();
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
    this.#say = this.#worker = undefined;
    const turn = (this.#turn += 1);
    let value;
    try {
      ({ value } = this.#workers.next());
    } catch (error) {
      return this.#fail(error);
    }
    if (value === undefined) {
      return cause === undefined
        ? this.#end(
            noWorker(
              "there are no workers here: use Seam of seam-session, in Jest by moduleNameMapper: { '^seam-session/worker$': 'seam-session' }",
            ),
          )
        : this.#fail(cause);
    }
    if (!(value instanceof Promise)) return this.#try(value);
    const made = (worker: SeamWorker | void): void => {
      if (this.over !== undefined || turn !== this.#turn) {
        // Too late: another one serves by now, or none was to be had.
        return void (worker as Worker | undefined)?.terminate?.();
      }
      if (worker) this.#try(worker);
      else this.#next(cause);
    };
    // Why the chunk could not be loaded says no more than why the script before it was not found.
    value.catch(() => {}).then(made);
  }

  /** No worker has started. */
  #fail(cause: unknown): void {
    const message = `the worker did not start: ${remedy(cause, this.#violated)}`;
    this.#end(noWorker(message, cause));
  }

  /** Says hello to a worker, which may start. */
  #try(worker: SeamWorker): void {
    this.#worker = worker;
    const port = "port" in worker ? worker.port : worker;
    // An EventTarget of any of the three kinds.
    const target = port as MessagePort;
    const { signal } = this.#ended;
    target.addEventListener(
      "message",
      ({ data }: MessageEvent<ToPage>) => {
        if (worker === this.#worker) this.#hear(data);
      },
      { signal },
    );
    (worker as EventTarget).addEventListener(
      "error",
      (event) => {
        if (worker !== this.#worker || this.#unheard === undefined) return;
        this.#next((event as ErrorEvent).message ?? "");
      },
      { signal },
    );
    target.start?.();
    this.#say = (message) => target.postMessage(message);
    this.#silences = 0;
    this.#post({ say: "hello", build: BUILD, hidden: isHidden() });
    this.#wait();
  }

  /** It goes to a worker now, and to no other. What cannot be cloned fails for itself. */
  #post(message: ToWorker): void {
    const id = "id" in message ? message.id : NaN;
    const waiting = this.#waiting.get(id);
    try {
      this.#say?.({ ...message, sentAt: performance.now() });
      if (waiting) waiting.isPosted = true;
    } catch {
      this.#settle(id)?.reject(
        invalidOptions("the options hold what cannot go to the worker"),
      );
    }
  }

  #hear(message: ToPage): void {
    this.#silences = 0;
    this.#isSuspected = false;
    switch (message.say) {
      case "ready": {
        const unheard = this.#unheard ?? [];
        this.#unheard = undefined;
        for (const message of unheard) this.#post(message);
        return this.#watchOver(message.lock);
      }
      case "pong":
        // It has another since a page has stolen the last one.
        if (message.lock !== this.#lock) this.#watchOver(message.lock);
        return;
      case "other":
        return this.#end(
          noWorker(
            "the worker is of another build of seam-session: close the app's other tabs, and load the page again (setWorker is given a name that keeps builds apart)",
          ),
        );
      case "gone":
        return this.#crash(GONE);
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
      const { name = "Error", message = "" } = safeCause(error, TOKENS) ?? {};
      this.say({ say: "noToken", id, error: { name, message, more: {} } });
    }
  }

  #settle(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    waiting?.timer.stop();
    this.#waiting.delete(id);
    return waiting;
  }

  /**
   * The worker holds the lock while it lives: whoever gets it knows that it does not, or that a
   * page has stolen it; so the worker is asked.
   */
  #watchOver(lock: string | undefined): void {
    this.#lock = lock;
    if (lock === undefined) return;
    const { signal } = this.#ended;
    const doubt = (): void => {
      if (this.over !== undefined || lock !== this.#lock) return;
      this.#isSuspected = true;
      this.#silences = 1;
      this.#post({ say: "ping" });
      this.#wait();
    };
    navigator.locks?.request(lock, { signal }, doubt).catch(() => {});
  }

  /** Sets the timer after which the worker has been silent, while anything waits for it. */
  #wait(): void {
    const isAwaited =
      this.#unheard || this.#waiting.size > 0 || this.#silences > 0;
    const pace = this.#isSuspected
      ? SUSPICION
      : isAwaited
        ? PATIENCE
        : this.#lists.size > 0 && !isHidden()
          ? REST
          : Infinity;
    if (this.over !== undefined || pace >= this.#pace) return;
    this.#timer.stop();
    this.#pace = pace;
    this.#timer.start(
      pace,
      () => {
        // A page that was frozen finds its timer due, and what came meanwhile not heard yet.
        soon(() => {
          this.#pace = Infinity;
          this.#silent();
        });
      },
      true,
    );
  }

  #silent(): void {
    if (this.over !== undefined) return;
    this.#silences += 1;
    if (this.#unheard) {
      // Its script may take its time on a slow network.
      if (this.#silences >= 4) {
        this.#leave();
        return this.#next("it did not respond");
      }
    } else if (this.#silences > 2) {
      const isDead = this.#isSuspected;
      this.#leave();
      return this.#crash(isDead ? ENDED : SILENT);
    } else if (this.#silences === 1) this.#post({ say: "ping" });
    this.#wait();
  }

  /** The worker does not respond: should it ever do so again, nothing of this page is there. */
  #leave(): void {
    avoidWorker();
    this.#post({ say: "bye" });
    (this.#worker as Partial<Worker> | undefined)?.terminate?.();
  }

  #crash(message: string): void {
    const error = (outcome: Outcome): SeamWasmError =>
      new SeamWasmError({ code: "client_crashed", outcome, message });
    this.#end(error("not_sent"), () => error("unknown"));
  }

  /** Nothing more comes; `posted` gives what becomes of a call that the worker was told of. */
  #end(over: SeamError, posted = (): SeamError => over): void {
    this.over = over;
    this.#unheard = undefined;
    this.#worker = this.#say = undefined;
    this.#timer.stop();
    this.#ended.abort();
    for (const { reject, isPosted, timer } of this.#waiting.values()) {
      timer.stop();
      reject(isPosted ? posted() : over);
    }
    this.#waiting.clear();
    for (const { list } of this.#lists.values()) list.deref()?.end(over);
    this.#lists.clear();
  }
}

/** Runs it when the messages that have come already were heard. */
function soon(run: () => void): void {
  const { port1, port2 } = new MessageChannel();
  port1.addEventListener("message", () => {
    port1.close();
    run();
  });
  port1.start();
  port2.postMessage(0);
}

const isHidden = (): boolean =>
  globalThis.document?.visibilityState === "hidden";
