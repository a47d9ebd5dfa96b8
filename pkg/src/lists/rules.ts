import type { SeamHttpUnauthorizedError } from "../core/errors.js";
import { jitter } from "../core/time.js";
import type { ErrorFactory } from "../core/error-factory.js";
import { recoverFromTraps } from "../wasm/trap-recovery.js";
import { type ListModule, createListModule } from "./list-module.js";

/** What a failed fetch means (src/lists/refetch_error.rs). */
export const enum RefetchError {
  Transient,
  OutOfScope,
  SessionEnded,
  Permanent,
}

/** The interval of a list that is fetched only on demand (src/lists/scheduler.rs). */
export const MANUAL_INTERVAL = 2 ** 53;

let shared: ListModule | undefined;

/** Returns the rules of the core: one instance for all lists, which holds no data of theirs. */
export function getRules(
  module: WebAssembly.Module,
  errorFactory: ErrorFactory,
): ListModule {
  return (shared ??= recoverFromTraps(
    errorFactory,
    () => createListModule(module),
    (_, retry) => {
      try {
        return retry(() => {});
      } catch {
        shared = undefined;
        return UNKNOWN;
      }
    },
  ));
}

/** The result of a rule when no instance can be made: no classification, and no time left. */
const UNKNOWN = -1;

/** Schedules the fetches of a list (src/lists/scheduler.rs), by the monotonic clock alone. */
export class RefetchScheduler {
  /** An instance of its own. */
  readonly #module: ListModule;

  /** The first fetch is due now. */
  constructor(
    module: WebAssembly.Module,
    errorFactory: ErrorFactory,
    interval: number,
  ) {
    // After a trap the schedule starts again; if no instance can be made, after a minute.
    this.#module = recoverFromTraps(
      errorFactory,
      () => createListModule(module),
      (_, retry) => {
        try {
          return retry((fresh) =>
            fresh.poll_open(this.#interval, performance.now()),
          );
        } catch {
          return 60_000;
        }
      },
    );
    this.reset(interval);
  }
  #interval!: number;

  /** Starts again: the first fetch is due now. */
  reset(interval: number): void {
    this.#interval = interval;
    this.#module.poll_open(interval, performance.now());
  }

  /**
   * The current fetch was aborted: the next one is due now, after the backoff and a `Retry-After`
   * delay.
   */
  restart(): void {
    this.#module.poll_restart(performance.now());
  }

  /** Returns the milliseconds to wait; -1 to fetch now, -2 to wait for an event. */
  next(): number {
    return this.#module.poll_next(performance.now());
  }

  /** The fetch succeeded. */
  onFetched(): void {
    this.#module.poll_done(performance.now(), jitter());
  }

  /** The fetch failed; `retryAfter` is how long the server asked to wait, in milliseconds. */
  onFetchFailed(retryAfter: number): void {
    this.#module.poll_failed(performance.now(), retryAfter, jitter());
  }

  requestFetch(): void {
    this.#module.poll_refresh();
  }

  set interval(interval: number) {
    this.#interval = interval;
    this.#module.poll_interval(interval, performance.now());
  }

  /** Pauses or resumes polling. Reads by itself whether the network is offline. */
  updatePaused(isHidden: boolean): void {
    const isOffline = globalThis.navigator?.onLine === false;
    this.#module.poll_rests(isHidden, isOffline, performance.now());
  }

  stop(): void {
    this.#module.poll_stop();
  }
}

/** Classifies the error of a fetch; `hasTokenFunction` says whether the client has a token function. */
export function classifyError(
  listRules: ListModule,
  error: unknown,
  hasTokenFunction = false,
): RefetchError {
  const { name, code, statusCode, reason, type } = Object(error) as Omit<
    SeamHttpUnauthorizedError,
    "code"
  > & { code: string };
  return listRules.verdict(
    statusCode ?? 0,
    (reason === "token_refused" && !hasTokenFunction) ||
      name === "SeamSignedOutError" ||
      code === "wrong_user",
    type !== undefined,
  );
}
