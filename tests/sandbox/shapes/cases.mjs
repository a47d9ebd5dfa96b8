// What both servers are asked.

const device_id = "$lock";
const thermostat = { device_id: "$thermostat" };
const sensor = { device_id: "$sensor" };
const times = {
  starts_at: "2030-01-01T00:00:00.000Z",
  ends_at: "2030-01-02T00:00:00.000Z",
};

/** The parameters with which each route that both serve succeeds, as far as it does. */
export const ROUTES = {
  "/access_codes/create": { device_id, name: "Ada", code: "1234" },
  "/access_codes/create_multiple": {
    device_ids: [device_id, "$secondLock"],
    code: "1234",
  },
  "/access_codes/delete": { access_code_id: "$ongoing" },
  "/access_codes/generate_code": { device_id },
  "/access_codes/get": { access_code_id: "$ongoing" },
  "/access_codes/list": { device_id },
  "/access_codes/pull_backup_access_code": { access_code_id: "$bound" },
  "/access_codes/simulate/create_unmanaged_access_code": {
    device_id,
    name: "Ada",
    code: "1234",
  },
  "/access_codes/unmanaged/list": { device_id },
  "/access_codes/unmanaged/update": {
    access_code_id: "$foundCode",
    is_managed: true,
  },
  "/access_codes/update": { access_code_id: "$ongoing", name: "Bob", ...times },
  "/acs/entrances/get": { acs_entrance_id: "$entrance" },
  "/acs/entrances/list": { acs_system_id: "$system" },
  "/acs/systems/list": {},
  "/acs/users/list": { acs_system_id: "$system" },
  "/action_attempts/get": { action_attempt_id: "$attempt" },
  "/action_attempts/list": { action_attempt_ids: ["$attempt"] },
  "/client_sessions/create": {
    user_identifier_key: "ada",
    connected_account_ids: ["$account"],
  },
  "/client_sessions/get": { user_identifier_key: "john_user_identifier_key" },
  "/client_sessions/get_or_create": { user_identifier_key: "ada" },
  "/connect_webviews/create": { accepted_providers: ["august"] },
  "/connect_webviews/get": { connect_webview_id: "$webview" },
  "/connect_webviews/list": {},
  "/connected_accounts/delete": { connected_account_id: "$account" },
  "/connected_accounts/get": { connected_account_id: "$account" },
  "/connected_accounts/list": { limit: 1 },
  "/connected_accounts/update": {
    connected_account_id: "$account",
    custom_metadata: { floor: "2" },
  },
  "/devices/get": { device_id },
  "/devices/list": { limit: 2 },
  "/devices/list_device_providers": {},
  "/devices/unmanaged/get": { device_id: "$unmanaged" },
  "/devices/unmanaged/list": {},
  "/devices/unmanaged/update": { device_id: "$unmanaged", is_managed: true },
  "/devices/update": { device_id, name: "Front door" },
  "/events/get": { event_id: "$event" },
  "/events/list": {
    since: "2020-01-01T00:00:00.000Z",
    event_type: "device.connected",
  },
  "/locks/get": { device_id },
  "/locks/list": {},
  "/locks/lock_door": { device_id },
  "/locks/unlock_door": { device_id },
  "/noise_sensors/noise_thresholds/create": {
    ...sensor,
    starts_daily_at: "20:00:00[America/Los_Angeles]",
    ends_daily_at: "08:00:00[America/Los_Angeles]",
    noise_threshold_decibels: 60,
  },
  "/noise_sensors/noise_thresholds/delete": {
    ...sensor,
    noise_threshold_id: "$threshold",
  },
  "/noise_sensors/noise_thresholds/get": { noise_threshold_id: "$threshold" },
  "/noise_sensors/noise_thresholds/list": sensor,
  "/noise_sensors/noise_thresholds/update": {
    ...sensor,
    noise_threshold_id: "$threshold",
    noise_threshold_decibels: 70,
  },
  "/thermostats/cool": { ...thermostat, cooling_set_point_fahrenheit: 75 },
  "/thermostats/heat": { ...thermostat, heating_set_point_fahrenheit: 68 },
  "/thermostats/heat_cool": {
    ...thermostat,
    heating_set_point_fahrenheit: 68,
    cooling_set_point_fahrenheit: 75,
  },
  "/thermostats/list": {},
  "/thermostats/off": thermostat,
  "/thermostats/set_fan_mode": { ...thermostat, fan_mode_setting: "on" },
  "/user_identities/create": { user_identity_key: "ada" },
  "/workspaces/get": {},
  "/workspaces/list": {},
};

/** What is refused on some routes, or means something of its own. */
const MORE = [
  [
    "/access_codes/create",
    "a number that is taken",
    { device_id, code: "1111" },
  ],
  [
    "/devices/unmanaged/update",
    "managed already",
    { device_id, is_managed: true },
  ],
  ["/devices/get", "one that is not managed", { device_id: "$unmanaged" }],
  ["/devices/unmanaged/get", "a managed one", { device_id }],
  ["/locks/get", "no lock", thermostat],
  ["/locks/unlock_door", "no lock", thermostat],
  [
    "/thermostats/heat",
    "no thermostat",
    { device_id, heating_set_point_fahrenheit: 68 },
  ],
  [
    "/events/list",
    "between two times",
    {
      between: ["2020-01-01T00:00:00.000Z", "2099-01-01T00:00:00.000Z"],
      event_type: "device.connected",
    },
  ],
  ["/devices/list", "a cursor that is none", { page_cursor: "none" }],
  ["/devices/list", "by ids", { device_ids: [device_id, "$secondLock"] }],
];

/**
 * What a route refuses, or only tells: a name for it, who calls, the parameters, and the body's text
 * if it is not their JSON.
 */
export function casesOf(path) {
  const params = ROUTES[path];
  const cases = [["nothing", "key", {}]];
  for (const [name, value] of Object.entries(params)) {
    const wrong = typeof value === "number" ? "seven" : 7;
    cases.push([`wrong ${name}`, "key", { ...params, [name]: wrong }]);
    if (!names(value)) continue;
    const unknown = Array.isArray(value) ? ["$unknown"] : "$unknown";
    cases.push([`unknown ${name}`, "key", { ...params, [name]: unknown }]);
    if (name !== "device_id" && name !== "device_ids") continue;
    const other = Array.isArray(value) ? ["$elsewhere"] : "$elsewhere";
    cases.push([`out of scope ${name}`, "token", { ...params, [name]: other }]);
  }
  for (const [of, name, more] of MORE)
    if (of === path) cases.push([name, "key", more]);
  for (const caller of ["nobody", "unknownKey", "unknownToken", "noToken"])
    cases.push([`by ${caller}`, caller, params]);
  cases.push(["broken JSON", "key", params, "{"]);
  return cases;
}

/** Whether a value names something. */
const names = (value) =>
  [value].flat().some((it) => String(it).startsWith("$"));
