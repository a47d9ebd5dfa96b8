import type { Caller } from "./call.js";
import type { ClientSession } from "./resources.js";
import type { Route } from "./routes.js";

/** What is kept of a session; never its token. */
export type Facts = Pick<
  ClientSession,
  "client_session_id" | "user_identity_id" | "expires_at"
>;

/** Whether two sessions are one, or of one user identity. */
export function isSame(one: Facts | undefined, other: Facts): boolean {
  const { client_session_id, user_identity_id } = other;
  return (
    one?.client_session_id === client_session_id ||
    (user_identity_id != null && one?.user_identity_id === user_identity_id)
  );
}

/** Whose token a client has: the server is asked once for each, whoever wants to know. */
export class Session {
  readonly #caller: Caller;
  readonly #route: Route;
  /** That of the token in use, once it is known. */
  current: Facts | undefined;
  #asked: Promise<Facts> | undefined;

  /** The one of this client. */
  static of(
    caller: Caller,
    routeAt: (path: string) => Route | undefined,
  ): Session {
    return (caller.session ??= new Session(
      caller,
      routeAt("/client_sessions/get") as Route,
    ));
  }

  private constructor(caller: Caller, route: Route) {
    this.#caller = caller;
    this.#route = route;
    caller.companions.push({
      renewed: (session, first) => {
        // Who asked before there was one is answered for this.
        if (first) return;
        this.current = session;
        this.#asked = session && Promise.resolve(session);
      },
    });
  }

  /**
   * The session of the token in use; when there is another by the time that this
   * resolves, it is not `current`. What is known is asked for again only `anew`.
   *
   * @throws As the call; who asks next has it made again.
   */
  get(anew = false): Promise<Facts> {
    if (this.#asked && !(anew && this.current)) return this.#asked;
    const asked = this.look(this.#caller).then(
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

  /** The session of a client's token, which may be one that is not in use here yet. */
  async look(caller: Caller): Promise<Facts> {
    const body = await caller.call(this.#route, "{}", {});
    const { client_session_id, user_identity_id, expires_at } = (
      body as { client_session: ClientSession }
    ).client_session;
    return { client_session_id, user_identity_id, expires_at };
  }
}
