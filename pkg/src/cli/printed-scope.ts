/** What `seam-session scope --json` prints, apart from differences. */
export interface PrintedScope {
  endpoint: string;
  client_session_id: string | null;
  user_identity_id: string | null;
  user_identity_key: string | null;
  expires_at: string | null;
  expires_in_ms: number | null;
  devices: PrintedDevice[];
}

/** A device of the scope. */
export interface PrintedDevice {
  device_id: string;
  display_name: string;
  device_type: string;
  capabilities: readonly string[];
}
