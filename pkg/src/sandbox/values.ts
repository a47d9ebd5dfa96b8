/**
 * The addresses, keys and ids to start with. `user_identity_id` and `client_session_token` are of a
 * user who was granted one lock, or of the first session of the seed, which may have no user.
 */
export interface SandboxInfo {
  endpoint: string;
  api_key: string;
  publishable_key: string;
  /** With the header `seam-workspace`, which has the id of the workspace. */
  personal_access_token: string;
  workspace_id: string;
  device_ids: string[];
  user_identity_id: string | null;
  client_session_token: string;
}

/** The time of the sandbox. */
export interface SandboxClock {
  now: string;
  /** How far it is ahead of real time, in milliseconds. */
  ahead_ms: number;
}

/** A client session, by its id or its token. */
export type SandboxSessionName =
  { client_session_id: string } | { client_session_token: string };

/** A complete state: JSON with keys and tokens in it. Its format may change. */
export type SandboxState = Record<string, unknown>;
