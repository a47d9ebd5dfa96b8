// A workspace with one of everything that a client session can be shown: Ada's, and Ben's door.

const id = (n) => `a${String(n).padStart(7, "0")}-0000-4000-8000-000000000000`;

export const LOCK = id(1);
export const THERMOSTAT = id(2);
export const SENSOR = id(3);
export const UNMANAGED = id(4);
export const SHED = id(5);
export const NUKI = id(6);
export const BENS = id(7);
export const CODE = id(10);
export const FOUND_CODE = id(11);
export const OTHER_FOUND_CODE = id(12);
export const THIRD_FOUND_CODE = id(13);
export const SCHEDULE = id(20);
export const THRESHOLD = id(21);
export const PHONE = id(22);
export const OTHER_PHONE = id(23);
export const ACCOUNT = id(30);
export const OTHER_ACCOUNT = id(31);
export const WEBVIEW = id(32);
export const SYSTEM = id(40);
export const ENTRANCE = id(41);
export const MEMBER = id(42);
export const GROUP = id(43);
export const CREDENTIAL = id(44);

/** What `seam-session sandbox --seed` takes. */
export const SEED = {
  connected_accounts: [
    {
      name: "ada",
      connected_account_id: ACCOUNT,
      connect_webview_id: WEBVIEW,
      user_identifier: { email: "ada@example.com" },
    },
    { name: "other", connected_account_id: OTHER_ACCOUNT },
  ],
  devices: [
    {
      device_type: "august_lock",
      display_name: "Front Door",
      device_id: LOCK,
      custom_metadata: { floor: "1", is_rented: true },
      can_configure_auto_lock: true,
      properties: { supports_backup_access_code_pool: true },
    },
    { device_type: "yale_lock", display_name: "Shed", device_id: SHED },
    {
      device_type: "ecobee_thermostat",
      display_name: "Hall",
      device_id: THERMOSTAT,
    },
    {
      device_type: "minut_sensor",
      display_name: "Living Room",
      device_id: SENSOR,
    },
    {
      device_type: "yale_lock",
      display_name: "Attic",
      device_id: UNMANAGED,
      is_managed: false,
    },
    {
      device_type: "nuki_lock",
      display_name: "Cellar",
      device_id: NUKI,
      can_simulate_removal: true,
    },
    {
      device_type: "august_lock",
      display_name: "Ben’s Door",
      device_id: BENS,
      connected_account: "other",
    },
  ],
  user_identities: [
    { user_identity_key: "ada", full_name: "Ada Lovelace" },
    { user_identity_key: "ben", devices: [BENS] },
    { user_identity_key: "walk-in", full_name: "Cem", is_managed: false },
  ],
  access_codes: [
    {
      device: LOCK,
      access_code_id: CODE,
      name: "Cleaner",
      code: "4711",
      type: "time_bound",
      starts_at: "2020-01-01T00:00:00.000Z",
      ends_at: "2099-01-01T00:00:00.000Z",
      is_backup_access_code_available: true,
    },
    {
      device: LOCK,
      access_code_id: FOUND_CODE,
      name: "Found",
      code: "8642",
      is_managed: false,
    },
    {
      device: LOCK,
      access_code_id: OTHER_FOUND_CODE,
      name: "Found too",
      code: "9753",
      is_managed: false,
    },
    {
      device: LOCK,
      access_code_id: THIRD_FOUND_CODE,
      name: "Not wanted",
      code: "7531",
      is_managed: false,
    },
  ],
  noise_thresholds: [
    { device: SENSOR, noise_threshold_id: THRESHOLD, name: "Night" },
  ],
  thermostat_schedules: [
    {
      device: THERMOSTAT,
      thermostat_schedule_id: SCHEDULE,
      name: "Winter",
      climate_preset_key: "home",
      starts_at: "2098-01-01T00:00:00.000Z",
      ends_at: "2098-02-01T00:00:00.000Z",
    },
  ],
  phones: [
    { user_identity_key: "ada", device_id: PHONE },
    { user_identity_key: "ada", device_id: OTHER_PHONE },
  ],
  acs_systems: [
    { name: "Club", acs_system_id: SYSTEM, connected_account: "ada" },
  ],
  acs_entrances: [
    { display_name: "Gym", acs_entrance_id: ENTRANCE, acs_system: "Club" },
  ],
  acs_users: [
    {
      display_name: "Ada",
      acs_user_id: MEMBER,
      acs_system: "Club",
      user_identity_key: "ada",
      user_identity_email_address: "ada@example.com",
      acs_entrances: ["Gym"],
    },
  ],
  acs_access_groups: [
    {
      name: "Members",
      display_name: "Members",
      acs_access_group_id: GROUP,
      acs_system: "Club",
      acs_users: ["Ada"],
    },
  ],
  acs_credentials: [
    {
      acs_user: "Ada",
      acs_credential_id: CREDENTIAL,
      display_name: "Card",
      acs_entrances: ["Gym"],
    },
  ],
};
