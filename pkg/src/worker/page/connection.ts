import type { Outcome, SeamError } from "../../core/errors.js";
import { SeamHttpNetworkError, SeamWasmError } from "../../core/errors.js";
import { invalidOptions } from "../../core/error-factory.js";
import { safeCause, TOKENS } from "../../core/redact.js";
import type { SessionInfo } from "../../core/session-info.js";
import { MAX_TIMER_MS, Timer } from "../../core/time.js";
import type { ListUpdate, ToPage, ToWorker } from "../protocol/messages.js";
import { fromPlainError } from "../protocol/plain-error.js";
import { workerUnavailable } from "../protocol/no-worker.js";
import {
  markWorkerHung,
  startFailureHint,
  type SeamWorker,
  candidateWorkers,
} from "./create-worker.js";

/** Names the build of the package (pkg/build.mjs). */
declare const BUILD: string;

const WORKER_ENDED =
  "the worker has ended, and the token with it: make a client anew";
const WORKER_SILENT = "the worker does not respond: make a client anew";
const PAGE_DETACHED =
  "the page was away for so long that the worker has let go of its token: make a client anew";

/** So many milliseconds nothing comes before the worker is asked for a sign of life; it has twice that. */
const REPLY_MS = 2_500;
/** The same when its lock is free: it has most likely ended, or a page has stolen that. */
const SUSPECTED_REPLY_MS = 1_000;
/** The same while nothing but lists waits. */
const IDLE_PING_MS = 30_000;

/** Who waits for an answer. */
interface PendingRequest {
  resolve(value: unknown): void;
  reject(error: unknown): void;
  /** Whether it was said to the worker. */
  isPosted: boolean;
  timer: Timer;
}

/** A list that is told of. */
export interface ListSink {
  onUpdate(update: ListUpdate): void;
  /** The worker has ended. */
  onConnectionLost(reason: unknown): void;
}

/** A client whose tokens come from a function. */
export interface TokenSource {
  /** Gives another token. */
  nextToken(): Promise<string> | undefined;
  /** The worker has another one of the same user's, with this session; or none any more. */
  onSession(session: SessionInfo | undefined): void;
  /** Another is needed, for the last ones are another user's. */
  onTokenRequired(): void;
}

let current: Connection | undefined;

/** The page's one connection, which is made when the first client is. */
export function connection(): Connection {
  if (current === undefined || current.endReason !== undefined) {
    current = new Connection();
  }
  return current;
}

/** The page's end of what it says to a worker and hears of it. */
export class Connection {
  readonly #candidates = candidateWorkers();
  readonly #pendingRequests = new Map<number, PendingRequest>();
  // Neither keeps a client that nobody has any more.
  readonly #lists = new Map<
    number,
    { client: number; list: WeakRef<ListSink> }
  >();
  readonly #tokenSources = new Map<number, WeakRef<TokenSource>>();
  /** Aborts when it is over: nothing of it listens, or holds a lock, any more. */
  readonly #ended = new AbortController();
  #worker: SeamWorker | undefined;
  #postToWorker: ((message: ToWorker) => void) | undefined;
  /** How many workers were turned to. */
  #workersTried = 0;
  /** The directive of the page's policy that has forbidden one. */
  #violatedDirective: string | undefined;
  /**
   * What is said once a worker of this build has answered: a token and actions are
   * among it, which go to one worker only.
   */
  #queued: ToWorker[] | undefined = [];
  #lastId = 0;

  /** What the worker holds while it lives, once it has said so. */
  #workerLock: string | undefined;
  #isFrozen = false;

  /** How often in a row nothing has come within the time. */
  #missedPongs = 0;
  #isLockFree = false;
  readonly #watchdog = new Timer();
  /** How long that timer runs. */
  #watchdogMs = Infinity;

  /** Why nothing comes of it any more. */
  endReason: SeamError | undefined;

  constructor() {
    const { signal } = this.#ended;
    this.#tryNextWorker();
    const look = (): void => {
      const online = globalThis.navigator?.onLine !== false;
      this.send({ type: "page-state", hidden: isHidden(), online });
      this.#startWatchdog();
    };
    const listen = (
      target: EventTarget | undefined,
      name: string,
      listener: EventListener,
    ): void => {
      target?.addEventListener?.(name, listener);
      // Not by the listener's option: jsdom does not take Node's signal.
      signal.addEventListener("abort", () =>
        target?.removeEventListener?.(name, listener),
      );
    };
    listen(globalThis.document, "visibilitychange", look);
    listen(globalThis.document, "securitypolicyviolation", (event) => {
      const { disposition, effectiveDirective: violated } =
        event as SecurityPolicyViolationEvent;
      if (disposition === "enforce" && violated === "worker-src") {
        this.#violatedDirective = violated;
      }
    });
    const on = <K extends keyof WindowEventMap>(
      name: K,
      listener: (event: WindowEventMap[K]) => void,
    ): void => listen(globalThis, name, listener as EventListener);
    on("online", look);
    on("offline", look);
    // Where there are no locks, only a page that says so is known to go.
    on("pagehide", ({ persisted }) => {
      this.#isFrozen = persisted;
      this.send({ type: persisted ? "frozen" : "close" });
    });
    // WebKit takes the locks of a page that it keeps, and what that asked for.
    on("pageshow", ({ persisted }) => {
      if (!persisted) return;
      this.#isFrozen = false;
      this.#holdLock();
      this.#watchWorkerLock(this.#workerLock);
    });
    this.#holdLock();
  }

  /** Holds a lock while the page lives and the connection is not over. */
  #holdLock(): void {
    const { signal } = this.#ended;
    if (signal.aborted) return;
    const name = `${BUILD} ${Math.random()} ${Date.now()}`;
    let isHeld = false;
    const hold = (): Promise<void> => {
      isHeld = true;
      this.send({ type: "lock", name });
      return new Promise((resolve) => {
        signal.addEventListener("abort", () => resolve());
      });
    };
    globalThis.navigator?.locks?.request(name, hold).catch(() => {
      // Another page has stolen it. One that is kept takes another when it is back.
      if (isHeld && !this.#isFrozen) this.#holdLock();
    });
  }

  /** A number for a client, a call or a list. */
  nextId(): number {
    return (this.#lastId += 1);
  }

  send(message: ToWorker): void {
    if (this.endReason !== undefined) return;
    if (this.#queued === undefined) return this.#post(message);
    this.#queued.push(message);
  }

  /**
   * Says it and waits for the answer to `id`; so many milliseconds at most, wherever
   * the time is spent.
   */
  request(
    id: number,
    message: ToWorker,
    limit = MAX_TIMER_MS,
  ): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.endReason !== undefined) return reject(this.endReason);
      const late = (): void => {
        const waiting = this.#takeRequest(id);
        this.#unqueue(id);
        this.send({ type: "abort", id });
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
      this.#pendingRequests.set(id, {
        resolve,
        reject,
        isPosted: false,
        timer,
      });
      this.send(message);
      this.#startWatchdog();
    });
  }

  /** Waits no more for the answer to `id`. */
  cancelRequest(id: number): void {
    this.#takeRequest(id);
    this.#unqueue(id);
  }

  /** What was not said yet need not be. */
  #unqueue(id: number): void {
    this.#queued = this.#queued?.filter(
      (it) => it.type !== "call" || it.id !== id,
    );
  }

  /** The tokens of a client come from a function. */
  addTokenSource(clientId: number, it: TokenSource): void {
    this.#tokenSources.set(clientId, new WeakRef(it));
  }

  /** Tells the list `id` of a client what is new. */
  addList(clientId: number, id: number, list: ListSink): void {
    this.#lists.set(id, { client: clientId, list: new WeakRef(list) });
    if (this.endReason !== undefined) list.onConnectionLost(this.endReason);
    this.#startWatchdog();
  }

  /** Tells nothing more of the list. */
  removeList(id: number): void {
    this.#lists.delete(id);
    this.send({ type: "unwatch", id });
  }

  /** Nobody has the client any more, nor any list of it. */
  releaseClient(clientId: number): void {
    this.#tokenSources.delete(clientId);
    for (const [id, it] of this.#lists) {
      if (it.client === clientId) this.#lists.delete(id);
    }
    this.send({ type: "close-client", client: clientId });
  }

  /** Turns to the next worker that may serve: what waits is for that one. */
  #tryNextWorker(cause?: unknown): void {
    this.#postToWorker = this.#worker = undefined;
    const turn = (this.#workersTried += 1);
    let value;
    try {
      ({ value } = this.#candidates.next());
    } catch (error) {
      return this.#failToStart(error);
    }
    if (value === undefined) {
      return cause === undefined
        ? this.#end(
            workerUnavailable(
              "there are no workers here: use Seam of seam-session, in Jest by moduleNameMapper: { '^seam-session/worker$': 'seam-session' }",
            ),
          )
        : this.#failToStart(cause);
    }
    if (!(value instanceof Promise)) return this.#tryWorker(value);
    const made = (worker: SeamWorker | void): void => {
      if (this.endReason !== undefined || turn !== this.#workersTried) {
        // Too late: another one serves by now, or none was to be had.
        return void (worker as Worker | undefined)?.terminate?.();
      }
      if (worker) this.#tryWorker(worker);
      else this.#tryNextWorker(cause);
    };
    // Why the chunk could not be loaded says no more than why the script before it was not found.
    value.catch(() => {}).then(made);
  }

  /** No worker has started. */
  #failToStart(cause: unknown): void {
    const message = `the worker did not start: ${startFailureHint(cause, this.#violatedDirective)}`;
    this.#end(workerUnavailable(message, cause));
  }

  /** Says hello to a worker, which may start. */
  #tryWorker(worker: SeamWorker): void {
    this.#worker = worker;
    const port = "port" in worker ? worker.port : worker;
    // An EventTarget of any of the three kinds.
    const target = port as MessagePort;
    const { signal } = this.#ended;
    target.addEventListener(
      "message",
      ({ data }: MessageEvent<ToPage>) => {
        if (worker === this.#worker) this.#onMessage(data);
      },
      { signal },
    );
    (worker as EventTarget).addEventListener(
      "error",
      (event) => {
        if (worker !== this.#worker || this.#queued === undefined) return;
        this.#tryNextWorker((event as ErrorEvent).message ?? "");
      },
      { signal },
    );
    target.start?.();
    this.#postToWorker = (message) => target.postMessage(message);
    this.#missedPongs = 0;
    this.#post({ type: "handshake", build: BUILD, hidden: isHidden() });
    this.#startWatchdog();
  }

  /** It goes to a worker now, and to no other. What cannot be cloned fails for itself. */
  #post(message: ToWorker): void {
    const id = "id" in message ? message.id : NaN;
    const waiting = this.#pendingRequests.get(id);
    try {
      this.#postToWorker?.({ ...message, sentAt: performance.now() });
      if (waiting) waiting.isPosted = true;
    } catch {
      this.#takeRequest(id)?.reject(
        invalidOptions("the options hold what cannot go to the worker"),
      );
    }
  }

  #onMessage(message: ToPage): void {
    this.#missedPongs = 0;
    this.#isLockFree = false;
    switch (message.type) {
      case "ready": {
        const unheard = this.#queued ?? [];
        this.#queued = undefined;
        for (const message of unheard) this.#post(message);
        return this.#watchWorkerLock(message.lock);
      }
      case "pong":
        // It has another since a page has stolen the last one.
        if (message.lock !== this.#workerLock)
          this.#watchWorkerLock(message.lock);
        return;
      case "version-mismatch":
        return this.#end(
          workerUnavailable(
            "the worker is of another build of seam-session: close the app's other tabs, and load the page again (setWorker is given a name that keeps builds apart)",
          ),
        );
      case "detached":
        return this.#endWithCrash(PAGE_DETACHED);
      case "result":
        return this.#takeRequest(message.id)?.resolve(message.value);
      case "error":
        return this.#takeRequest(message.id)?.reject(
          fromPlainError(message.error),
        );
      case "token-request":
        return void this.#sendToken(message.id, message.client);
      case "token-required":
        return this.#tokenSources
          .get(message.client)
          ?.deref()
          ?.onTokenRequired();
      case "session":
        return this.#tokenSources
          .get(message.client)
          ?.deref()
          ?.onSession(message.session);
      case "list-update":
        return this.#lists
          .get(message.id)
          ?.list.deref()
          ?.onUpdate(message.update);
    }
  }

  async #sendToken(id: number, clientId: number): Promise<void> {
    try {
      const token = await this.#tokenSources
        .get(clientId)
        ?.deref()
        ?.nextToken();
      if (typeof token !== "string") throw new Error("it gave no string");
      this.send({ type: "token", id, token });
    } catch (error) {
      // It is an app's own, and may have with it what cannot cross.
      const { name = "Error", message = "" } = safeCause(error, TOKENS) ?? {};
      this.send({
        type: "token-error",
        id,
        error: { name, message, more: {} },
      });
    }
  }

  #takeRequest(id: number): PendingRequest | undefined {
    const waiting = this.#pendingRequests.get(id);
    waiting?.timer.stop();
    this.#pendingRequests.delete(id);
    return waiting;
  }

  /**
   * The worker holds the lock while it lives: whoever gets it knows that it does not, or that a
   * page has stolen it; so the worker is asked.
   */
  #watchWorkerLock(lock: string | undefined): void {
    this.#workerLock = lock;
    if (lock === undefined) return;
    const { signal } = this.#ended;
    const doubt = (): void => {
      if (this.endReason !== undefined || lock !== this.#workerLock) return;
      this.#isLockFree = true;
      this.#missedPongs = 1;
      this.#post({ type: "ping" });
      this.#startWatchdog();
    };
    navigator.locks?.request(lock, { signal }, doubt).catch(() => {});
  }

  /** Sets the timer after which the worker has been silent, while anything waits for it. */
  #startWatchdog(): void {
    const isAwaited =
      this.#queued || this.#pendingRequests.size > 0 || this.#missedPongs > 0;
    const pace = this.#isLockFree
      ? SUSPECTED_REPLY_MS
      : isAwaited
        ? REPLY_MS
        : this.#lists.size > 0 && !isHidden()
          ? IDLE_PING_MS
          : Infinity;
    if (this.endReason !== undefined || pace >= this.#watchdogMs) return;
    this.#watchdog.stop();
    this.#watchdogMs = pace;
    this.#watchdog.start(
      pace,
      () => {
        // A page that was frozen finds its timer due, and what came meanwhile not heard yet.
        afterPendingMessages(() => {
          this.#watchdogMs = Infinity;
          this.#onSilence();
        });
      },
      true,
    );
  }

  #onSilence(): void {
    if (this.endReason !== undefined) return;
    this.#missedPongs += 1;
    if (this.#queued) {
      // Its script may take its time on a slow network.
      if (this.#missedPongs >= 4) {
        this.#abandonWorker();
        return this.#tryNextWorker("it did not respond");
      }
    } else if (this.#missedPongs > 2) {
      const isDead = this.#isLockFree;
      this.#abandonWorker();
      return this.#endWithCrash(isDead ? WORKER_ENDED : WORKER_SILENT);
    } else if (this.#missedPongs === 1) this.#post({ type: "ping" });
    this.#startWatchdog();
  }

  /** The worker does not respond: should it ever do so again, nothing of this page is there. */
  #abandonWorker(): void {
    markWorkerHung();
    this.#post({ type: "close" });
    (this.#worker as Partial<Worker> | undefined)?.terminate?.();
  }

  #endWithCrash(message: string): void {
    const error = (outcome: Outcome): SeamWasmError =>
      new SeamWasmError({ code: "client_crashed", outcome, message });
    this.#end(error("not_sent"), () => error("unknown"));
  }

  /** Nothing more comes; `posted` gives what becomes of a call that the worker was told of. */
  #end(endReason: SeamError, posted = (): SeamError => endReason): void {
    this.endReason = endReason;
    this.#queued = undefined;
    this.#worker = this.#postToWorker = undefined;
    this.#watchdog.stop();
    this.#ended.abort();
    for (const { reject, isPosted, timer } of this.#pendingRequests.values()) {
      timer.stop();
      reject(isPosted ? posted() : endReason);
    }
    this.#pendingRequests.clear();
    for (const { list } of this.#lists.values())
      list.deref()?.onConnectionLost(endReason);
    this.#lists.clear();
  }
}

/** Runs it when the messages that have come already were heard. */
function afterPendingMessages(run: () => void): void {
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
