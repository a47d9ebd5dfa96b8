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
import {
  isSameUser,
  SESSION_ROUTE,
  type SessionInfo,
} from "../core/session-info.js";
import { SessionCache } from "./session.js";
import { onAborted } from "../core/signal.js";
import { Timer } from "../core/time.js";
import { getInstance, type Instance } from "../wasm/instance.js";

/** Makes calls through the wasm module, with one credential, to one endpoint. */
export class ApiClient {
  readonly #options: SeamOptions;
  #credential: Credential;

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

  /** Resolves when the check of another token has ended; `undefined` if none is in progress. */
  tokenCheck: Promise<void> | undefined;
  #releaseHeldCalls = (): void => {};
  /** The last check that was started, and the last one that succeeded. */
  #currentCheck: unknown;
  #acceptedCheck: unknown;

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
    const { signal, [USER_GENERATION]: userGeneration } = options;
    const defaults = this.#options;
    const { endpoint } = this;
    const polling = pollingOf(
      options.waitForActionAttempt ?? defaults.waitForActionAttempt,
    );

    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      let isSettled = false;
      let isSent = false;
      let io: FetchIo | undefined;
      let calls: Instance["pendingCalls"] | undefined;
      let onTrap: (trap: unknown) => void;
      // The caller's promise settles before any observer is notified, whatever observers throw.
      const end = (settle: () => void, error?: unknown): void => {
        if (isSettled) return;
        isSettled = true;
        settle();
        stopListening?.();
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
          !signal?.aborted &&
          !error.message.includes(path)
        )
          error.message += ` (${path})`;
        end(() => reject(error), error);
      };
      const onAbort = (): void => {
        fail(signal?.reason);
        io?.abort(signal?.reason);
      };
      const stopListening = signal && onAborted(signal, onAbort);

      const send = async (): Promise<unknown> => {
        const { kind, token, workspaceId } = this.#credential;
        if (
          userGeneration !== undefined &&
          userGeneration !== this.userGeneration
        )
          throw errorFactory.sessionChangedError();
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
          this.timeout,
          read,
        ));
        let instance: Instance;
        do instance = await getInstance();
        while (instance.hasTrapped);
        if (isSettled) throw signal?.reason;
        onTrap = (trap) => {
          const outcome = isSent || fetchIo.isSent ? "unknown" : "not_sent";
          fail(errorFactory.trapError(outcome, safeCause(trap, token)));
          fetchIo.abort();
        };
        calls = instance.pendingCalls.add(onTrap);
        instance.call(
          fetchIo,
          routeKind,
          defaults.maxRetries ?? 2,
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
      const checkAtCall = this.tokenCheck && this.#currentCheck;
      const begin = async (): Promise<unknown> => {
        if (this.tokenCheck) return this.tokenCheck.then(begin);
        if (isSettled) throw signal?.reason;
        // A call that was made for one user is not sent as another.
        const isOther =
          checkAtCall !== undefined && checkAtCall !== this.#acceptedCheck;
        if (isOther && route.kind >= READS)
          throw errorFactory.sessionChangedError();
        const call = {
          route,
          params,
          calledAt,
          tokenGeneration: this.tokenGeneration,
        };
        return this.interceptors.reduce<Next>(
          (send, it) =>
            it.intercept ? async () => it.intercept?.(call, send) : send,
          send,
        )();
      };
      begin().then((body) => end(() => resolve(body)), fail);
    });
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

  /**
   * Asks the server about another token, and makes it the current one if the server accepts it.
   * Until then, calls wait, and nothing of the last user is shown. If the server rejects it, reads
   * go on as the last user; writes and actions were meant for another user and are not sent.
   *
   * @throws {SeamHttpInvalidTokenError} It cannot be a token; nothing has changed.
   * @throws As `client_sessions/get`; the last token stays in use.
   */
  async changeToken(token: string): Promise<void> {
    this.#checkKind();
    const next = this.withToken(token);
    const checking = (this.#currentCheck = {});
    this.tokenCheck ??= new Promise(
      (resolve) => (this.#releaseHeldCalls = resolve),
    );
    this.notifyInterceptors((it) => it.onTokenCheck?.());
    const end = (then: () => void): void => {
      if (checking !== this.#currentCheck)
        throw errorFactory.sessionChangedError();
      const release = this.#releaseHeldCalls;
      this.tokenCheck = undefined;
      try {
        then();
      } finally {
        // Of this check: an interceptor may have started another one since.
        release();
      }
    };
    await Promise.all([
      next.sessionCache.fetchInfo(),
      this.sessionCache.resolveInfo(),
    ]).then(
      ([session]) =>
        end(() => {
          this.#acceptedCheck = checking;
          // Calls that were made before there was a token were meant for the function's user.
          if (this.hasToken(""))
            this.userGeneration = this.tokenGeneration += 1;
          this.updateClientSessionToken(token, session);
        }),
      (error: unknown) => {
        end(() => this.notifyInterceptors((it) => it.onTokenRejected?.(error)));
        throw error;
      },
    );
  }

  /** Sets the token for calls that start from now on; `session` is its session, if known. */
  updateClientSessionToken(token: string, session?: SessionInfo): void {
    this.#checkKind();
    const isFirst = this.hasToken("");
    const isUserUnchanged =
      session && isSameUser(this.sessionCache.sessionInfo, session);
    this.#credential = checkCredential(
      "clientSessionToken",
      token,
      this.#options,
    );
    if (!isFirst) {
      this.tokenGeneration += 1;
      if (!isUserUnchanged) this.userGeneration = this.tokenGeneration;
    }
    // Requests for the session that were made before the first token resolve to the session of that
    // token.
    if (!isFirst || session) this.sessionCache.setInfo(session);
    this.notifyInterceptors((it) =>
      it.onTokenReplaced?.(session, isFirst, isUserUnchanged),
    );
  }

  /**
   * Sets a token of another user. In a worker this is replaced, because a client there never
   * changes its user.
   */
  replaceUser(token: string, session: SessionInfo): void {
    this.updateClientSessionToken(token, session);
  }

  #checkKind(): void {
    if (this.kind !== "clientSessionToken") {
      throw invalidOptions("this client has no clientSessionToken");
    }
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
