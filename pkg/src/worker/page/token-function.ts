import { type SeamError, SeamSignedOutError } from "../../core/errors.js";
import { noToken } from "../../token/no-token.js";
import type { ClientSessionTokenFunction } from "../../core/options.js";
import { errorFactory } from "../../core/error-factory.js";
import { Timer } from "../../core/time.js";

/** So many milliseconds after it failed the function is not called again. */
const RETRY_MS = 1_000;

/** The first token of a client that is given them by a function; the worker renews it. */
export class TokenFunction {
  readonly #call: ClientSessionTokenFunction;
  readonly #timeoutMs: number;
  #pending: Promise<void> | undefined;
  /** When it failed, on a clock that nobody can set. */
  #failedAt: number | undefined;
  /** Whether there is a token. */
  #hasToken = false;
  /** What the function threw when it was last called for the worker. */
  #lastError: unknown;
  /** The function has ended the session: it is not called again. */
  #signedOut: SeamSignedOutError | undefined;
  /** Another one for each token that was given by hand. */
  #tokensSetByHand = 0;

  constructor(ask: ClientSessionTokenFunction, timeout = 30_000) {
    this.#call = ask;
    this.#timeoutMs = timeout;
  }

  /**
   * Calls the function, once for all who wait, and hands what it gives to `take`, which may have to
   * wait for the server; when there is a token, nothing: what waits even a moment might go as the
   * user whose token comes meanwhile.
   *
   * @throws {SeamHttpInvalidTokenError} It failed, or was too slow.
   * @throws {SeamSignedOutError} It has ended the session.
   */
  ensureToken(
    take: (token: string) => Promise<void> | undefined,
  ): Promise<void> | undefined {
    if (this.#signedOut) return Promise.reject(this.#signedOut);
    if (this.#hasToken) return undefined;
    const failedAt = this.#failedAt ?? Infinity;
    if (this.#pending && performance.now() - failedAt <= RETRY_MS)
      return this.#pending;
    this.#failedAt = undefined;
    const got: Promise<void> = callWithTimeout(this.#call, this.#timeoutMs)
      .then(async (token) => {
        if (this.#pending !== got) return;
        const taking = take(requireToken(token));
        if (taking !== undefined) await taking;
        if (this.#pending === got) this.#hasToken = true;
      })
      .catch((error: unknown) => {
        if (this.#pending !== got) return;
        if (error instanceof SeamSignedOutError) throw this.#signOut(error);
        this.#failedAt = performance.now();
        const why = errorFactory.safeCause(error)?.message ?? "";
        throw noToken(errorFactory, error, "not_sent", why);
      })
      .then(() => {
        // Another was given by hand meanwhile, or another one is needed.
        if (this.#pending !== got) return this.ensureToken(take);
      });
    return (this.#pending = got);
  }

  /** Calls the function for another one. */
  async nextToken(): Promise<string> {
    if (this.#signedOut) throw this.#signedOut;
    const nth = this.#tokensSetByHand;
    // Nothing of this is for it to see.
    const ask = this.#call;
    try {
      return requireToken(await ask());
    } catch (error) {
      this.#lastError = error;
      const isOver = error instanceof SeamSignedOutError;
      throw isOver && nth === this.#tokensSetByHand
        ? this.#signOut(error)
        : error;
    }
  }

  /** What the function threw is for its own page, and does not cross: it is put back here. */
  restoreCause(error: unknown): unknown {
    const { code, cause } = Object(error) as SeamError;
    const failure = this.#lastError;
    const isIts =
      code === "no_token" &&
      failure !== undefined &&
      errorFactory.safeCause(failure)?.message ===
        (cause as Error | undefined)?.message;
    return isIts ? Object.assign(error as object, { cause: failure }) : error;
  }

  /** There is a token, which did not come from here. */
  onTokenSet(): void {
    this.#tokensSetByHand += 1;
    this.#failedAt = this.#signedOut = this.#pending = undefined;
    this.#hasToken = true;
  }

  /** There is none any more. */
  onTokenRequired(): void {
    this.#pending = undefined;
    this.#hasToken = false;
  }

  #signOut(error: SeamSignedOutError): SeamSignedOutError {
    return (this.#signedOut = errorFactory.withOutcome(
      error,
      "not_sent",
    ) as SeamSignedOutError);
  }
}

/** What the function gives to say that the session has ended is `null`. */
function requireToken(token: string | null): string {
  if (token === null) throw new SeamSignedOutError();
  return token;
}

async function callWithTimeout(
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
