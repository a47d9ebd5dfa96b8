import type { Outcome, SeamError } from "../../core/errors.js";
import { SeamHttpNetworkError, SeamWasmError } from "../../core/errors.js";
import { invalidOptions } from "../../core/error-factory.js";
import { safeCause, TOKENS } from "../../core/redact.js";
import type { TokenRequest } from "../../core/options.js";
import type { SessionEndReason, SessionInfo } from "../../core/session-info.js";
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

/** The name of this build of the package (pkg/build.mjs). */
declare const BUILD: string;

const WORKER_ENDED =
  "the worker has ended, and the token with it: create a new client";
const WORKER_SILENT = "the worker does not respond: create a new client";
const PAGE_DETACHED =
  "the page was away for so long that the worker has let go of its token: create a new client";

/**
 * The milliseconds without a message after which the worker is pinged. After twice this time it is
 * abandoned.
 */
const REPLY_MS = 2_500;
/**
 * As `REPLY_MS`, when the worker's lock is free: the worker has probably ended, or a page has
 * stolen the lock.
 */
const SUSPECTED_REPLY_MS = 1_000;
/** As `REPLY_MS`, while only lists are open. */
const IDLE_PING_MS = 30_000;

/** A request that waits for its result. */
interface PendingRequest {
  resolve(value: unknown): void;
  reject(error: unknown): void;
  /** Whether the request was posted to the worker. */
  isPosted: boolean;
  timer: Timer;
}

/** Receives the updates of a list that is kept in the worker. */
export interface ListSink {
  onUpdate(update: ListUpdate): void;
  /** The connection has ended. */
  onConnectionLost(reason: unknown): void;
}

/** Receives the worker's messages about a client with a token function. */
export interface TokenSource {
  /** Calls the token function. Returns `undefined` if the client has none. */
  nextToken(reason: TokenRequest["reason"]): Promise<string> | undefined;
  /** The worker's client has another token of the same user; or its session has ended. */
  onSession(session: SessionInfo | SessionEndReason): void;
  /** A token is needed, because the last one was another user's. */
  onTokenRequired(): void;
}

let current: Connection | undefined;

/** Returns the page's one connection, which is made with the first client. */
export function connection(): Connection {
  if (current === undefined || current.endReason !== undefined) {
    current = new Connection();
  }
  return current;
}

/** The page's end of the connection to a worker. */
export class Connection {
  readonly #candidates = candidateWorkers();
  readonly #pendingRequests = new Map<number, PendingRequest>();
  // Weak references, so that abandoned clients are collected.
  readonly #lists = new Map<
    number,
    { client: number; list: WeakRef<ListSink> }
  >();
  readonly #tokenSources = new Map<number, WeakRef<TokenSource>>();
  /** Aborts when the connection ends: removes its listeners and releases its lock. */
  readonly #ended = new AbortController();
  #worker: SeamWorker | undefined;
  #postToWorker: ((message: ToWorker) => void) | undefined;
  /** The number of workers that were tried. */
  #workersTried = 0;
  /** The Content-Security-Policy directive that blocked a worker. */
  #violatedDirective: string | undefined;
  /**
   * Messages that wait until a worker of this build has responded. Tokens and actions among them
   * must reach one worker only.
   */
  #queued: ToWorker[] | undefined = [];
  #lastId = 0;

  /** The name of the lock that the worker holds while it lives, once the worker has sent it. */
  #workerLock: string | undefined;
  #isFrozen = false;

  /** The number of consecutive periods without a message. */
  #missedPongs = 0;
  #isLockFree = false;
  readonly #watchdog = new Timer();
  /** The current interval of the watchdog, in milliseconds. */
  #watchdogMs = Infinity;

  /** Why the connection has ended. */
  endReason: SeamError | undefined;

  constructor() {
    const { signal } = this.#ended;
    this.#tryNextWorker();
    const sendPageState = (): void => {
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
      // Not by the listener's `signal` option: jsdom does not accept Node's signal.
      signal.addEventListener("abort", () =>
        target?.removeEventListener?.(name, listener),
      );
    };
    listen(globalThis.document, "visibilitychange", sendPageState);
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
    on("online", sendPageState);
    on("offline", sendPageState);
    // Without locks, the worker learns of a closed page only by this message.
    on("pagehide", ({ persisted }) => {
      this.#isFrozen = persisted;
      this.send({ type: persisted ? "frozen" : "close" });
    });
    // WebKit takes the locks of a frozen page, and cancels its requests for locks.
    on("pageshow", ({ persisted }) => {
      if (!persisted) return;
      this.#isFrozen = false;
      this.#holdLock();
      this.#watchWorkerLock(this.#workerLock);
    });
    this.#holdLock();
  }

  /** Holds a lock until the page or the connection ends. */
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
      // Another page has stolen the lock. A frozen page requests a new one when it is back.
      if (isHeld && !this.#isFrozen) this.#holdLock();
    });
  }

  /** Returns an id for a client, a call or a list. */
  nextId(): number {
    return (this.#lastId += 1);
  }

  send(message: ToWorker): void {
    if (this.endReason !== undefined) return;
    if (this.#queued === undefined) return this.#post(message);
    this.#queued.push(message);
  }

  /** Sends a message and waits for the result of `id`, for at most `limit` milliseconds. */
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
            message: "the worker did not respond in time",
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

  /** Stops waiting for the result of `id`. Returns whether the request was posted. */
  cancelRequest(id: number): boolean {
    this.#unqueue(id);
    return this.#takeRequest(id)?.isPosted === true;
  }

  /** Removes a call that was not posted yet. */
  #unqueue(id: number): void {
    this.#queued = this.#queued?.filter(
      (it) => it.type !== "call" || it.id !== id,
    );
  }

  /** Registers a client with a token function. */
  addTokenSource(clientId: number, it: TokenSource): void {
    this.#tokenSources.set(clientId, new WeakRef(it));
  }

  /** Registers a list, which receives the updates of `id`. */
  addList(clientId: number, id: number, list: ListSink): void {
    this.#lists.set(id, { client: clientId, list: new WeakRef(list) });
    if (this.endReason !== undefined) list.onConnectionLost(this.endReason);
    this.#startWatchdog();
  }

  /** Closes a list. */
  removeList(id: number): void {
    this.#lists.delete(id);
    this.send({ type: "unwatch", id });
  }

  /** Closes an abandoned client and its lists. */
  releaseClient(clientId: number): void {
    this.#tokenSources.delete(clientId);
    for (const [id, it] of this.#lists) {
      if (it.client === clientId) this.#lists.delete(id);
    }
    this.send({ type: "close-client", client: clientId });
  }

  /** Tries the next worker, which gets the queued messages. */
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
        // Too late: another worker has been found meanwhile, or the search has ended.
        return void (worker as Worker | undefined)?.terminate?.();
      }
      if (worker) this.#tryWorker(worker);
      else this.#tryNextWorker(cause);
    };
    // An error of loading this chunk adds nothing to `cause`.
    void value.catch(() => {}).then(made);
  }

  /** Ends the connection, because no worker could be started. */
  #failToStart(cause: unknown): void {
    const message = `the worker did not start: ${startFailureHint(cause, this.#violatedDirective)}`;
    this.#end(workerUnavailable(message, cause));
  }

  /** Sends the handshake to a worker, which may not have started yet. */
  #tryWorker(worker: SeamWorker): void {
    this.#worker = worker;
    const port = "port" in worker ? worker.port : worker;
    // Each of the three kinds is an EventTarget.
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

  /**
   * Posts a message to the current worker. If the message cannot be cloned, only its own request
   * fails.
   */
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
        // The worker has another lock since a page has stolen the last one.
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
        return void this.#sendToken(message);
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

  async #sendToken({
    id,
    client,
    reason,
  }: Extract<ToPage, { type: "token-request" }>): Promise<void> {
    try {
      const token = await this.#tokenSources
        .get(client)
        ?.deref()
        ?.nextToken(reason);
      if (typeof token !== "string") throw new Error("it gave no string");
      this.send({ type: "token", id, token });
    } catch (error) {
      // The app's own error may have members that cannot be cloned.
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
   * Waits for the lock that the worker holds while it lives. If it becomes free, the worker has
   * ended or a page has stolen it; so the worker is pinged.
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

  /** Starts the watchdog while anything is awaited from the worker. */
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
        // When a frozen page wakes up, its timer is due before pending messages are delivered.
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
      // The script may load slowly.
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

  /**
   * Abandons a worker that does not respond. Closes everything of this page in it, in case it
   * responds later.
   */
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

  /** Ends the connection; `posted` creates the error of calls that were posted. */
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

/** Runs `run` after pending messages have been delivered. */
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
