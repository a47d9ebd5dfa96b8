import type { ClientSession } from "../resources.js";

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
