import { noToken } from "../renewal/no-token.js";
import type { ClientSessionTokenFunction } from "../options.js";
import { safeCause, TOKENS } from "../thrown.js";
import { LONGEST_TIMER } from "../timer.js";

/** So many milliseconds after it failed the function is not called again. */
const PAUSE = 1_000;

/** The first token of a client that is given them by a function; the worker renews it. */
export class FirstToken {
  readonly #ask: ClientSessionTokenFunction;
  readonly #timeout: number;
  #got: Promise<void> | undefined;
  #failedAt: number | undefined;
  /** Whether there is a token. */
  #isThere = false;

  constructor(ask: ClientSessionTokenFunction, timeout = 30_000) {
    this.#ask = ask;
    this.#timeout = timeout;
  }

  /**
   * Calls the function, once for all who wait, and hands what it gives to `take`; when there is
   * a token, nothing: what waits even a moment might go as the user whose token comes meanwhile.
   *
   * @throws {SeamHttpInvalidTokenError} It failed, or was too slow.
   */
  get(take: (token: string) => void): Promise<void> | undefined {
    if (this.#isThere) return undefined;
    const failedAt = this.#failedAt ?? Infinity;
    if (this.#got && Date.now() - failedAt <= PAUSE) return this.#got;
    this.#failedAt = undefined;
    const got: Promise<void> = limited(this.#ask, this.#timeout)
      .then((token) => {
        if (this.#got !== got) return;
        take(token);
        this.#isThere = true;
      })
      .catch((error: unknown) => {
        if (this.#got !== got) return;
        this.#failedAt = Date.now();
        throw noToken(safeCause(error, TOKENS), "not_sent");
      })
      .then(() => {
        // Another was given by hand meanwhile, or another one is needed.
        if (this.#got !== got) return this.get(take);
      });
    return (this.#got = got);
  }

  /** Calls the function for another one. */
  next(): ReturnType<ClientSessionTokenFunction> {
    // Nothing of this is for it to see.
    const ask = this.#ask;
    return ask();
  }

  /** There is a token, which did not come from here. */
  given(): void {
    this.#failedAt = undefined;
    this.#got = undefined;
    this.#isThere = true;
  }

  /** There is none any more. */
  forget(): void {
    this.#got = undefined;
    this.#isThere = false;
  }
}

async function limited(
  ask: ClientSessionTokenFunction,
  ms: number,
): Promise<string> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error("it took too long")),
      Math.min(ms, LONGEST_TIMER),
    );
  });
  try {
    return (await Promise.race([ask(), late])) as string;
  } finally {
    clearTimeout(timer);
  }
}
