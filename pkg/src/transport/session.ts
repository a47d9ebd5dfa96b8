import type { ClientSession } from "../generated/resources/index.js";
import { routeAt, type Route } from "../core/route.js";
import {
  type SessionInfo,
  isSameUser,
  SESSION_ROUTE,
} from "../core/session-info.js";
import { ErrorClass, type ErrorFactory } from "../core/error-factory.js";

/** The client whose token it is. */
export interface SessionClient {
  readonly userIdentityId: string | undefined;
  readonly errorFactory: ErrorFactory;
  readonly sessionCache: SessionCache;
  /** How often a token has taken another's place. */
  readonly tokenGeneration: number;
  hasToken(token: string): boolean;
  /** The same client for one short request. */
  withShortTimeout(): SessionClient;
  call(route: Route, params: string, options: object): Promise<unknown>;
}

/** Whose token a client has: the server is asked once for each, whoever wants to know. */
export class SessionCache {
  readonly #client: SessionClient;
  /** That of the token in use, once it is known. */
  sessionInfo: SessionInfo | undefined;
  #pending: Promise<SessionInfo> | undefined;

  /** For what is loaded later. */
  readonly isSameUser = isSameUser;

  constructor(client: SessionClient) {
    this.#client = client;
  }

  /** There is another token, with this session if it is known. */
  setInfo(session: SessionInfo | undefined): void {
    this.sessionInfo = session;
    this.#pending = session && Promise.resolve(session);
  }

  /**
   * The session of the token in use; when there is another by the time that this
   * resolves, it is not `current`. What is known is asked for again only `anew`.
   *
   * @throws As the call; who asks next has it made again.
   */
  getInfo(fresh = false): Promise<SessionInfo> {
    if (this.#pending && !(fresh && this.sessionInfo)) return this.#pending;
    const asked = this.fetchInfo().then(
      (session) => {
        if (this.#pending === asked) this.sessionInfo = session;
        return session;
      },
      (error: unknown) => {
        if (this.#pending === asked) this.#pending = undefined;
        throw error;
      },
    );
    return (this.#pending = asked);
  }

  /**
   * The session of the token in use, asked for once more if it is not known: not to know whose a
   * token is does not make it another user's. `undefined` if the server does not tell.
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
   * Asks the server.
   *
   * @throws {SeamHttpInvalidTokenError} It is not of the user whom the client is for.
   */
  async fetchInfo(): Promise<SessionInfo> {
    const { userIdentityId } = this.#client;
    const route = routeAt(SESSION_ROUTE) as Route;
    const body = await this.#client.call(route, "{}", {});
    const { client_session_id, user_identity_id, expires_at } =
      // A server may answer with anything.
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
