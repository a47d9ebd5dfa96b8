import type { ClientSession } from "../generated/resources/index.js";

/** The stored fields of a session; its token is not among them. */
export type SessionInfo = Pick<
  ClientSession,
  "client_session_id" | "user_identity_id" | "expires_at"
>;

/** Why a session has ended. */
export type SessionEndReason = "expired" | "revoked" | "signed_out";

/** @internal Returns why a session has ended whose token the server rejects. */
export function endReasonOf(
  session: SessionInfo | undefined,
): SessionEndReason {
  return Date.parse(session?.expires_at ?? "") <= Date.now()
    ? "expired"
    : "revoked";
}

/** @internal The route that returns the session of a token. */
export const SESSION_ROUTE = "/client_sessions/get";

/** @internal Whether two sessions are the same one, or of the same user identity. */
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
