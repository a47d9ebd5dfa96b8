/** Why a client session sees a device, or why it does not. */
export interface SandboxExplanation {
  device_id: string;
  visible: boolean;
  /** The grants through which the session sees the device. */
  because: SandboxGrant[];
  /** Why the session does not see the device; `null` if it does. */
  reason: string | null;
}

/** A grant through which a session sees a device. */
export type SandboxGrant =
  | { grant: "user_identity"; user_identity_id: string }
  | { grant: "access_grant"; access_grant_id: string }
  | { grant: "connected_account"; connected_account_id: string }
  | { grant: "connect_webview"; connect_webview_id: string };
