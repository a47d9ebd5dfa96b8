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

/** Carries calls through the wasm module with one credential, to one endpoint. */
export class ApiClient {
  readonly #options: SeamOptions;
  #credential: Credential;

  /** How often a token has taken another's place: by it a call's own is known. */
  tokenGeneration = 0;
  /** What `changes` was when the first token of the user came whose token is in use. */
  userGeneration = 0;

  /** Where the calls go. */
  readonly endpoint: string;
  /** How long one try of a call may take, in milliseconds. */
  readonly timeout: number;
  /** The user identity that every token must be of, if one is named. */
  readonly userIdentityId: string | undefined;

  /** The first stands closest to what is sent: it is the renewal, if there is one. */
  readonly interceptors: Interceptor[] = [];

  /** For what is loaded later: perhaps under fake timers, where only the entry has seen the real ones. */
  readonly errorFactory = errorFactory;
  readonly Timer = Timer;

  /** Whose its token is. */
  readonly sessionCache: SessionCache = new SessionCache(this);

  /** Whether its token is renewed. */
  refreshesToken = false;

  /** While another token is being checked: resolves when that has ended. */
  tokenCheck: Promise<void> | undefined;
  #releaseHeldCalls = (): void => {};
  /** The check of a token that began last, and the last one that ended well. */
  #currentCheck: unknown;
  #acceptedCheck: unknown;

  /** The kind of its credential. */
  get kind(): string {
    return this.#credential.kind;
  }

  /** Whether calls wait for action attempts, if they do not say otherwise. */
  get waitForActionAttempt(): boolean | WaitForActionAttempt {
    return this.#options.waitForActionAttempt ?? true;
  }

  constructor(credential: Credential, options: SeamOptions) {
    this.#credential = credential;
    this.#options = options;
    // Once: a page's address and an environment may change.
    this.endpoint = options.endpoint = endpointOf(options);
    this.timeout = options.timeout ?? 30_000;
    // A publishable key makes the session whose user this is.
    this.userIdentityId =
      credential.kind === "clientSessionToken"
        ? options.userIdentityId
        : undefined;
  }

  /**
   * Makes the call with `params`, the text of a JSON object, and gives the whole body, parsed.
   * `calledAt` is when the user wanted it: what acts is not sent long after that.
   *
   * Settles once, with the first of: the answer, the error, the caller's abort,
   * a trap of the module.
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
      // The caller is told before anyone else, and whatever anyone else throws.
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
        // What Seam says of an attempt is about the device, and shown to people.
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
          // It may be the session of a token that has come meanwhile.
          if (!this.hasToken(token)) return send();
        }
        requireGlobals();
        if (!defaults.fetch) requireGlobals("fetch");
        const tried = (io = new FetchIo(
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
          const outcome = isSent || tried.isSent ? "unknown" : "not_sent";
          fail(errorFactory.trapError(outcome, safeCause(trap, token)));
          tried.abort();
        };
        calls = instance.pendingCalls.add(onTrap);
        instance.call(
          tried,
          routeKind,
          defaults.maxRetries ?? 2,
          polling?.timeout,
          polling?.pollingInterval ?? 0,
          calledAt.monotonic,
          calledAt.wall,
        );
        const thrown = await tried.completion;
        calls.delete(onTrap);
        isSent ||= tried.isSent;
        // A later try was not built, but an earlier one was sent.
        if (thrown?.[1] === 0 && tried.isSent) thrown[1] = 2;
        if (thrown) throw toError(thrown, token, safeCause(tried.cause, token));
        return tried.lastResponse?.body;
      };
      const checkAtCall = this.tokenCheck && this.#currentCheck;
      const begin = async (): Promise<unknown> => {
        if (this.tokenCheck) return this.tokenCheck.then(begin);
        if (isSettled) throw signal?.reason;
        // What was meant for the user of one token is not done as another.
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

  /** Tells each companion; one that throws keeps nothing from the others. */
  notifyInterceptors(notify: (it: Interceptor) => void): void {
    for (const it of [...this.interceptors]) {
      try {
        notify(it);
      } catch {
        // What it makes of this is its own.
      }
    }
  }

  /** Whether this is the token in use; the empty text, whether there is none yet. */
  hasToken(token: string): boolean {
    return this.#credential.token === token;
  }

  /**
   * The same for another client session token, with nothing beside its calls.
   *
   * @throws {SeamHttpInvalidTokenError} It cannot be one.
   */
  withToken(token: unknown): ApiClient {
    const options = this.#options;
    return new ApiClient(
      checkCredential("clientSessionToken", token, options),
      options,
    );
  }

  /** The same for the token in use, whose only request may take five seconds. */
  withShortTimeout(): ApiClient {
    const options = { ...this.#options, timeout: 5_000, maxRetries: 0 };
    return new ApiClient(this.#credential, options);
  }

  /**
   * Asks the server about another token, and takes it if it is accepted. Meanwhile calls wait,
   * and nothing of the last user is shown. If it is rejected, what reads goes on as the last user;
   * what changes something was meant for another one, and is not sent.
   *
   * @throws {SeamHttpInvalidTokenError} It cannot be a token; nothing has changed.
   * @throws As `client_sessions/get`; the last token is still in use.
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
        // Not another one, which whoever hears of this may have begun.
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
          // What was called before there was a token was meant for the function's user.
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

  /** Takes another token for the calls that begin from now on, of which the session may be known. */
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
    // Who asked before there was one is answered for the first.
    if (!isFirst || session) this.sessionCache.setInfo(session);
    this.notifyInterceptors((it) =>
      it.onTokenReplaced?.(session, isFirst, isUserUnchanged),
    );
  }

  /** Takes a token of another user's. */
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
