import type { ClientSession } from "../generated/resources/index.js";
import { routeAt, type Route } from "../core/route.js";
import {
  type SessionInfo,
  isSameUser,
  SESSION_ROUTE,
} from "../core/session-info.js";
import { ErrorClass, type Errors } from "../core/error-factory.js";

/** The client whose token it is. */
export interface SessionCaller {
  readonly userIdentityId: string | undefined;
  readonly errors: Errors;
  readonly session: Session;
  /** How often a token has taken another's place. */
  readonly changes: number;
  uses(token: string): boolean;
  /** The same client for one short request. */
  briefly(): SessionCaller;
  call(route: Route, params: string, options: object): Promise<unknown>;
}

/** Whose token a client has: the server is asked once for each, whoever wants to know. */
export class Session {
  readonly #caller: SessionCaller;
  /** That of the token in use, once it is known. */
  current: SessionInfo | undefined;
  #asked: Promise<SessionInfo> | undefined;

  /** For what is loaded later. */
  readonly isSame = isSameUser;

  constructor(caller: SessionCaller) {
    this.#caller = caller;
  }

  /** There is another token, with this session if it is known. */
  set(session: SessionInfo | undefined): void {
    this.current = session;
    this.#asked = session && Promise.resolve(session);
  }

  /**
   * The session of the token in use; when there is another by the time that this
   * resolves, it is not `current`. What is known is asked for again only `anew`.
   *
   * @throws As the call; who asks next has it made again.
   */
  get(anew = false): Promise<SessionInfo> {
    if (this.#asked && !(anew && this.current)) return this.#asked;
    const asked = this.look().then(
      (session) => {
        if (this.#asked === asked) this.current = session;
        return session;
      },
      (error: unknown) => {
        if (this.#asked === asked) this.#asked = undefined;
        throw error;
      },
    );
    return (this.#asked = asked);
  }

  /**
   * The session of the token in use, asked for once more if it is not known: not to know whose a
   * token is does not make it another user's. `undefined` if the server does not tell.
   */
  async known(): Promise<SessionInfo | undefined> {
    const caller = this.#caller;
    if (this.current || caller.uses("")) return this.current;
    const { changes } = caller;
    const session = await caller
      .briefly()
      .session.look()
      .catch(() => undefined);
    if (changes === caller.changes) this.current ??= session;
    return this.current;
  }

  /**
   * Asks the server.
   *
   * @throws {SeamHttpInvalidTokenError} It is not of the user whom the client is for.
   */
  async look(): Promise<SessionInfo> {
    const { userIdentityId } = this.#caller;
    const route = routeAt(SESSION_ROUTE) as Route;
    const body = await this.#caller.call(route, "{}", {});
    const { client_session_id, user_identity_id, expires_at } =
      // A server may answer with anything.
      Object((body as { client_session: ClientSession }).client_session);
    if (userIdentityId !== undefined && user_identity_id !== userIdentityId) {
      throw this.#caller.errors.make(
        ErrorClass.InvalidToken,
        "wrong_user",
        "not_sent",
        "the token is not of the user identity that userIdentityId names",
      );
    }
    return { client_session_id, user_identity_id, expires_at };
  }
}
