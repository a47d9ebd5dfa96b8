import type { ApiClient } from "../transport/api-client.js";
import type { CallContext, Next } from "../core/contracts.js";
import type { SeamError, SeamHttpUnauthorizedError } from "../core/errors.js";
import type { ClientSessionTokenFunction } from "../core/options.js";
import { ErrorClass } from "../core/error-factory.js";
import { jitter } from "../core/time.js";
import type { Timer } from "../core/time.js";
import { noToken } from "./no-token.js";
import {
  compile,
  createRefreshRules,
  TokenAction,
  type RefreshRules,
} from "./session-rules.js";

export { compile };

const SAME_TOKEN = new Error("it gave the same token again");

/**
 * Creates the refresher of a client. `first` is the promise of a call of `ask` that was made
 * already.
 */
export async function createRefresher(
  client: ApiClient,
  ask: ClientSessionTokenFunction,
  first?: Promise<string | null>,
): Promise<TokenRefresher> {
  return new TokenRefresher(client, await compile(), ask, first);
}

/** Keeps one client authorised, by the core's rules (src/token_refresh.rs). */
export class TokenRefresher {
  readonly #client: ApiClient;
  readonly #rules: RefreshRules;
  readonly #tokenFunction: ClientSessionTokenFunction;
  #firstToken: Promise<string | null> | undefined;
  /** The number of the current token. */
  #tokenNumber = 0;
  /** Whether a call was made since the current token's expiry became known. */
  #isInUse = false;
  /** Resolves when the current request for a token has ended. */
  #pendingToken: Promise<void> | undefined;
  #settlePending = (): void => {};
  /** Changes with each request for a token and each token that is set. */
  #requestNumber = 0;
  /**
   * Why the last request failed, and the value that was thrown, which may be the app's own error.
   */
  #failureMessage: string | undefined;
  #failure: unknown;
  /** Limits the time of the current request. */
  readonly #timeoutTimer: Timer;
  readonly #refreshTimer: Timer;

  constructor(
    client: ApiClient,
    module: WebAssembly.Module,
    ask: ClientSessionTokenFunction,
    first: Promise<string | null> | undefined,
  ) {
    this.#client = client;
    this.#timeoutTimer = new client.Timer();
    this.#refreshTimer = new client.Timer();
    this.#rules = createRefreshRules(module, client.errorFactory, (fresh) => {
      // The token gets the same number again, if there is one, and counts as accepted.
      if (isSignedOut(this.#failure)) return fresh.sign_out();
      const now = performance.now();
      while (this.#tokenNumber > 0 && fresh.given(now) < this.#tokenNumber);
      const { expires_at = "" } = client.sessionCache.sessionInfo ?? {};
      fresh.taken(
        this.#tokenNumber,
        now,
        this.#wallTime,
        Date.parse(expires_at),
      );
    });
    this.#tokenFunction = ask;
    // A token that was set meanwhile takes precedence.
    this.#firstToken = client.hasToken("") ? first : undefined;
    client.interceptors.push({ onTokenReplaced: () => this.#onTokenSet() });
    if (!client.hasToken("")) this.#onTokenSet();
  }

  /** Sends a call when there is a token, and once more if the server rejected that token. */
  async intercept(call: CallContext, next: Next): Promise<unknown> {
    const { route, calledAt } = call;
    const rules = this.#rules;
    const { kind } = route;
    const { errorFactory } = this.#client;
    /** The error with which the server refused the call. */
    let rejection: unknown;
    for (;;) {
      this.#isInUse = true;
      const action = this.#nextAction();
      if (action === TokenAction.Ask || action === TokenAction.UseAndAsk)
        this.#requestToken();
      if (action === TokenAction.GiveUp) throw this.#errorFor(rejection);
      if (action === TokenAction.Ask || action === TokenAction.Wait) {
        this.#timeoutTimer.ref();
        // If the request failed, the current token may still be usable.
        await this.#pendingToken;
        continue;
      }
      // A call that was made for one user is not sent as another.
      if (
        !rules.goes(kind, call.tokenGeneration, this.#client.userGeneration)
      ) {
        throw rejection ?? errorFactory.sessionChangedError();
      }
      const token = this.#tokenNumber;
      try {
        const body = await next();
        this.#onAccepted(token);
        return body;
      } catch (error) {
        const { outcome, reason } = Object(error) as SeamHttpUnauthorizedError;
        if (reason !== "token_refused") {
          // The resend was not sent, so the call keeps the error of the first attempt: it was
          // refused.
          const isChange = (error as SeamError).code === "session_changed";
          throw rejection !== undefined && outcome === "not_sent" && !isChange
            ? rejection
            : error;
        }
        const again = rules.refused(
          token,
          kind,
          ["not_sent", "refused"].indexOf(outcome),
          rejection !== undefined,
          calledAt.monotonic,
          calledAt.wall,
          performance.now(),
          Date.now(),
          jitter(),
        );
        this.#scheduleRefresh();
        if (!again) throw error;
        rejection = error;
      }
    }
  }

  /**
   * Reports to the rules that the server has accepted a call with this token. Errors here must not
   * reach the call.
   */
  #onAccepted(token: number): void {
    try {
      if (this.#rules.taken(token, performance.now(), 0, 0))
        this.#fetchExpiry();
    } catch {
      // The next call uses a new instance.
    }
  }

  /** The wall time; 0, without reading the clock, while the token's expiry is not known. */
  get #wallTime(): number {
    return this.#client.sessionCache.sessionInfo ? Date.now() : 0;
  }

  #nextAction(): TokenAction {
    return this.#rules.need(performance.now(), this.#wallTime);
  }

  /** Calls the token function, after the rules returned an action that requires it. */
  #requestToken(): void {
    const requestNumber = (this.#requestNumber += 1);
    const fail = (error: unknown): void => {
      if (requestNumber === this.#requestNumber) this.#onFailed(error);
    };
    const late = (): void => fail(new Error("it took too long"));
    this.#timeoutTimer.start(this.#client.timeout, late, true);
    const last = this.#settlePending;
    this.#pendingToken = new Promise((resolve) => {
      this.#settlePending = () => {
        // After a trap, two requests may have been started.
        last();
        resolve();
      };
    });
    this.#takeNextToken(requestNumber).then(
      () => fail(new Error("nobody took the token")),
      fail,
    );
  }

  /** Ends the current request, if there is one. */
  #endRequest(cause?: unknown, why?: string): void {
    this.#requestNumber += 1;
    this.#failure = cause;
    this.#failureMessage = why;
    this.#timeoutTimer.stop();
    this.#settlePending();
  }

  /** Calls the token function, and makes its token the current one once its user is known. */
  async #takeNextToken(requestNumber: number): Promise<void> {
    const ask = this.#tokenFunction;
    const client = this.#client;
    const first = this.#firstToken;
    this.#firstToken = undefined;
    const token = await (first ?? ask());
    // A token that is set by hand takes precedence if the server accepts it.
    await client.tokenCheck;
    if (requestNumber !== this.#requestNumber) return;
    if (token === null) {
      throw client.errorFactory.createError(
        ErrorClass.SignedOut,
        "signed_out",
        "not_sent",
        "the user signed out",
      );
    }
    const next = client.withToken(token);
    // The user of the first token is looked up in parallel with the call.
    if (client.hasToken("") && client.userIdentityId === undefined) {
      return client.updateClientSessionToken(token);
    }
    const session = await next.sessionCache
      .fetchInfo()
      .catch((error: unknown) => {
        throw client.hasToken(token) ? SAME_TOKEN : error;
      });
    const known = await client.sessionCache.resolveInfo();
    await client.tokenCheck;
    if (requestNumber !== this.#requestNumber) return;
    // The same token again is useful only if its session was extended.
    const isLonger = session.expires_at !== known?.expires_at;
    if (client.hasToken(token) && !isLonger) throw SAME_TOKEN;
    if (client.hasToken("") || client.sessionCache.isSameUser(known, session)) {
      client.updateClientSessionToken(token, session);
    } else {
      client.replaceUser(token, session);
    }
  }

  /**
   * Handles a token that the function returned or that was set by hand. Either ends a pending
   * request.
   */
  #onTokenSet(): void {
    this.#endRequest();
    this.#tokenNumber = this.#rules.given(performance.now());
    this.#fetchExpiry();
  }

  /** Fetches the expiry of the current token. */
  #fetchExpiry(): void {
    const token = this.#tokenNumber;
    this.#client.sessionCache
      .getInfo()
      .then(
        ({ expires_at }) => {
          const now = performance.now();
          const end = Date.parse(expires_at);
          this.#rules.taken(token, now, Date.now(), end);
          this.#isInUse = false;
          this.#scheduleRefresh();
        },
        () => this.#rules.unlearned(token, performance.now(), jitter()),
      )
      .catch(() => {
        // Without an instance the expiry is not known: the server decides.
      });
  }

  #onFailed(error: unknown): void {
    const rules = this.#rules;
    const isOver = isSignedOut(error);
    const isDead = rules.failed(performance.now(), jitter()) || isOver;
    if (isOver) rules.sign_out();
    this.#endRequest(
      error,
      this.#client.errorFactory.safeCause(error)?.message ?? "",
    );
    this.#scheduleRefresh();
    if (isDead) this.#client.notifyInterceptors((it) => it.onSessionLost?.());
  }

  /**
   * Returns the error for a call that has no token to use. `rejection` is the error with which the
   * server rejected the call before, if it did.
   */
  #errorFor(rejection: unknown): unknown {
    const cause = this.#failure;
    const why = this.#failureMessage;
    if (rejection !== undefined && why === undefined) return rejection;
    const outcome = rejection === undefined ? "not_sent" : "refused";
    const { errorFactory } = this.#client;
    return isSignedOut(cause)
      ? errorFactory.withOutcome(cause, outcome)
      : noToken(errorFactory, cause, outcome, why);
  }

  /** Schedules the request for the next token, ahead of the expiry. */
  #scheduleRefresh(): void {
    this.#refreshTimer.stop();
    const ms = this.#rules.renew_in(performance.now(), this.#wallTime);
    if (ms < 0) return;
    // The timer must not keep an abandoned client alive.
    const self = new WeakRef(this);
    this.#refreshTimer.start(
      ms,
      () => {
        const it = self.deref();
        try {
          if (it) it.#onTimer();
        } catch {
          // The next call uses a new instance.
        }
      },
      true,
    );
  }

  #onTimer(): void {
    // A client that is not used refreshes with its next call.
    if (!this.#isInUse) return;
    const action = this.#nextAction();
    if (action === TokenAction.Ask || action === TokenAction.UseAndAsk)
      this.#requestToken();
    else this.#scheduleRefresh();
  }
}

/** Whether the function has ended the session; the error may be of another copy of the package. */
function isSignedOut(error: unknown): error is Error {
  try {
    return (Object(error) as SeamError).name === "SeamSignedOutError";
  } catch {
    // For example a revoked Proxy.
    return false;
  }
}
