import { type SeamError, SeamSignedOutError } from "../../core/errors.js";
import { noToken } from "../../token/no-token.js";
import type { ClientSessionTokenFunction } from "../../core/options.js";
import { errors } from "../../core/error-factory.js";
import { Timer } from "../../core/time.js";

/** So many milliseconds after it failed the function is not called again. */
const PAUSE = 1_000;

/** The first token of a client that is given them by a function; the worker renews it. */
export class FirstToken {
  readonly #ask: ClientSessionTokenFunction;
  readonly #timeout: number;
  #got: Promise<void> | undefined;
  /** When it failed, on a clock that nobody can set. */
  #failedAt: number | undefined;
  /** Whether there is a token. */
  #isThere = false;
  /** What the function threw when it was last called for the worker. */
  #failure: unknown;
  /** The function has ended the session: it is not called again. */
  #signedOut: SeamSignedOutError | undefined;
  /** Another one for each token that was given by hand. */
  #given = 0;

  constructor(ask: ClientSessionTokenFunction, timeout = 30_000) {
    this.#ask = ask;
    this.#timeout = timeout;
  }

  /**
   * Calls the function, once for all who wait, and hands what it gives to `take`, which may have to
   * wait for the server; when there is a token, nothing: what waits even a moment might go as the
   * user whose token comes meanwhile.
   *
   * @throws {SeamHttpInvalidTokenError} It failed, or was too slow.
   * @throws {SeamSignedOutError} It has ended the session.
   */
  get(
    take: (token: string) => Promise<void> | undefined,
  ): Promise<void> | undefined {
    if (this.#signedOut) return Promise.reject(this.#signedOut);
    if (this.#isThere) return undefined;
    const failedAt = this.#failedAt ?? Infinity;
    if (this.#got && performance.now() - failedAt <= PAUSE) return this.#got;
    this.#failedAt = undefined;
    const got: Promise<void> = limited(this.#ask, this.#timeout)
      .then(async (token) => {
        if (this.#got !== got) return;
        const taking = take(given(token));
        if (taking !== undefined) await taking;
        if (this.#got === got) this.#isThere = true;
      })
      .catch((error: unknown) => {
        if (this.#got !== got) return;
        if (error instanceof SeamSignedOutError) throw this.#end(error);
        this.#failedAt = performance.now();
        const why = errors.safeCause(error)?.message ?? "";
        throw noToken(errors, error, "not_sent", why);
      })
      .then(() => {
        // Another was given by hand meanwhile, or another one is needed.
        if (this.#got !== got) return this.get(take);
      });
    return (this.#got = got);
  }

  /** Calls the function for another one. */
  async next(): Promise<string> {
    if (this.#signedOut) throw this.#signedOut;
    const nth = this.#given;
    // Nothing of this is for it to see.
    const ask = this.#ask;
    try {
      return given(await ask());
    } catch (error) {
      this.#failure = error;
      const isOver = error instanceof SeamSignedOutError;
      throw isOver && nth === this.#given ? this.#end(error) : error;
    }
  }

  /** What the function threw is for its own page, and does not cross: it is put back here. */
  explained(error: unknown): unknown {
    const { code, cause } = Object(error) as SeamError;
    const failure = this.#failure;
    const isIts =
      code === "no_token" &&
      failure !== undefined &&
      errors.safeCause(failure)?.message ===
        (cause as Error | undefined)?.message;
    return isIts ? Object.assign(error as object, { cause: failure }) : error;
  }

  /** There is a token, which did not come from here. */
  given(): void {
    this.#given += 1;
    this.#failedAt = this.#signedOut = this.#got = undefined;
    this.#isThere = true;
  }

  /** There is none any more. */
  forget(): void {
    this.#got = undefined;
    this.#isThere = false;
  }

  #end(error: SeamSignedOutError): SeamSignedOutError {
    return (this.#signedOut = errors.withOutcome(
      error,
      "not_sent",
    ) as SeamSignedOutError);
  }
}

/** What the function gives to say that the session has ended is `null`. */
function given(token: string | null): string {
  if (token === null) throw new SeamSignedOutError();
  return token;
}

async function limited(
  ask: ClientSessionTokenFunction,
  ms: number,
): Promise<string | null> {
  const timer = new Timer();
  const late = new Promise<never>((_, reject) => {
    timer.start(ms, () => reject(new Error("it took too long")));
  });
  try {
    return (await Promise.race([ask(), late])) as string;
  } finally {
    timer.stop();
  }
}
