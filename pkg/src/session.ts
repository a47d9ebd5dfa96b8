import type { Caller } from "./call.js";
import type { ClientSession } from "./resources.js";
import { routeAt, type Route } from "./routes.js";
import { ErrorClass } from "./thrown.js";

/** What is kept of a session; never its token. */
export type Facts = Pick<
  ClientSession,
  "client_session_id" | "user_identity_id" | "expires_at"
>;

/** The route that tells whose token it is. */
export const SESSION = "/client_sessions/get";

/** Whether two sessions are one, or of one user identity. */
export function isSame(one: Facts | undefined, other: Facts): boolean {
  const { client_session_id, user_identity_id } = other;
  return (
    (client_session_id != null &&
      one?.client_session_id === client_session_id) ||
    (user_identity_id != null && one?.user_identity_id === user_identity_id)
  );
}

/** Whose token a client has: the server is asked once for each, whoever wants to know. */
export class Session {
  readonly #caller: Caller;
  /** That of the token in use, once it is known. */
  current: Facts | undefined;
  #asked: Promise<Facts> | undefined;

  /** For what is loaded later. */
  readonly isSame = isSame;

  constructor(caller: Caller) {
    this.#caller = caller;
  }

  /** There is another token, with this session if it is known. */
  set(session: Facts | undefined): void {
    this.current = session;
    this.#asked = session && Promise.resolve(session);
  }

  /**
   * The session of the token in use; when there is another by the time that this
   * resolves, it is not `current`. What is known is asked for again only `anew`.
   *
   * @throws As the call; who asks next has it made again.
   */
  get(anew = false): Promise<Facts> {
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
  async known(): Promise<Facts | undefined> {
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
  async look(): Promise<Facts> {
    const { userIdentityId } = this.#caller;
    const route = routeAt(SESSION) as Route;
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
