// Devices, locks, phones, and the workspace that they are in.
import {
  LOCK,
  NUKI,
  OTHER_PHONE,
  PHONE,
  SENSOR,
  SHED,
  THERMOSTAT,
  UNMANAGED,
} from "../seed.mjs";

const device_id = LOCK;
const done = { status: "success", error: null };

export const devices = [
  {
    call: "/devices/list",
    params: { device_ids: [LOCK, THERMOSTAT] },
    is: [{ device_id: LOCK }, { device_id: THERMOSTAT }],
  },
  {
    call: "/devices/list",
    params: { custom_metadata_has: { floor: "1" }, limit: 1 },
    is: [{ device_id: LOCK, custom_metadata: { is_rented: true } }],
  },
  {
    call: "/devices/get",
    params: { device_id },
    is: { display_name: "Front Door", can_remotely_unlock: true },
  },
  {
    call: "/devices/update",
    params: {
      device_id,
      name: "Main Door",
      custom_metadata: { floor: "2", is_rented: false },
    },
  },
  {
    call: "/devices/get",
    params: { name: "Main Door" },
    is: {
      device_id,
      nickname: "Main Door",
      custom_metadata: { floor: "2", is_rented: false },
    },
  },
  {
    call: "/devices/list_device_providers",
    params: { provider_category: "stable" },
    has: { device_provider_name: "august" },
  },
  {
    call: "/devices/unmanaged/get",
    params: { device_id: UNMANAGED },
    is: { is_managed: false, properties: { online: true } },
  },
  {
    call: "/devices/get",
    params: { device_id: "11111111-1111-4111-8111-111111111111" },
    fails: [404, "device_not_found"],
  },
  {
    call: "/devices/get",
    params: { device_id: "front-door" },
    fails: [400, "invalid_input"],
  },
];

export const locks = [
  {
    call: "/locks/list",
    params: {},
    has: { device_id },
    lacks: { device_id: SENSOR },
  },
  {
    call: "/locks/get",
    params: { device_id },
    is: { properties: { locked: true } },
  },
  {
    call: "/locks/unlock_door",
    params: { device_id },
    is: { ...done, action_type: "UNLOCK_DOOR" },
    keep: { attempt: "action_attempt_id" },
  },
  {
    call: "/action_attempts/get",
    params: { action_attempt_id: "$attempt" },
    is: { ...done, action_attempt_id: "$attempt" },
  },
  {
    call: "/locks/get",
    params: { device_id },
    is: { properties: { locked: false } },
  },
  {
    call: "/locks/lock_door",
    params: { device_id },
    is: { ...done, action_type: "LOCK_DOOR" },
  },
  {
    call: "/devices/get",
    params: { device_id },
    is: { properties: { locked: true } },
  },
  {
    call: "/locks/configure_auto_lock",
    params: { device_id, auto_lock_enabled: true, auto_lock_delay_seconds: 60 },
    is: { ...done, action_type: "CONFIGURE_AUTO_LOCK" },
  },
  {
    after: "/locks/configure_auto_lock",
    call: "/devices/get",
    params: { device_id },
    is: {
      properties: { auto_lock_enabled: true, auto_lock_delay_seconds: 60 },
    },
  },
  {
    call: "/locks/unlock_door",
    params: { device_id: THERMOSTAT },
    fails: [400, "capability_not_supported"],
  },
];

export const phones = [
  { call: "/phones/deactivate", params: { device_id: PHONE } },
  {
    call: "/phones/deactivate",
    params: { device_id: PHONE },
    fails: [404, "phone_not_found"],
  },
];

export const workspaces = [
  {
    call: "/workspaces/get",
    params: {},
    is: { workspace_id: "$workspace", is_sandbox: true },
  },
  {
    call: "/workspaces/list",
    params: {},
    is: [{ workspace_id: "$workspace" }],
  },
];

/** What only the back end may do with them. */
export const devicesOfBackEnd = [
  {
    call: "/action_attempts/list",
    params: { action_attempt_ids: ["$attempt"] },
    is: [{ ...done, action_attempt_id: "$attempt" }],
  },
  {
    call: "/devices/unmanaged/list",
    params: {},
    is: [{ device_id: UNMANAGED }],
  },
  {
    call: "/devices/unmanaged/update",
    params: { device_id: UNMANAGED, is_managed: true },
  },
  {
    call: "/devices/get",
    params: { device_id: UNMANAGED },
    is: { is_managed: true },
  },
  { call: "/devices/simulate/disconnect", params: { device_id: SHED } },
  {
    call: "/devices/get",
    params: { device_id: SHED },
    is: {
      properties: { online: false },
      errors: [{ error_code: "device_disconnected" }],
    },
  },
  { call: "/devices/simulate/connect", params: { device_id: SHED } },
  {
    call: "/devices/get",
    params: { device_id: SHED },
    is: { properties: { online: true }, errors: [] },
  },
  { call: "/devices/simulate/disconnect_from_hub", params: { device_id } },
  {
    call: "/devices/get",
    params: { device_id },
    is: { errors: [{ error_code: "hub_disconnected" }] },
  },
  { call: "/devices/simulate/connect_to_hub", params: { device_id } },
  { call: "/devices/get", params: { device_id }, is: { errors: [] } },
  {
    call: "/devices/simulate/paid_subscription",
    params: { device_id: NUKI, is_expired: true },
  },
  {
    call: "/devices/get",
    params: { device_id: NUKI },
    is: { errors: [{ error_code: "subscription_required" }] },
  },
  { call: "/devices/simulate/remove", params: { device_id: NUKI } },
  {
    call: "/devices/get",
    params: { device_id: NUKI },
    is: {
      errors: [
        { error_code: "subscription_required" },
        { error_code: "device_removed" },
      ],
    },
  },
  { call: "/phones/list", params: {}, is: [{ device_id: OTHER_PHONE }] },
  {
    call: "/phones/get",
    params: { device_id: OTHER_PHONE },
    is: { device_id: OTHER_PHONE },
  },
  {
    call: "/locks/simulate/keypad_code_entry",
    params: { device_id, code: "8642" },
    is: { ...done, action_type: "SIMULATE_KEYPAD_CODE_ENTRY" },
  },
  {
    after: "/locks/simulate/keypad_code_entry",
    call: "/events/get",
    params: { device_id, event_type: "lock.unlocked" },
    is: { method: "keycode", code: "8642" },
  },
  {
    call: "/locks/simulate/manual_lock_via_keypad",
    params: { device_id },
    is: { ...done, action_type: "SIMULATE_MANUAL_LOCK_VIA_KEYPAD" },
  },
  {
    after: "/locks/simulate/manual_lock_via_keypad",
    call: "/devices/get",
    params: { device_id },
    is: { properties: { locked: true } },
  },
  { call: "/workspaces/update", params: { name: "Renamed" } },
  { call: "/workspaces/get", params: {}, is: { name: "Renamed" } },
];

/** What forgets all that was done before. */
export const reset = [
  {
    call: "/workspaces/reset_sandbox",
    params: {},
    is: { ...done, action_type: "RESET_SANDBOX_WORKSPACE" },
  },
  {
    after: "/workspaces/reset_sandbox",
    call: "/devices/get",
    params: { device_id: NUKI },
    is: { errors: [] },
  },
];
