import type { Backend } from "../../transport/backend.js";
import type { Interceptor } from "../../core/contracts.js";
import {
  checkCredential,
  endpointOf,
  type Credential,
} from "../../core/credential.js";
import { READS } from "../../generated/routes.js";
import { invalidOptions, errorFactory } from "../../core/error-factory.js";
import {
  USER_GENERATION,
  type Logger,
  type RequestOptions,
  type SeamOptions,
  type TokenRequest,
  type WaitForActionAttempt,
} from "../../core/options.js";
import type { Route } from "../../core/route.js";
import type { SessionEndReason, SessionInfo } from "../../core/session-info.js";
import { log } from "../../core/log.js";
import { onAborted } from "../../core/signal.js";
import { type Connection, connection, type TokenSource } from "./connection.js";
import { TokenFunction } from "./token-function.js";
import type { ClientOptions, TokenChanged } from "../protocol/messages.js";
import { toPlainWaitOption } from "../protocol/wait-option.js";

/** The time to start a worker and load its modules, in milliseconds. */
const STARTUP_MS = 20_000;
/** The longest backoff between two attempts, in milliseconds. */
const MAX_BACKOFF_MS = 60_000;
/**
 * The most requests of one call: the token's session, the call, and the call again with the next
 * token.
 */
const MAX_REQUESTS = 3;
/** The number of pages that one fetch of a scope or a list may take. */
const MAX_PAGES = 20;

/**
 * The page's counterpart of the client in the worker (pkg/build.mjs puts it in the place of
 * transport/api-client.ts). It passes the credential on and does not keep it.
 */
export class ApiClient implements Backend, TokenSource {
  readonly #options: ClientOptions;
  /** Calls the token function, if there is one, in the page. */
  readonly #tokenFunction: TokenFunction | undefined;
  /** True after the worker asked for a new token and before this page has supplied one. */
  #needsToken = false;
  readonly #logger: SeamOptions["logger"];
  readonly #signal: AbortSignal | undefined;
  // Missing where there is no AbortController; the error of a call names it.
  readonly #closing =
    globalThis.AbortController && new globalThis.AbortController();
  /** The session of the token, as far as the worker has reported it. */
  sessionInfo: SessionInfo | undefined;
  /** Resolves when the check of another token has ended; `undefined` if there is none. */
  tokenCheck: Promise<void> | undefined;
  #releaseHeldCalls = (): void => {};
  /** The number of the last check that was started. */
  #checkNumber = 0;
  /** As the worker counts tokens. */
  #tokenGeneration = 0;

  readonly connection: Connection;
  /** The id of the client on the connection. */
  readonly clientId: number;

  readonly kind: string;
  readonly endpoint: string;
  readonly userIdentityId: string | undefined;
  readonly waitForActionAttempt: boolean | WaitForActionAttempt;
  readonly interceptors: Interceptor[] = [];
  refreshesToken = false;
  /** Changes with each user. */
  userGeneration = 0;

  constructor(credential: Credential, options: SeamOptions) {
    if (options.fetch !== undefined) {
      throw invalidOptions(
        "a fetch cannot go to the worker, which makes the requests: use Seam of seam-session for that",
      );
    }
    if (options.hooks !== undefined) {
      throw invalidOptions(
        "hooks cannot go to the worker, which makes the requests: use Seam of seam-session for them",
      );
    }
    const { dangerouslyAllowBrowser, maxRetries, timeout } = options;
    const { checkScope, headers } = options;
    this.#logger = options.logger;
    this.#signal = options.signal;
    this.kind = credential.kind;
    this.endpoint = endpointOf(options);
    this.userIdentityId = options.userIdentityId ?? undefined;
    this.waitForActionAttempt = toPlainWaitOption(
      options.waitForActionAttempt ?? true,
    );
    const { userIdentityId } = this;
    this.#options = {
      endpoint: this.endpoint,
      waitForActionAttempt: this.waitForActionAttempt,
      ...(checkScope === true && { checkScope }),
      ...(dangerouslyAllowBrowser === true && { dangerouslyAllowBrowser }),
      ...(headers !== undefined && { headers: { ...headers } }),
      ...(maxRetries !== undefined && { maxRetries }),
      ...(timeout !== undefined && { timeout }),
      ...(userIdentityId !== undefined && { userIdentityId }),
    };
    this.connection = connection();
    this.clientId = this.connection.nextId();
    const { connection: it, clientId } = this;
    const { clientSessionToken: ask } = options;
    if (typeof ask === "function") {
      this.#tokenFunction = new TokenFunction(ask, timeout);
      it.addTokenSource(clientId, this);
    } else this.#openClient(credential);
    abandoned?.register(this, () => it.releaseClient(clientId));
  }

  /**
   * Returns `undefined` if there is a token and no other is being checked. With a token function,
   * calls it if needed and resolves when it has returned the first token.
   */
  whenReady(): Promise<void> | undefined {
    if (this.tokenCheck) return this.tokenCheck.then(() => this.whenReady());
    if (this.isClosed) return Promise.reject(this.#closing.signal.reason);
    return this.#tokenFunction?.ensureToken((token) => {
      if (this.#needsToken) return this.changeToken(token);
      this.#openClient(
        checkCredential("clientSessionToken", token, this.#options),
      );
      this.#notifyInterceptors((interceptor) =>
        interceptor.onTokenReplaced?.(undefined, true),
      );
      return undefined;
    });
  }

  log(level: keyof Logger, message: string): void {
    log(this.#logger, level, message);
  }

  get isClosed(): boolean {
    return this.#closing?.signal.aborted;
  }

  close(): void {
    if (this.isClosed) return;
    const reason = errorFactory.closedError();
    this.#closing.abort(reason);
    this.#tokenFunction?.close(reason);
    this.connection.releaseClient(this.clientId);
    this.sessionInfo = undefined;
    this.#notifyInterceptors((it) => it.onSessionLost?.("signed_out"));
  }

  /** The timeout of a fetch of a scope or a list, in milliseconds. */
  get listTimeoutMs(): number {
    return MAX_PAGES * this.#timeoutMs({ waitForActionAttempt: false });
  }

  nextToken(reason: TokenRequest["reason"]): Promise<string> | undefined {
    return this.#tokenFunction?.nextToken(reason);
  }

  /** Another user's token was set in the worker: each page supplies its own again. */
  onTokenRequired(): void {
    this.#tokenFunction?.onTokenRequired();
    this.#needsToken = true;
    this.userGeneration += 1;
    this.sessionInfo = undefined;
    this.#notifyInterceptors((interceptor) =>
      interceptor.onTokenReplaced?.(undefined, false),
    );
  }

  onSession(session: SessionInfo | SessionEndReason): void {
    if (typeof session === "string")
      return this.#notifyInterceptors((it) => it.onSessionLost?.(session));
    this.sessionInfo = session;
    this.#notifyInterceptors((it) =>
      it.onTokenReplaced?.(session, false, true),
    );
  }

  call(
    route: Route,
    params: string | undefined,
    options: RequestOptions,
  ): Promise<unknown> {
    const { path, kind } = route;
    const { [USER_GENERATION]: userGeneration } = options;
    const closing = this.#closing?.signal;
    const signals = [options.signal, this.#signal, closing].filter(
      (it) => it !== undefined,
    );
    const sent = toSentOptions(options);
    const { connection, clientId } = this;
    const id = connection.nextId();
    const calledAt = {
      monotonic: performance.now(),
      wall: kind < READS ? 0 : Date.now(),
    };
    const neededToken = this.#needsToken;
    const checkAtCall = this.tokenCheck ? this.#checkNumber : 0;
    let generation = this.#tokenGeneration;
    const result = new Promise((resolve, reject) => {
      const onAbort = (): void => {
        const { reason } = signals.find((it) => it.aborted) as AbortSignal;
        const isPosted = connection.cancelRequest(id);
        reject(
          reason === closing?.reason
            ? errorFactory.withOutcome(
                reason,
                isPosted ? "unknown" : "not_sent",
              )
            : reason,
        );
        connection.send({ type: "abort", id });
      };
      const isAborted = (): boolean => signals.some((it) => it.aborted);
      if (isAborted()) return onAbort();
      const stopListening = signals.map((it) => onAborted(it, onAbort));
      const ask = (): Promise<unknown> | undefined => {
        if (isAborted()) return undefined;
        const ready = this.whenReady();
        // The token may have been replaced in the meantime.
        if (ready !== undefined) return ready.then(ask);
        if (
          userGeneration !== undefined &&
          userGeneration !== this.userGeneration
        )
          throw errorFactory.sessionChangedError();
        if (checkAtCall > 0) generation = this.#tokenGeneration;
        return connection.request(
          id,
          {
            type: "call",
            ...{ client: clientId, id, path, params, options: sent, calledAt },
            ...{ check: checkAtCall, generation },
            issuedForPreviousUser: neededToken,
          },
          this.#timeoutMs(sent),
        );
      };
      new Promise((done) => done(ask()))
        .then(resolve, (error: unknown) => {
          reject(
            this.#tokenFunction
              ? this.#tokenFunction.restoreCause(error)
              : error,
          );
        })
        .finally(() => {
          for (const stop of stopListening) stop();
        })
        .catch(() => {
          // `result` has the error.
        });
    });
    const settled = (error?: unknown): void =>
      this.#notifyInterceptors((it) =>
        it.onCallSettled?.(route, params, error),
      );
    result.then(() => settled(), settled);
    return result;
  }

  /**
   * Asks the server about another token, and makes it the current one if the server accepts it.
   * Until then, calls wait, and nothing of the last user is shown. The worker decides by the same
   * rules as a client without one (src/session.rs).
   *
   * @throws {SeamHttpInvalidTokenError} It cannot be a token; nothing has changed.
   * @throws As `client_sessions/get`; the last token stays in use.
   */
  async changeToken(token: string): Promise<void> {
    if (this.isClosed) throw this.#closing.signal.reason;
    if (this.kind !== "clientSessionToken") {
      throw invalidOptions("this client has no clientSessionToken");
    }
    const options = this.#options;
    const credential = checkCredential("clientSessionToken", token, options);
    const { connection, clientId } = this;
    const id = connection.nextId();
    const check = (this.#checkNumber += 1);
    this.tokenCheck ??= new Promise(
      (resolve) => (this.#releaseHeldCalls = resolve),
    );
    this.#notifyInterceptors((interceptor) => interceptor.onTokenCheck?.());
    const { maxRetries = 2, timeout = 30_000 } = options;
    const hasTokenFunction = this.#tokenFunction !== undefined;
    let changed: TokenChanged;
    try {
      changed = (await connection.request(
        id,
        {
          type: "change-token",
          ...{ client: clientId, id, check, credential, options },
          hasTokenFunction,
        },
        (maxRetries + 1) * timeout + STARTUP_MS,
      )) as TokenChanged;
    } catch (error) {
      if (check !== this.#checkNumber) throw errorFactory.sessionChangedError();
      this.#endCheck(() =>
        this.#notifyInterceptors((it) => it.onTokenRejected?.(error)),
      );
      throw error;
    }
    if (check === this.#checkNumber)
      return this.#endCheck(() => this.#onTokenChanged(changed));
    // The worker had not yet received the later check, which goes on: if that fails, this token
    // stays in use.
    this.#onTokenChanged(changed);
    this.#notifyInterceptors((it) => it.onTokenCheck?.());
    throw errorFactory.sessionChangedError();
  }

  #endCheck(then: () => void): void {
    const release = this.#releaseHeldCalls;
    this.tokenCheck = undefined;
    try {
      then();
    } finally {
      // Not the release of another check, which an observer may have started.
      release();
    }
  }

  #onTokenChanged({
    session,
    isSameUser,
    tokenGeneration,
  }: TokenChanged): void {
    if (this.isClosed) return;
    if (!isSameUser) this.userGeneration += 1;
    this.#tokenGeneration = tokenGeneration;
    this.sessionInfo = session;
    this.#needsToken = false;
    this.#tokenFunction?.onTokenSet();
    // Lists belong to another client of the worker now, and are sent again.
    this.#notifyInterceptors((interceptor) =>
      interceptor.onTokenReplaced?.(undefined, false, isSameUser),
    );
  }

  /** Opens the client in the worker. */
  #openClient(credential: Credential): void {
    this.connection.send({
      type: "open-client",
      client: this.clientId,
      credential,
      options: this.#options,
      hasTokenFunction: this.#tokenFunction !== undefined,
    });
    this.#needsToken = false;
  }

  /** Returns the longest time of a call in milliseconds, so that its promise always settles. */
  #timeoutMs(options: RequestOptions): number {
    const { maxRetries = 2, timeout = 30_000 } = {
      ...this.#options,
      ...options,
    };
    const wait = options.waitForActionAttempt ?? this.waitForActionAttempt;
    const { timeout: polling = 10_000 } = Object(wait) as WaitForActionAttempt;
    const one = (maxRetries + 1) * timeout + maxRetries * MAX_BACKOFF_MS;
    return (
      MAX_REQUESTS * one +
      (wait === false ? 0 : Number(polling) || 0) +
      STARTUP_MS
    );
  }

  /** Notifies each interceptor; one that throws does not affect the others. */
  #notifyInterceptors(notify: (interceptor: Interceptor) => void): void {
    for (const it of [...this.interceptors]) {
      try {
        notify(it);
      } catch {
        // An interceptor's error is its own.
      }
    }
  }
}

/** Returns the options of a call that go to the worker: other values may not be cloneable. */
function toSentOptions({
  waitForActionAttempt: wait,
  timeout,
  maxRetries,
  headers,
}: RequestOptions): Omit<RequestOptions, "signal"> {
  return {
    ...(wait !== undefined && {
      waitForActionAttempt: toPlainWaitOption(wait),
    }),
    ...(timeout !== undefined && { timeout }),
    ...(maxRetries !== undefined && { maxRetries }),
    ...(headers !== undefined && { headers: { ...headers } }),
  };
}

/** Closes abandoned clients in the worker. */
const abandoned =
  globalThis.FinalizationRegistry &&
  new FinalizationRegistry<() => void>((close) => close());
