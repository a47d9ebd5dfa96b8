/**
 * Seam's resources as they stand on the wire. What Seam adds tomorrow is there
 * too, though no type names it; an enum takes values that nobody knows yet.
 */
type Open<T extends string> = T | (string & {});

/** A problem that Seam sees with a device or what it hangs on. */
export interface DeviceProblem {
  error_code?: string;
  warning_code?: string;
  message: string;
  created_at: string;
}

/** The capability flags: act only on what is present and true. */
export interface DeviceCapabilities {
  can_configure_auto_lock?: boolean;
  can_hvac_cool?: boolean;
  can_hvac_heat?: boolean;
  can_hvac_heat_cool?: boolean;
  can_program_offline_access_codes?: boolean;
  can_program_online_access_codes?: boolean;
  can_program_thermostat_programs_as_different_each_day?: boolean;
  can_program_thermostat_programs_as_same_each_day?: boolean;
  can_program_thermostat_programs_as_weekday_weekend?: boolean;
  can_remotely_lock?: boolean;
  can_remotely_unlock?: boolean;
  can_run_thermostat_programs?: boolean;
  can_simulate_connection?: boolean;
  can_simulate_disconnection?: boolean;
  can_simulate_hub_connection?: boolean;
  can_simulate_hub_disconnection?: boolean;
  can_simulate_paid_subscription?: boolean;
  can_simulate_removal?: boolean;
  can_turn_off_hvac?: boolean;
  can_unlock_with_code?: boolean;
}

/** A device: a lock, a thermostat, a sensor. */
export interface Device extends DeviceCapabilities {
  device_id: string;
  device_type: string;
  display_name: string;
  nickname?: string;
  workspace_id: string;
  connected_account_id: string;
  space_ids: string[];
  capabilities_supported: Open<
    | "access_code"
    | "lock"
    | "noise_detection"
    | "thermostat"
    | "battery"
    | "phone"
  >[];
  properties: {
    online: boolean;
    name: string;
    locked?: boolean;
    battery_level?: number;
    [property: string]: unknown;
  };
  errors: DeviceProblem[];
  warnings: DeviceProblem[];
  /** ISO 8601. */
  created_at: string;
  is_managed: boolean;
  custom_metadata: Record<string, string | boolean>;
}

/** A back end's user. */
export interface UserIdentity {
  user_identity_id: string;
  user_identity_key: string | null;
  email_address: string | null;
  phone_number: string | null;
  full_name: string | null;
  display_name: string;
  workspace_id: string;
  created_at: string;
}

/** A session of one user identity; its token is what an app holds. */
export interface ClientSession {
  client_session_id: string;
  user_identity_id?: string;
  user_identity_ids: string[];
  user_identifier_key: string | null;
  connected_account_ids: string[];
  connect_webview_ids: string[];
  device_count: number;
  /** The secret that opens the session's devices. */
  token: string;
  workspace_id: string;
  created_at: string;
  expires_at: string;
}

/** Something that was asked of a device, and how far it is. */
export interface ActionAttempt {
  action_attempt_id: string;
  action_type: Open<"LOCK_DOOR" | "UNLOCK_DOOR">;
  status: Open<"pending" | "success" | "error">;
  result: { was_confirmed_by_device?: boolean; [name: string]: unknown } | null;
  error: { type: string; message: string } | null;
}
