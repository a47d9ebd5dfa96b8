import type { SeamHttpUnauthorizedError } from "../core/errors.js";
import { jitter } from "../core/time.js";
import type { ErrorFactory } from "../core/error-factory.js";
import { recoverFromTraps } from "../wasm/trap-recovery.js";
import { type ListModule, createListModule } from "./list-module.js";

/** What a failed round means (src/live/verdict.rs). */
export const enum RefetchError {
  Transient,
  OutOfScope,
  SessionEnded,
  Permanent,
}

/** The interval of a list that is asked for only when somebody wants it (src/live/poll.rs). */
export const MANUAL_INTERVAL = 2 ** 53;

let shared: ListModule | undefined;

/** The rules of the core: one copy of the module for all lists, which holds nothing of theirs. */
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

/** What a rule says when no instance can be made: no verdict, and no time left. */
const UNKNOWN = -1;

/** When a list is fetched (src/live/poll.rs), by the monotonic clock alone. */
export class RefetchScheduler {
  /** A copy of the module of its own. */
  readonly #module: ListModule;

  /** The first round is due now. */
  constructor(
    module: WebAssembly.Module,
    errorFactory: ErrorFactory,
    interval: number,
  ) {
    // One that breaks begins anew; where none can be made, it is tried again in a minute.
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

  /** Begins anew: the first round is due now. */
  reset(interval: number): void {
    this.#interval = interval;
    this.#module.poll_open(interval, performance.now());
  }

  /** The fetch that is under way is given up: one is due now, after the backoff and the server's pause. */
  restart(): void {
    this.#module.poll_restart(performance.now());
  }

  /** Milliseconds to wait; -1 to begin a round, -2 to wait for an event. */
  next(): number {
    return this.#module.poll_next(performance.now());
  }

  /** A round ended well. */
  onFetched(): void {
    this.#module.poll_done(performance.now(), jitter());
  }

  /** A round failed; the server wants to be left alone for so long. */
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

  /** Nobody can see the list, or somebody; whether there is no network, it looks itself. */
  updatePaused(isHidden: boolean): void {
    const isOffline = globalThis.navigator?.onLine === false;
    this.#module.poll_rests(isHidden, isOffline, performance.now());
  }

  stop(): void {
    this.#module.poll_stop();
  }
}

/** What the error of a round means, where the token may be renewed or not. */
export function classifyError(
  listRules: ListModule,
  error: unknown,
  isRenewed = false,
): RefetchError {
  const { name, code, statusCode, reason, type } = Object(error) as Omit<
    SeamHttpUnauthorizedError,
    "code"
  > & { code: string };
  return listRules.verdict(
    statusCode ?? 0,
    (reason === "token_refused" && !isRenewed) ||
      name === "SeamSignedOutError" ||
      code === "wrong_user",
    type !== undefined,
  );
}
