import type { ApiClient as LocalClient } from "../../transport/api-client.js";
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
  type RequestOptions,
  type SeamOptions,
  type WaitForActionAttempt,
} from "../../core/options.js";
import type { Route } from "../../core/route.js";
import { type SessionInfo, isSameUser } from "../../core/session-info.js";
import { onAborted } from "../../core/signal.js";
import { type Connection, connection, type TokenSource } from "./connection.js";
import { TokenFunction } from "./token-function.js";
import type { ClientOptions } from "../protocol/messages.js";
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
export class ApiClient
  implements
    TokenSource,
    Pick<
      LocalClient,
      | "call"
      | "changeToken"
      | "interceptors"
      | "endpoint"
      | "tokenCheck"
      | "refreshesToken"
      | "kind"
      | "userGeneration"
      | "userIdentityId"
      | "waitForActionAttempt"
    >
{
  readonly #options: ClientOptions;
  /** Calls the token function, if there is one, in the page. */
  readonly #tokenFunction: TokenFunction | undefined;
  /** True after the worker asked for a new token and before this page has supplied one. */
  #needsToken = false;
  #hasToken = false;
  /** The session of the token, as far as the worker has reported it. */
  #sessionInfo: SessionInfo | undefined;
  /** Resolves when the check of another token has ended; `undefined` if there is none. */
  tokenCheck: Promise<void> | undefined;
  #releaseHeldCalls = (): void => {};
  /** The last check that was started, and the last one that succeeded. */
  #currentCheck: unknown;
  #acceptedCheck: unknown;

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
    const { dangerouslyAllowBrowser, maxRetries, timeout } = options;
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
      ...(dangerouslyAllowBrowser === true && { dangerouslyAllowBrowser }),
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

  /** The timeout of a fetch of a scope or a list, in milliseconds. */
  get listTimeoutMs(): number {
    return MAX_PAGES * this.#timeoutMs(false);
  }

  nextToken(): Promise<string> | undefined {
    return this.#tokenFunction?.nextToken();
  }

  /** Another user's token was set in the worker: each page supplies its own again. */
  onTokenRequired(): void {
    this.#tokenFunction?.onTokenRequired();
    this.#needsToken = true;
    this.userGeneration += 1;
    this.#sessionInfo = undefined;
    this.#notifyInterceptors((interceptor) =>
      interceptor.onTokenReplaced?.(undefined, false),
    );
  }

  onSession(session: SessionInfo | undefined): void {
    if (session) this.#sessionInfo = session;
    this.#notifyInterceptors((interceptor) => {
      if (session) interceptor.onTokenReplaced?.(session, false, true);
      else interceptor.onSessionLost?.();
    });
  }

  call(
    { path, kind }: Route,
    params: string | undefined,
    {
      signal,
      [USER_GENERATION]: userGeneration,
      waitForActionAttempt: wait,
    }: RequestOptions,
  ): Promise<unknown> {
    // Only this option: other values may not be cloneable.
    const options =
      wait === undefined
        ? {}
        : { waitForActionAttempt: toPlainWaitOption(wait) };
    const { connection, clientId } = this;
    const id = connection.nextId();
    const calledAt = {
      monotonic: performance.now(),
      wall: kind < READS ? 0 : Date.now(),
    };
    const neededToken = this.#needsToken;
    const checkAtCall = this.tokenCheck && this.#currentCheck;
    // A call that is made before there is a token is meant for the function's user.
    const isFirst = !this.#hasToken && !neededToken;
    const accepted = this.#acceptedCheck;
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const onAbort = (): void => {
        reject(signal?.reason);
        connection.cancelRequest(id);
        connection.send({ type: "abort", id });
      };
      const stopListening = signal && onAborted(signal, onAbort);
      const ask = (): Promise<unknown> | undefined => {
        if (signal?.aborted) return undefined;
        const ready = this.whenReady();
        // The token may have been replaced in the meantime.
        if (ready !== undefined) return ready.then(ask);
        // A call for the user of one token is not sent as another user.
        const isOther =
          checkAtCall !== undefined
            ? checkAtCall !== this.#acceptedCheck
            : isFirst && accepted !== this.#acceptedCheck;
        if (isOther && kind >= READS) throw errorFactory.sessionChangedError();
        if (
          userGeneration !== undefined &&
          userGeneration !== this.userGeneration
        )
          throw errorFactory.sessionChangedError();
        return connection.request(
          id,
          {
            type: "call",
            ...{
              client: clientId,
              id,
              path,
              params,
              options,
              calledAt,
              issuedForPreviousUser: neededToken,
            },
          },
          this.#timeoutMs(options.waitForActionAttempt),
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
        .finally(() => stopListening?.());
    });
  }

  /**
   * Asks the server about another token, and makes it the current one if the server accepts it.
   * Until then, calls wait, and nothing of the last user is shown. The check is made by a second
   * client in the worker.
   *
   * @throws {SeamHttpInvalidTokenError} It cannot be a token; nothing has changed.
   * @throws As `client_sessions/get`; the last token stays in use.
   */
  async changeToken(token: string): Promise<void> {
    if (this.kind !== "clientSessionToken") {
      throw invalidOptions("this client has no clientSessionToken");
    }
    const credential = checkCredential(
      "clientSessionToken",
      token,
      this.#options,
    );
    const { connection } = this;
    const clientId = connection.nextId();
    const checking = (this.#currentCheck = {});
    this.tokenCheck ??= new Promise(
      (resolve) => (this.#releaseHeldCalls = resolve),
    );
    this.#notifyInterceptors((interceptor) => interceptor.onTokenCheck?.());
    this.#openClient(credential, clientId);
    const end = (then: () => void): void => {
      // A later check takes precedence.
      if (checking !== this.#currentCheck)
        throw errorFactory.sessionChangedError();
      const release = this.#releaseHeldCalls;
      this.tokenCheck = undefined;
      try {
        then();
      } finally {
        // Not the release of another check, which an observer may have started.
        release();
      }
    };
    try {
      await Promise.all([
        this.#identify(clientId),
        this.#resolveSession(),
      ]).then(
        ([session]) =>
          end(() => {
            this.#acceptedCheck = checking;
            this.#acceptToken(credential, session as SessionInfo);
          }),
        (error: unknown) => {
          end(() =>
            this.#notifyInterceptors((interceptor) =>
              interceptor.onTokenRejected?.(error),
            ),
          );
          throw error;
        },
      );
    } finally {
      connection.send({ type: "close-client", client: clientId });
    }
  }

  /** Fetches the session of a client's token, with one request. */
  #identify(clientId: number, limit?: number): Promise<unknown> {
    const { connection } = this;
    const id = connection.nextId();
    const { maxRetries = 2, timeout = 30_000 } = this.#options;
    const all = (maxRetries + 1) * timeout + STARTUP_MS;
    return connection.request(
      id,
      { type: "get-session", client: clientId, id },
      limit ?? all,
    );
  }

  /** "Not known" does not mean "another user", so the server is asked once more. */
  async #resolveSession(): Promise<void> {
    if (this.#sessionInfo || !this.#hasToken) return;
    const session = await this.#identify(this.clientId, 5_000).catch(
      () => undefined,
    );
    this.#sessionInfo ??= session as SessionInfo | undefined;
  }

  #acceptToken(credential: Credential, session: SessionInfo): void {
    const isUserUnchanged = isSameUser(this.#sessionInfo, session);
    if (!isUserUnchanged) this.userGeneration += 1;
    this.#sessionInfo = session;
    this.#needsToken = false;
    this.#tokenFunction?.onTokenSet();
    this.#openClient(credential);
    // Lists belong to another client of the worker now, and are sent again.
    this.#notifyInterceptors((interceptor) =>
      interceptor.onTokenReplaced?.(undefined, false, isUserUnchanged),
    );
  }

  /**
   * Opens a client in the worker. Only the client itself has the token function, not one that
   * checks a token.
   */
  #openClient(credential: Credential, clientId = this.clientId): void {
    const hasTokenFunction =
      clientId === this.clientId && this.#tokenFunction !== undefined;
    const options = this.#options;
    this.connection.send({
      type: "open-client",
      client: clientId,
      credential,
      options,
      hasTokenFunction,
    });
    if (clientId !== this.clientId) return;
    this.#needsToken = false;
    this.#hasToken = true;
  }

  /** Returns the longest time of a call in milliseconds, so that its promise always settles. */
  #timeoutMs(wait = this.waitForActionAttempt): number {
    const { maxRetries = 2, timeout = 30_000 } = this.#options;
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

/** Closes abandoned clients in the worker. */
const abandoned =
  globalThis.FinalizationRegistry &&
  new FinalizationRegistry<() => void>((close) => close());
