import type { ClientSession } from "../generated/resources/index.js";
import { routeAt, type Route } from "../core/route.js";
import {
  type SessionInfo,
  isSameUser,
  SESSION_ROUTE,
} from "../core/session-info.js";
import { ErrorClass, type ErrorFactory } from "../core/error-factory.js";

/** The client whose session it is. */
export interface SessionClient {
  readonly userIdentityId: string | undefined;
  readonly errorFactory: ErrorFactory;
  readonly sessionCache: SessionCache;
  /** Counts token changes. */
  readonly tokenGeneration: number;
  hasToken(token: string): boolean;
  /** A client for one short request. */
  withShortTimeout(): SessionClient;
  call(route: Route, params: string, options: object): Promise<unknown>;
}

/** The session of a client's token, fetched once per token. */
export class SessionCache {
  readonly #client: SessionClient;
  /** The session of the current token, once it is known. */
  sessionInfo: SessionInfo | undefined;
  #pending: Promise<SessionInfo> | undefined;

  /** For the files that are loaded later. */
  readonly isSameUser = isSameUser;

  constructor(client: SessionClient) {
    this.#client = client;
  }

  /** The token was replaced; `session` is its session, if known. */
  setInfo(session: SessionInfo | undefined): void {
    this.sessionInfo = session;
    this.#pending = session && Promise.resolve(session);
  }

  /**
   * Returns the session of the current token, from the cache or the server; from the server if
   * `fresh`. If the token has been replaced when this resolves, the result is not `sessionInfo`.
   *
   * @throws As the call; the next call tries again.
   */
  getInfo(fresh = false): Promise<SessionInfo> {
    if (this.#pending && !(fresh && this.sessionInfo)) return this.#pending;
    const pending = this.fetchInfo().then(
      (session) => {
        if (this.#pending === pending) this.sessionInfo = session;
        return session;
      },
      (error: unknown) => {
        if (this.#pending === pending) this.#pending = undefined;
        throw error;
      },
    );
    return (this.#pending = pending);
  }

  /**
   * Returns the session of the current token, and asks the server once more if it is not known:
   * "not known" does not mean "another user". `undefined` if the server does not say.
   */
  async resolveInfo(): Promise<SessionInfo | undefined> {
    const client = this.#client;
    if (this.sessionInfo || client.hasToken("")) return this.sessionInfo;
    const { tokenGeneration } = client;
    const session = await client
      .withShortTimeout()
      .sessionCache.fetchInfo()
      .catch(() => undefined);
    if (tokenGeneration === client.tokenGeneration)
      this.sessionInfo ??= session;
    return this.sessionInfo;
  }

  /**
   * Fetches the session.
   *
   * @throws {SeamHttpInvalidTokenError} It is not of the client's `userIdentityId`.
   */
  async fetchInfo(): Promise<SessionInfo> {
    const { userIdentityId } = this.#client;
    const route = routeAt(SESSION_ROUTE) as Route;
    const body = await this.#client.call(route, "{}", {});
    const { client_session_id, user_identity_id, expires_at } =
      // A server may respond with anything.
      Object((body as { client_session: ClientSession }).client_session);
    if (userIdentityId !== undefined && user_identity_id !== userIdentityId) {
      throw this.#client.errorFactory.createError(
        ErrorClass.InvalidToken,
        "wrong_user",
        "not_sent",
        "the token is not of the user identity that userIdentityId names",
      );
    }
    return { client_session_id, user_identity_id, expires_at };
  }
}
