import type { SessionEndReason, SessionInfo } from "./session-info.js";

/** The events of a session, by name. */
export interface SeamEvents {
  /** `signed_out` if the token function has ended the session, or the client was closed. */
  sessionEnded: { readonly reason: SessionEndReason };
  /** The session of the new token; `undefined` if it is not known yet. */
  tokenRefreshed: { readonly session: SessionInfo | undefined };
  /** As of `tokenRefreshed`. */
  userChanged: { readonly session: SessionInfo | undefined };
}
