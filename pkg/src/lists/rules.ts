import type { SeamHttpUnauthorizedError } from "../core/errors.js";
import { jitter } from "../core/time.js";
import type { Errors } from "../core/error-factory.js";
import { guarded } from "../wasm/trap-recovery.js";
import { type Live, makeLive } from "./list-module.js";

/** What a failed round means (src/live/verdict.rs). */
export const enum Verdict {
  Stale,
  Gone,
  Over,
  Hopeless,
}

/** The interval of a list that is asked for only when somebody wants it (src/live/poll.rs). */
export const NEVER = 2 ** 53;

let copy: Live | undefined;

/** The rules of the core: one copy of the module for all lists, which holds nothing of theirs. */
export function rules(module: WebAssembly.Module, errors: Errors): Live {
  return (copy ??= guarded(
    errors,
    () => makeLive(module),
    (_, retry) => {
      try {
        return retry(() => {});
      } catch {
        copy = undefined;
        return UNKNOWN;
      }
    },
  ));
}

/** What a rule says when no instance can be made: no verdict, and no time left. */
const UNKNOWN = -1;

/** When a list is fetched (src/live/poll.rs), by the monotonic clock alone. */
export class Poll {
  /** A copy of the module of its own. */
  readonly #live: Live;

  /** The first round is due now. */
  constructor(module: WebAssembly.Module, errors: Errors, interval: number) {
    // One that breaks begins anew; where none can be made, it is tried again in a minute.
    this.#live = guarded(
      errors,
      () => makeLive(module),
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
    this.open(interval);
  }
  #interval!: number;

  /** Begins anew: the first round is due now. */
  open(interval: number): void {
    this.#interval = interval;
    this.#live.poll_open(interval, performance.now());
  }

  /** The fetch that is under way is given up: one is due now, after the backoff and the server's pause. */
  restart(): void {
    this.#live.poll_restart(performance.now());
  }

  /** Milliseconds to wait; -1 to begin a round, -2 to wait for an event. */
  next(): number {
    return this.#live.poll_next(performance.now());
  }

  /** A round ended well. */
  done(): void {
    this.#live.poll_done(performance.now(), jitter());
  }

  /** A round failed; the server wants to be left alone for so long. */
  failed(retryAfter: number): void {
    this.#live.poll_failed(performance.now(), retryAfter, jitter());
  }

  refresh(): void {
    this.#live.poll_refresh();
  }

  set interval(interval: number) {
    this.#interval = interval;
    this.#live.poll_interval(interval, performance.now());
  }

  /** Nobody can see the list, or somebody; whether there is no network, it looks itself. */
  rests(isHidden: boolean): void {
    const isOffline = globalThis.navigator?.onLine === false;
    this.#live.poll_rests(isHidden, isOffline, performance.now());
  }

  stop(): void {
    this.#live.poll_stop();
  }
}

/** What the error of a round means, where the token may be renewed or not. */
export function verdict(
  rules: Live,
  error: unknown,
  isRenewed = false,
): Verdict {
  const { name, code, statusCode, reason, type } = Object(error) as Omit<
    SeamHttpUnauthorizedError,
    "code"
  > & { code: string };
  return rules.verdict(
    statusCode ?? 0,
    (reason === "token_refused" && !isRenewed) ||
      name === "SeamSignedOutError" ||
      code === "wrong_user",
    type !== undefined,
  );
}
