import type { TokenSession } from "../transport/api-client.js";
import type { CallContext, Interceptor, Next } from "../core/contracts.js";
import type { SeamError, SeamHttpUnauthorizedError } from "../core/errors.js";
import type { ClientSessionTokenFunction } from "../core/options.js";
import { endReasonOf, type SessionInfo } from "../core/session-info.js";
import { ErrorClass, type ErrorFactory } from "../core/error-factory.js";
import { jitter } from "../core/jitter.js";
import type { Timer } from "../core/time.js";
import { noToken } from "./no-token.js";
import {
  CallAction,
  compile,
  createSessionRules,
  RefreshStep,
  SessionOption,
  SessionStatus,
  TokenChange,
  TokenMatch,
  type Identity,
  type SessionRules,
} from "./session-rules.js";

export { compile };

/** The first call of a token function, which was made while this file was loaded. */
export interface InitialToken {
  readonly token: Promise<string | null>;
  /** Aborts it. */
  readonly controller: AbortController;
}

/** A token that may become the current one, with the session that it is of. */
export interface NextToken {
  readonly sessionCache: { fetchInfo(): Promise<SessionInfo> };
}

/** The client whose session it is; `N` is how it represents the next token. */
export interface SessionHost<N extends NextToken> {
  readonly errorFactory: ErrorFactory;
  readonly Timer: new () => Timer;
  /** The timeout of the token function, in milliseconds. */
  readonly timeout: number;
  readonly userIdentityId: string | undefined;
  readonly tokenGeneration: number;
  readonly userGeneration: number;
  readonly checkNumber: number;
  readonly tokenCheck: Promise<void> | undefined;
  readonly sessionCache: {
    readonly sessionInfo: SessionInfo | undefined;
    getInfo(): Promise<SessionInfo>;
    resolveInfo(): Promise<SessionInfo | undefined>;
  };
  tokenSession: TokenSession<N> | undefined;
  readonly onOtherUser: (() => void) | undefined;
  hasToken(token: string): boolean;
  withToken(token: unknown): N;
  endCheck(then: () => void): void;
  setToken(
    next: N,
    session: SessionInfo | undefined,
    isSameUser: boolean | undefined,
    tokenGeneration: number,
    userGeneration: number,
  ): void;
  notifyInterceptors(notify: (it: Interceptor) => void): void;
}

/**
 * Creates the session of a client. `takeFirst` returns the call of the token function that was made
 * already, once; `keepsUser` is whether the function may not change the user.
 */
export async function createClientSession<N extends NextToken>(
  client: SessionHost<N>,
  tokenFunction?: ClientSessionTokenFunction,
  takeFirst?: () => InitialToken | undefined,
  keepsUser = false,
): Promise<ClientSession<N>> {
  const module = await compile();
  return (client.tokenSession = new ClientSession<N>(
    client,
    module,
    tokenFunction,
    takeFirst,
    keepsUser,
  ));
}

/**
 * Keeps one client authorised, and changes its token. Executes what the core decides
 * (src/session.rs).
 */
export class ClientSession<N extends NextToken> implements TokenSession<N> {
  readonly #client: SessionHost<N>;
  readonly #rules: SessionRules;
  readonly #tokenFunction: ClientSessionTokenFunction | undefined;
  readonly #takeFirst: (() => InitialToken | undefined) | undefined;
  readonly #options: number;
  /** The number of the current token, of the last refresh, and of the last check that succeeded. */
  #tokenNumber: number;
  #refreshNumber = 0;
  #acceptedCheck = 0;
  /** Numbers of client sessions and user identities, by their ids. */
  readonly #numbersById = new Map<string, number>();
  /** Whether a call was made since the current token's expiry became known. */
  #isInUse = false;
  /** Resolves when the current refresh has ended. */
  #pendingRefresh: Promise<void> | undefined;
  #settlePending = (): void => {};
  /**
   * Why the last refresh failed, and the value that was thrown, which may be the app's own error.
   */
  #failureMessage: string | undefined;
  #failure: unknown;
  /** Aborts the current call of the token function. */
  #controller: AbortController | undefined;
  /** Limits the time of the current refresh. */
  readonly #timeoutTimer: Timer;
  readonly #refreshTimer: Timer;

  constructor(
    client: SessionHost<N>,
    module: WebAssembly.Module,
    tokenFunction: ClientSessionTokenFunction | undefined,
    takeFirst: (() => InitialToken | undefined) | undefined,
    keepsUser: boolean,
  ) {
    this.#client = client;
    this.#tokenFunction = tokenFunction;
    this.#takeFirst = takeFirst;
    this.#options =
      (tokenFunction ? SessionOption.Refreshes : 0) +
      (client.userIdentityId === undefined ? 0 : SessionOption.IsPinned) +
      (keepsUser ? SessionOption.KeepsUser : 0);
    this.#tokenNumber = Number(!client.hasToken(""));
    this.#timeoutTimer = new client.Timer();
    this.#refreshTimer = new client.Timer();
    this.#rules = createSessionRules(module, client.errorFactory, (fresh) => {
      this.#open(fresh);
      // The token counts as accepted.
      const { expires_at = "" } = client.sessionCache.sessionInfo ?? {};
      const end = Date.parse(expires_at);
      const now = performance.now();
      fresh.handle_token_accepted(this.#tokenNumber, now, this.#wallTime, end);
    });
    this.#open(this.#rules);
    if (this.#tokenNumber) this.#fetchExpiry();
  }

  /** Starts the rules, or brings a new instance to the state of the one that has trapped. */
  #open(rules: SessionRules): void {
    const client = this.#client;
    const now = performance.now();
    rules.open_session(
      this.#options + (client.tokenCheck ? SessionOption.IsChecking : 0),
      this.#tokenNumber,
      client.tokenGeneration,
      client.userGeneration,
      client.checkNumber,
      this.#acceptedCheck,
      this.#refreshNumber,
      now,
    );
    if (isSignedOut(this.#failure)) {
      rules.handle_refresh_failed(this.#refreshNumber, true, now, 0);
      this.#refreshNumber = rules.refresh_number();
    }
  }

  maySend(kind: number, check: number, generation: number): boolean {
    return Boolean(this.#rules.may_send(kind, check, generation));
  }

  /**
   * Asks the server about the token of `next`, and makes it the current one if the server accepts
   * it.
   */
  async changeToken(next: N, check: number): Promise<void> {
    const client = this.#client;
    const rules = this.#rules;
    const superseded = (): SeamError =>
      client.errorFactory.sessionChangedError();
    let session: SessionInfo;
    let change: TokenChange;
    try {
      rules.handle_check(check);
      let known: SessionInfo | undefined;
      [session, known] = await Promise.all([
        next.sessionCache.fetchInfo(),
        client.sessionCache.resolveInfo(),
      ]);
      change = rules.handle_check_accepted(
        check,
        ...this.#identityOf(known),
        ...this.#identityOf(session),
        performance.now(),
      );
    } catch (error) {
      let isLast = true;
      try {
        isLast = Boolean(rules.handle_check_rejected(check));
      } catch {
        // Without an instance this is the end of the check: calls wait for it.
      }
      if (!isLast) throw superseded();
      client.endCheck(() =>
        client.notifyInterceptors((it) => it.onTokenRejected?.(error)),
      );
      throw error;
    }
    if (change === TokenChange.Superseded) throw superseded();
    this.#acceptedCheck = check;
    client.endCheck(() => this.#adopt(next, session, change));
  }

  close(): void {
    this.#refreshTimer.stop();
    this.#takeFirst?.()?.controller.abort();
    const now = performance.now();
    this.#rules.handle_refresh_failed(
      this.#rules.refresh_number(),
      true,
      now,
      0,
    );
    this.#endRefresh();
  }

  /** Sends a call when there is a token, and once more if the server rejected that token. */
  async intercept(call: CallContext, next: Next): Promise<unknown> {
    const { route, calledAt, tokenGeneration } = call;
    const rules = this.#rules;
    const { kind } = route;
    const { errorFactory } = this.#client;
    /** The error with which the server refused the call. */
    let rejection: unknown;
    for (;;) {
      this.#isInUse = true;
      const now = performance.now();
      switch (rules.poll_call(kind, 0, tokenGeneration, now, this.#wallTime)) {
        case CallAction.SessionChanged:
          throw (rejection ?? errorFactory.sessionChangedError()) as unknown;
        case CallAction.Backoff:
          throw this.#errorFor(rejection);
        case CallAction.UseAndRefresh:
          this.#startRefresh();
          break;
        case CallAction.Use:
          break;
        case CallAction.Refresh:
          this.#startRefresh();
        // Continues below.
        case CallAction.AwaitRefresh:
          this.#timeoutTimer.ref();
          // If the refresh failed, the current token may still be usable.
          await this.#pendingRefresh;
          continue;
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
        const isResent = rules.handle_unauthorized(
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
        if (!isResent) throw error;
        rejection = error;
      }
    }
  }

  /** The numbers of a session and its user. */
  #identityOf(session: SessionInfo | undefined): Identity {
    const numbers = this.#numbersById;
    const numberOf = (id: string | null | undefined): number => {
      if (id == null) return 0;
      if (!numbers.has(id)) numbers.set(id, numbers.size + 1);
      return numbers.get(id) as number;
    };
    return [
      numberOf(session?.client_session_id),
      numberOf(session?.user_identity_id),
    ];
  }

  /**
   * Reports to the rules that the server has accepted a call with this token. Errors here must not
   * reach the call.
   */
  #onAccepted(token: number): void {
    try {
      if (this.#rules.handle_token_accepted(token, performance.now(), 0, 0))
        this.#fetchExpiry();
    } catch {
      // The next call uses a new instance.
    }
  }

  /** The wall time; 0, without reading the clock, while the token's expiry is not known. */
  get #wallTime(): number {
    return this.#client.sessionCache.sessionInfo ? Date.now() : 0;
  }

  /** Calls the token function, after the rules returned an action that requires it. */
  #startRefresh(): void {
    const refresh = (this.#refreshNumber = this.#rules.refresh_number());
    const late = (): void =>
      this.#onRefreshFailed(refresh, new Error("it took too long"));
    this.#timeoutTimer.start(this.#client.timeout, late, true);
    const last = this.#settlePending;
    this.#pendingRefresh = new Promise((resolve) => {
      this.#settlePending = () => {
        // After a trap, two refreshes may have been started.
        last();
        resolve();
      };
    });
    this.#refresh(refresh).catch((error: unknown) =>
      this.#onRefreshFailed(refresh, error),
    );
  }

  /** Ends the current refresh, if there is one. */
  #endRefresh(cause?: unknown, why?: string): void {
    this.#refreshNumber = this.#rules.refresh_number();
    this.#failure = cause;
    this.#failureMessage = why;
    this.#timeoutTimer.stop();
    this.#controller?.abort();
    this.#settlePending();
  }

  /** Calls the token function, and makes its token the current one once its user is known. */
  async #refresh(refresh: number): Promise<void> {
    const ask = this.#tokenFunction as ClientSessionTokenFunction;
    const client = this.#client;
    const rules = this.#rules;
    const first = this.#takeFirst?.();
    const controller = (this.#controller =
      first?.controller ?? new AbortController());
    const reason = (["initial", "expiring", "rejected"] as const)[
      rules.refresh_reason()
    ]!;
    const token = await (first?.token ??
      ask({ signal: controller.signal, reason }));
    if (this.#controller === controller) this.#controller = undefined;
    let next: N | undefined;
    let session: SessionInfo | undefined;
    let known: SessionInfo | undefined;
    for (;;) {
      const isInUse = client.hasToken(token as string);
      const isLonger = session?.expires_at !== known?.expires_at;
      const identities = [
        ...this.#identityOf(known),
        ...this.#identityOf(session),
      ] as const;
      const step = rules.poll_refresh(
        refresh,
        ...identities,
        !isInUse
          ? TokenMatch.Other
          : isLonger
            ? TokenMatch.Extended
            : TokenMatch.Same,
      );
      switch (step) {
        case RefreshStep.Ignore:
          return;
        case RefreshStep.AwaitCheck:
          await client.tokenCheck;
          continue;
        case RefreshStep.SameToken:
          throw new Error("it gave the same token again");
        case RefreshStep.OtherUser:
          client.onOtherUser?.();
          throw new Error("nobody took the token");
        case RefreshStep.Adopt:
        case RefreshStep.Identify:
      }
      next ??= this.#clientWith(token);
      if (step === RefreshStep.Adopt) {
        const change = rules.handle_token(...identities, performance.now());
        return this.#adopt(next, session, change);
      }
      session = await next.sessionCache.fetchInfo().catch((error: unknown) => {
        throw isInUse ? new Error("it gave the same token again") : error;
      });
      known = await client.sessionCache.resolveInfo();
    }
  }

  /** Returns a client with a token that the function has returned. */
  #clientWith(token: string | null): N {
    const client = this.#client;
    if (token !== null) return client.withToken(token);
    throw client.errorFactory.createError(
      ErrorClass.SignedOut,
      "signed_out",
      "not_sent",
      "the user signed out",
    );
  }

  /** Makes the token of `next` the current one, after the rules have. Ends a refresh. */
  #adopt(next: N, session: SessionInfo | undefined, change: TokenChange): void {
    const rules = this.#rules;
    this.#takeFirst?.()?.controller.abort();
    this.#tokenNumber = rules.token_number();
    this.#endRefresh();
    this.#client.setToken(
      next,
      session,
      session && change === TokenChange.SameUser,
      rules.token_generation(),
      rules.user_generation(),
    );
    this.#fetchExpiry();
  }

  /** Fetches the expiry of the current token, if it is refreshed. */
  #fetchExpiry(): void {
    if (!this.#tokenFunction) return;
    const token = this.#tokenNumber;
    this.#client.sessionCache
      .getInfo()
      .then(
        ({ expires_at }) => {
          const now = performance.now();
          const end = Date.parse(expires_at);
          this.#rules.handle_token_accepted(token, now, Date.now(), end);
          this.#isInUse = false;
          this.#scheduleRefresh();
        },
        () =>
          this.#rules.handle_expiry_unknown(token, performance.now(), jitter()),
      )
      .catch(() => {
        // Without an instance the expiry is not known: the server decides.
      });
  }

  #onRefreshFailed(refresh: number, error: unknown): void {
    const { errorFactory } = this.#client;
    const status = this.#rules.handle_refresh_failed(
      refresh,
      isSignedOut(error),
      performance.now(),
      jitter(),
    );
    if (status === SessionStatus.Unchanged) return;
    this.#endRefresh(error, errorFactory.safeCause(error)?.message ?? "");
    this.#scheduleRefresh();
    if (status !== SessionStatus.Lost) return;
    const reason = isSignedOut(error)
      ? "signed_out"
      : endReasonOf(this.#client.sessionCache.sessionInfo);
    this.#client.notifyInterceptors((it) => it.onSessionLost?.(reason));
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

  /** Schedules the next refresh, ahead of the expiry. */
  #scheduleRefresh(): void {
    this.#refreshTimer.stop();
    const ms = this.#rules.poll_timer(performance.now(), this.#wallTime);
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
    const action = this.#rules.poll_token(performance.now(), this.#wallTime);
    if (action === CallAction.Refresh || action === CallAction.UseAndRefresh)
      this.#startRefresh();
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
