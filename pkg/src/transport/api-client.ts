import {
  checkCredential,
  endpointOf,
  type Credential,
} from "../core/credential.js";
import { SeamError } from "../core/errors.js";
import { READS } from "../generated/routes.js";
import { requireGlobals } from "../core/globals.js";
import { FetchIo } from "./fetch-io.js";
import { invalidOptions, errorFactory } from "../core/error-factory.js";
import { safeCause } from "../core/redact.js";
import { toError } from "./core-error.js";
import {
  USER_GENERATION,
  type Logger,
  type RequestOptions,
  type SeamOptions,
  type WaitForActionAttempt,
} from "../core/options.js";
import type {
  CalledAt,
  Interceptor,
  ReadBody,
  Next,
} from "../core/contracts.js";
import type { Route } from "../core/route.js";
import { SESSION_ROUTE, type SessionInfo } from "../core/session-info.js";
import type { Backend } from "./backend.js";
import { SessionCache } from "./session.js";
import { log } from "../core/log.js";
import { onAborted } from "../core/signal.js";
import { Timer } from "../core/time.js";
import { getInstance, type Instance } from "../wasm/instance.js";

/** Changes a client's token, by the core's rules (src/session.rs). Loaded when it is first needed. */
export interface TokenSession<N = ApiClient> {
  /** Whether a call may be sent with the current token (`CallOrigin` of src/session.rs). */
  maySend(kind: number, check: number, generation: number): boolean;
  /** See {@link ApiClient.changeToken}. */
  changeToken(next: N, check: number): Promise<void>;
  /** Stops its timers, and the token function. */
  close(): void;
}

/** Makes calls through the wasm module, with one credential, to one endpoint. */
export class ApiClient implements Backend {
  readonly #options: SeamOptions;
  #credential: Credential;
  // Missing where there is no AbortController; the error of a call names it.
  readonly #closing =
    globalThis.AbortController && new globalThis.AbortController();

  /** Counts token changes; a call carries the count at which it was made. */
  tokenGeneration = 0;
  /** The `tokenGeneration` at which the current user's first token was set. */
  userGeneration = 0;

  /** The URL of the API. */
  readonly endpoint: string;
  /** The timeout of one attempt, in milliseconds. */
  readonly timeout: number;
  /** The user identity that every token must belong to, if the options name one. */
  readonly userIdentityId: string | undefined;

  /** The first interceptor is the innermost: token refresh, if there is any. */
  readonly interceptors: Interceptor[] = [];

  /**
   * For the files that are loaded later. They may load under fake timers, while the entry was
   * loaded with the real ones.
   */
  readonly errorFactory = errorFactory;
  readonly Timer = Timer;

  /** The session of the current token. */
  readonly sessionCache: SessionCache = new SessionCache(this);

  /** Whether the client has a token function. */
  refreshesToken = false;

  /** The rules of the token, once it is refreshed or changed. */
  tokenSession: TokenSession | undefined;
  /** Loads {@link tokenSession}. */
  loadSession: (() => Promise<TokenSession>) | undefined;
  /** Called when the token function of a client that keeps its user returns another user's token. */
  onOtherUser: (() => void) | undefined;

  /** Resolves when the check of another token has ended; `undefined` if none is in progress. */
  tokenCheck: Promise<void> | undefined;
  /** The number of the last check that was started. */
  checkNumber = 0;
  #releaseHeldCalls = (): void => {};

  /** The kind of the credential. */
  get kind(): string {
    return this.#credential.kind;
  }

  /** Whether calls wait for action attempts by default. */
  get waitForActionAttempt(): boolean | WaitForActionAttempt {
    return this.#options.waitForActionAttempt ?? true;
  }

  constructor(credential: Credential, options: SeamOptions) {
    this.#credential = credential;
    this.#options = options;
    // Once, because a page's address and an environment can change.
    this.endpoint = options.endpoint = endpointOf(options);
    this.timeout = options.timeout ?? 30_000;
    // A publishable key creates the session of this user.
    this.userIdentityId =
      credential.kind === "clientSessionToken"
        ? options.userIdentityId
        : undefined;
  }

  /**
   * Makes a call with `params`, the text of a JSON object, and returns the parsed response body.
   * `calledAt` is when the app made the call: an action is not sent long after that.
   *
   * Settles once, with the first of: the response, an error, the caller's abort, a trap of the
   * module.
   */
  call(
    route: Route,
    params: string | undefined,
    options: RequestOptions,
    read?: ReadBody,
    calledAt: CalledAt = {
      monotonic: performance.now(),
      wall: route.kind < READS ? 0 : Date.now(),
    },
  ): Promise<unknown> {
    const { path, kind: routeKind, responseKey } = route;
    const { [USER_GENERATION]: userGeneration } = options;
    const defaults = this.#options;
    const closing = this.#closing?.signal;
    const signals = [options.signal, defaults.signal, closing].filter(
      (it) => it !== undefined,
    );
    const { endpoint } = this;
    const polling = pollingOf(
      options.waitForActionAttempt ?? defaults.waitForActionAttempt,
    );

    return new Promise((resolve, reject) => {
      let isSettled = false;
      let isSent = false;
      let tokenGeneration = 0;
      let io: FetchIo | undefined;
      let calls: Instance["pendingCalls"] | undefined;
      let onTrap: (trap: unknown) => void;
      // The caller's promise settles before any observer is notified, whatever observers throw.
      const end = (settle: () => void, error?: unknown): void => {
        if (isSettled) return;
        isSettled = true;
        settle();
        for (const stop of stopListening) stop();
        calls?.delete(onTrap);
        io?.close();
        this.notifyInterceptors((it) =>
          it.onCallSettled?.(route, params, error),
        );
      };
      const fail = (error: unknown): void => {
        // Seam's message about an action attempt is about the device and is shown to people.
        if (
          error instanceof SeamError &&
          !error.actionAttempt &&
          !abortedBy() &&
          !error.message.includes(path)
        )
          error.message += ` (${path})`;
        end(() => reject(error), error);
      };
      const abortedBy = (): AbortSignal | undefined =>
        signals.find((it) => it.aborted);
      const onAbort = (): void => {
        const { reason } = abortedBy() as AbortSignal;
        const outcome = isSent || io?.isSent ? "unknown" : "not_sent";
        fail(
          reason === closing?.reason
            ? errorFactory.withOutcome(reason, outcome)
            : reason,
        );
        io?.abort(reason);
      };
      const stopListening = signals.map((it) => onAborted(it, onAbort));
      if (abortedBy()) return onAbort();

      const send = async (): Promise<unknown> => {
        const { kind, token, workspaceId } = this.#credential;
        if (
          userGeneration !== undefined &&
          userGeneration !== this.userGeneration
        )
          throw errorFactory.sessionChangedError();
        assertMaySend(0);
        if (this.userIdentityId !== undefined && path !== SESSION_ROUTE) {
          await this.sessionCache.getInfo().catch((error: unknown) => {
            throw errorFactory.withOutcome(error, "not_sent");
          });
          // If the token was replaced meanwhile, the session may be that of the new token.
          if (!this.hasToken(token)) return send();
        }
        requireGlobals();
        if (!defaults.fetch) requireGlobals("fetch");
        const fetchIo = (io = new FetchIo(
          { kind, token, workspaceId, endpoint, path, params, responseKey },
          defaults.fetch,
          options.timeout ?? this.timeout,
          read,
          { ...defaults.headers, ...options.headers },
          defaults.hooks,
        ));
        let instance: Instance;
        do instance = await getInstance();
        while (instance.hasTrapped);
        if (isSettled) throw new Error("it has settled");
        onTrap = (trap) => {
          const outcome = isSent || fetchIo.isSent ? "unknown" : "not_sent";
          fail(errorFactory.trapError(outcome, safeCause(trap, token)));
          fetchIo.abort();
        };
        calls = instance.pendingCalls.add(onTrap);
        instance.call(
          fetchIo,
          routeKind,
          options.maxRetries ?? defaults.maxRetries ?? 2,
          polling?.timeout,
          polling?.pollingInterval ?? 0,
          calledAt.monotonic,
          calledAt.wall,
        );
        const coreError = await fetchIo.completion;
        calls.delete(onTrap);
        isSent ||= fetchIo.isSent;
        if (coreError)
          throw toError(coreError, token, safeCause(fetchIo.cause, token));
        return fetchIo.lastResponse?.body;
      };
      const checkAtCall = this.tokenCheck ? this.checkNumber : 0;
      const assertMaySend = (check: number): void => {
        // Without the rules no token was ever replaced, and none could be checked.
        const maySend =
          this.tokenSession?.maySend(routeKind, check, tokenGeneration) ??
          (check === 0 || routeKind < READS);
        if (!maySend) throw errorFactory.sessionChangedError();
      };
      const begin = async (): Promise<unknown> => {
        if (this.tokenCheck) return this.tokenCheck.then(begin);
        if (isSettled) throw new Error("it has settled");
        ({ tokenGeneration } = this);
        assertMaySend(checkAtCall);
        const call = { route, params, calledAt, tokenGeneration };
        return this.interceptors.reduce<Next>(
          (send, it) =>
            it.intercept ? async () => it.intercept?.(call, send) : send,
          send,
        )();
      };
      begin().then((body) => end(() => resolve(body)), fail);
    });
  }

  log(level: keyof Logger, message: string): void {
    log(this.#options.logger, level, message);
  }

  /** Whether a device that is not in the scope is looked up before a write or action on it. */
  get checksScope(): boolean {
    return this.#options.checkScope === true;
  }

  close(): void {
    if (this.isClosed) return;
    this.#closing.abort(errorFactory.closedError());
    this.#credential = { ...this.#credential, token: "" };
    this.tokenSession?.close();
    this.sessionCache.setInfo(undefined);
    this.notifyInterceptors((it) => it.onSessionLost?.("signed_out"));
  }

  get sessionInfo(): SessionInfo | undefined {
    return this.sessionCache.sessionInfo;
  }

  get isClosed(): boolean {
    return this.#closing?.signal.aborted;
  }

  /** Notifies each interceptor; one that throws does not affect the others. */
  notifyInterceptors(notify: (it: Interceptor) => void): void {
    for (const it of [...this.interceptors]) {
      try {
        notify(it);
      } catch {
        // An interceptor's error is its own.
      }
    }
  }

  /** Whether this is the current token; with the empty string, whether there is no token yet. */
  hasToken(token: string): boolean {
    return this.#credential.token === token;
  }

  /**
   * Returns a client with the same options and another client session token, without interceptors.
   *
   * @throws {SeamHttpInvalidTokenError} It cannot be a token.
   */
  withToken(token: unknown): ApiClient {
    const options = this.#options;
    return new ApiClient(
      checkCredential("clientSessionToken", token, options),
      options,
    );
  }

  /**
   * Returns a client with the same credential, whose calls are sent once and time out after five
   * seconds.
   */
  withShortTimeout(): ApiClient {
    const options = { ...this.#options, timeout: 5_000, maxRetries: 0 };
    return new ApiClient(this.#credential, options);
  }

  async changeToken(token: string): Promise<void> {
    if (this.isClosed) throw this.#closing.signal.reason;
    if (!this.loadSession) {
      throw invalidOptions("this client has no clientSessionToken");
    }
    const next = this.withToken(token);
    const check = (this.checkNumber += 1);
    this.tokenCheck ??= new Promise(
      (resolve) => (this.#releaseHeldCalls = resolve),
    );
    this.notifyInterceptors((it) => it.onTokenCheck?.());
    const session = await this.loadSession().catch((error: unknown) => {
      this.endCheck(() =>
        this.notifyInterceptors((it) => it.onTokenRejected?.(error)),
      );
      throw error;
    });
    return session.changeToken(next, check);
  }

  /** Ends the check of another token, and releases the calls that wait for it. */
  endCheck(then: () => void): void {
    const release = this.#releaseHeldCalls;
    this.tokenCheck = undefined;
    try {
      then();
    } finally {
      // Of this check: an interceptor may have started another one since.
      release();
    }
  }

  /**
   * Makes the token of `next` the one of calls that start from now on. `session` is its session, if
   * known.
   */
  setToken(
    next: ApiClient,
    session: SessionInfo | undefined,
    isSameUser: boolean | undefined,
    tokenGeneration: number,
    userGeneration: number,
  ): void {
    if (this.isClosed) return;
    const isFirst = this.hasToken("");
    this.#credential = next.#credential;
    this.tokenGeneration = tokenGeneration;
    this.userGeneration = userGeneration;
    // Requests for the session that were made before the first token resolve to the session of that
    // token.
    if (!isFirst || session) this.sessionCache.setInfo(session);
    this.notifyInterceptors((it) =>
      it.onTokenReplaced?.(session, isFirst, isSameUser),
    );
  }
}

function pollingOf(
  wait: boolean | WaitForActionAttempt = true,
): Required<WaitForActionAttempt> | undefined {
  if (wait === false) return undefined;
  const { timeout = 10_000, pollingInterval = 1_000 } =
    wait === true ? {} : wait;
  return { timeout, pollingInterval };
}
