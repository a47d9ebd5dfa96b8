import { type SeamError, SeamSignedOutError } from "../../core/errors.js";
import { noToken } from "../../token/no-token.js";
import type {
  ClientSessionTokenFunction,
  TokenRequest,
} from "../../core/options.js";
import { errorFactory } from "../../core/error-factory.js";
import { Timer } from "../../core/time.js";

/** The pause after a failure before the function is called again, in milliseconds. */
const RETRY_MS = 1_000;

/**
 * A client's token function: it returns the first token and, when the worker asks, the next ones.
 */
export class TokenFunction {
  readonly #call: ClientSessionTokenFunction;
  readonly #timeoutMs: number;
  #pending: Promise<void> | undefined;
  /** The time of the last failure, on the monotonic clock. */
  #failedAt: number | undefined;
  /** Whether there is a token, and whether the worker has required another one. */
  #hasToken = false;
  #wasReplaced = false;
  /** What the function threw when it was last called for the worker. */
  #lastError: unknown;
  /** The function has ended the session and is not called again. */
  #signedOut: SeamSignedOutError | undefined;
  /** Aborts the current call of the function. */
  #controller: AbortController | undefined;
  /** The number of tokens that were set by hand. */
  #tokensSetByHand = 0;

  constructor(ask: ClientSessionTokenFunction, timeout = 30_000) {
    this.#call = ask;
    this.#timeoutMs = timeout;
  }

  /**
   * Calls the function, once for all concurrent callers, and passes its token to `take`, which may
   * have to wait for the server. Returns `undefined` if there is a token: a call that waited even a
   * moment might be sent as the user of a token that is set meanwhile.
   *
   * @throws {SeamHttpInvalidTokenError} The function failed or timed out.
   * @throws {SeamSignedOutError} The function has ended the session.
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
    const reason = this.#wasReplaced ? "rejected" : "initial";
    const pending: Promise<void> = this.#callWithTimeout(reason)
      .then(async (token) => {
        if (this.#pending !== pending) return;
        const taking = take(requireToken(token));
        if (taking !== undefined) await taking;
        if (this.#pending === pending) this.#hasToken = true;
      })
      .catch((error: unknown) => {
        if (this.#pending !== pending) return;
        if (error instanceof SeamSignedOutError) throw this.#signOut(error);
        this.#failedAt = performance.now();
        const why = errorFactory.safeCause(error)?.message ?? "";
        throw noToken(errorFactory, error, "not_sent", why);
      })
      .then(() => {
        // A token was set by hand meanwhile, or another one is needed.
        if (this.#pending !== pending) return this.ensureToken(take);
      });
    return (this.#pending = pending);
  }

  /** Calls the function for the next token. */
  async nextToken(reason: TokenRequest["reason"]): Promise<string> {
    if (this.#signedOut) throw this.#signedOut;
    const nth = this.#tokensSetByHand;
    // Called without `this`.
    const ask = this.#call;
    const { signal } = (this.#controller = new AbortController());
    try {
      return requireToken(await ask({ signal, reason }));
    } catch (error) {
      this.#lastError = error;
      const isOver = error instanceof SeamSignedOutError;
      throw isOver && nth === this.#tokensSetByHand
        ? this.#signOut(error)
        : error;
    }
  }

  /**
   * What the function threw stays in its page: it is restored as the cause of the error from the
   * worker.
   */
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

  /** A token was set by hand. */
  onTokenSet(): void {
    this.#controller?.abort();
    this.#tokensSetByHand += 1;
    this.#failedAt = this.#signedOut = this.#pending = undefined;
    this.#hasToken = true;
  }

  /** The worker needs another token. */
  onTokenRequired(): void {
    this.#pending = undefined;
    this.#wasReplaced = true;
    this.#hasToken = false;
  }

  /** The client was closed: the function is not called again. */
  close(reason: SeamError): void {
    this.#controller?.abort();
    // A function that ignores the signal may still return a token.
    this.#pending = undefined;
    this.#signedOut = reason as SeamSignedOutError;
  }

  async #callWithTimeout(
    reason: TokenRequest["reason"],
  ): Promise<string | null> {
    const ask = this.#call;
    const timer = new Timer();
    const controller = (this.#controller = new AbortController());
    const late = new Promise<never>((_, reject) => {
      timer.start(this.#timeoutMs, () => {
        reject(new Error("it took too long"));
        controller.abort();
      });
    });
    try {
      const { signal } = controller;
      return await Promise.race([ask({ signal, reason }), late]);
    } finally {
      timer.stop();
    }
  }

  #signOut(error: SeamSignedOutError): SeamSignedOutError {
    return (this.#signedOut = errorFactory.withOutcome(
      error,
      "not_sent",
    ) as SeamSignedOutError);
  }
}

/** Throws if the function returned `null`, which ends the session. */
function requireToken(token: string | null): string {
  if (token === null) throw new SeamSignedOutError();
  return token;
}
