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

/** What a call may take beside its requests, in milliseconds: a worker that starts, and its modules. */
const STARTUP_MS = 20_000;
/** The longest that a request is put off between two tries. */
const MAX_BACKOFF_MS = 60_000;
/** So many requests may be made for a call: whose the token is, the call, and that again with the next token. */
const MAX_REQUESTS = 3;
/** So many pages one look at a scope or a list may take. */
const MAX_PAGES = 20;

/**
 * What stands in a page for the caller that is in the worker (pkg/build.mjs puts
 * it in the place of transport/api-client.ts). It gives the credential away when it is made.
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
  /** Gives tokens, where they come from a function; it is called in the page. */
  readonly #tokenFunction: TokenFunction | undefined;
  /** Whether what is called waits for a token that may be another user's. */
  #needsToken = false;
  #hasToken = false;
  /** Whose the token is, as far as the worker has said so. */
  #sessionInfo: SessionInfo | undefined;
  /** While another token is being checked: resolves when that has ended. */
  tokenCheck: Promise<void> | undefined;
  #releaseHeldCalls = (): void => {};
  /** The check of a token that began last, and the last one that ended well. */
  #currentCheck: unknown;
  #acceptedCheck: unknown;

  readonly connection: Connection;
  /** Its number on the connection. */
  readonly clientId: number;

  readonly kind: string;
  readonly endpoint: string;
  readonly userIdentityId: string | undefined;
  readonly waitForActionAttempt: boolean | WaitForActionAttempt;
  readonly interceptors: Interceptor[] = [];
  refreshesToken = false;
  /** Another one for each user. */
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
   * Nothing when there is a token, and no other is being checked. With a function, resolves when it
   * has given the first one; it is called for this.
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

  /** How long whoever looks at a scope or a list anew waits at most. */
  get listTimeoutMs(): number {
    return MAX_PAGES * this.#timeoutMs(false);
  }

  nextToken(): Promise<string> | undefined {
    return this.#tokenFunction?.nextToken();
  }

  /** The worker has been given another user's token: each page gives its own anew. */
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
    // Nothing else of what the caller has put there: it may be what cannot cross.
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
    // What is called before there is a token is meant for the function's user.
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
        // Another token may have come while it was waited for this one.
        if (ready !== undefined) return ready.then(ask);
        // What was meant for the user of one token is not done as another.
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
   * Asks the server about another token, and takes it if it is accepted. Meanwhile calls wait,
   * and nothing of the last user is shown. Until then it is the token of another client of the
   * worker's.
   *
   * @throws {SeamHttpInvalidTokenError} It cannot be a token; nothing has changed.
   * @throws As `client_sessions/get`; the last token is still in use.
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
      // The later one counts.
      if (checking !== this.#currentCheck)
        throw errorFactory.sessionChangedError();
      const release = this.#releaseHeldCalls;
      this.tokenCheck = undefined;
      try {
        then();
      } finally {
        // Not another one, which whoever hears of this may have begun.
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

  /** Whose the token of a client of the worker's is: that takes one request. */
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

  /** Not to know whose the last token is does not make it another user's. */
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
    // The list of another client of the worker's: it comes anew.
    this.#notifyInterceptors((interceptor) =>
      interceptor.onTokenReplaced?.(undefined, false, isUserUnchanged),
    );
  }

  /** The client itself refreshes its token; one that only asks whose a token is does not. */
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

  /** How long a call may take in all: whatever it waits for, its promise settles. */
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

  /** Tells each companion; one that throws keeps nothing from the others. */
  #notifyInterceptors(notify: (interceptor: Interceptor) => void): void {
    for (const it of [...this.interceptors]) {
      try {
        notify(it);
      } catch {
        // What it makes of it is its own.
      }
    }
  }
}

/** A client that nobody holds any more is let go of in the worker too. */
const abandoned =
  globalThis.FinalizationRegistry &&
  new FinalizationRegistry<() => void>((close) => close());
