import type { ClientSession } from "../generated/resources/index.js";

/** The stored fields of a session; its token is not among them. */
export type SessionInfo = Pick<
  ClientSession,
  "client_session_id" | "user_identity_id" | "expires_at"
>;

/** The route that returns the session of a token. */
export const SESSION_ROUTE = "/client_sessions/get";

/** Whether two sessions are the same one, or of the same user identity. */
export function isSameUser(
  one: SessionInfo | undefined,
  other: SessionInfo,
): boolean {
  const { client_session_id, user_identity_id } = other;
  return (
    (client_session_id != null &&
      one?.client_session_id === client_session_id) ||
    (user_identity_id != null && one?.user_identity_id === user_identity_id)
  );
}
