// Seam's own fake and our sandbox, with the same things in both.
import { Sandbox } from "../../support/installed.mjs";
import { startFake, times } from "../../support/fake.mjs";

const uuid = (n) =>
  `b${String(n).padStart(7, "0")}-0000-4000-8000-000000000000`;

/** What a request may name: by which id in the fake, and by which in ours. */
const IDS = {
  lock: ["august_device_1", uuid(1)],
  secondLock: ["august_device_2", uuid(2)],
  thermostat: ["ecobee_device_1", uuid(3)],
  sensor: ["minut_device_1", uuid(4)],
  unmanaged: ["unmanaged_device", uuid(5)],
  elsewhere: ["schlage_device_id", uuid(6)],
  ongoing: ["access_code1", uuid(11)],
  bound: ["access_code2", uuid(12)],
  foundCode: ["access_code3", uuid(13)],
  account: ["john_connected_account_id", uuid(20)],
  otherAccount: ["jane_connected_account_id", uuid(21)],
  webview: ["connect_webview1", uuid(22)],
  threshold: ["noise_threshold1", uuid(23)],
  system: ["visionline_acs_system_1", uuid(30)],
  entrance: ["acs_entrance1", uuid(31)],
  user: ["acs_user1", uuid(32)],
  attempt: ["action_attempt1"],
  event: ["event1"],
  unknown: [uuid(99), uuid(99)],
};

const id = (name) => IDS[name][1];

const SEED = {
  connected_accounts: [
    {
      name: "john",
      connected_account_id: id("account"),
      connect_webview_id: id("webview"),
      user_identifier: { email: "john@example.com" },
    },
    { name: "jane", connected_account_id: id("otherAccount") },
  ],
  devices: [
    device("lock", "august_lock", "Smart Device"),
    device("secondLock", "august_lock", "Smart Device 2"),
    device("thermostat", "ecobee_thermostat", "Thermostat"),
    device("sensor", "minut_sensor", "Sensor"),
    { ...device("unmanaged", "august_lock", "Unmanaged"), is_managed: false },
    {
      ...device("elsewhere", "schlage_lock", "Elsewhere"),
      connected_account: "jane",
    },
  ],
  client_sessions: [
    {
      user_identifier_key: "john_user_identifier_key",
      connected_accounts: ["john"],
    },
  ],
  access_codes: [
    { ...code("ongoing", "A", "1111"), type: "ongoing" },
    {
      ...code("bound", "B", "2222"),
      type: "time_bound",
      is_backup_access_code_available: true,
      ...times,
    },
    { ...code("foundCode", "C", "3333"), is_managed: false },
  ],
  noise_thresholds: [
    { device: id("sensor"), noise_threshold_id: id("threshold") },
  ],
  acs_systems: [
    {
      name: "System",
      acs_system_id: id("system"),
      connected_account: "john",
      external_type: "visionline_system",
      system_type: "visionline_system",
    },
  ],
  acs_entrances: [
    {
      display_name: "Lobby",
      acs_entrance_id: id("entrance"),
      acs_system: "System",
    },
  ],
  acs_users: [
    {
      display_name: "Ada",
      full_name: "Ada",
      acs_user_id: id("user"),
      acs_system: "System",
    },
  ],
};

function device(name, device_type, display_name) {
  return { device_id: id(name), device_type, display_name };
}

function code(name, called, number) {
  return {
    device: id("lock"),
    access_code_id: id(name),
    name: called,
    code: number,
  };
}

/** Who may call, by the headers that each server knows them by. */
const CALLERS = {
  key: ({ key }) => ({ authorization: `Bearer ${key}` }),
  token: ({ token }) => ({ "client-session-token": token }),
  nobody: () => ({}),
  unknownKey: () => ({ authorization: "Bearer seam_unknown_key" }),
  unknownToken: () => ({ "client-session-token": "seam_cst1unknown_token" }),
  noToken: () => ({ "client-session-token": "something" }),
};

/** The two of them, to `ask`; `$name` in the parameters is the id that it has in each. */
export async function startPair(t) {
  const fake = await startFake(t);
  const sandbox = await Sandbox.create({ seed: SEED, rateLimits: false });
  const theirs = {
    endpoint: fake.endpoint,
    fetch,
    at: 0,
    key: fake.seed.seam_apikey1_token,
    token: fake.seed.seam_cst1_token,
    more: {},
  };
  const ours = {
    endpoint: sandbox.info.endpoint,
    fetch: sandbox.fetch,
    at: 1,
    key: sandbox.info.api_key,
    token: sandbox.info.client_session_token,
    more: {},
  };
  // The fake begins with some that ours makes of what happens, and gives ids of its own.
  const lock = { device_id: id("lock") };
  const made = await ask(ours, "token", "/locks/lock_door", lock);
  await sandbox.advanceClock(1000);
  await ask(ours, "key", "/devices/simulate/disconnect", lock);
  await ask(ours, "key", "/devices/simulate/connect", lock);
  const connected = { ...lock, event_type: "device.connected" };
  const event = await ask(ours, "token", "/events/get", connected);
  await ask(ours, "key", "/client_sessions/grant_access", {
    user_identifier_key: "john_user_identifier_key",
    connect_webview_ids: [id("webview")],
  });
  ours.more = {
    attempt: made.body.action_attempt.action_attempt_id,
    event: event.body.event.event_id,
  };
  return [theirs, ours];
}

/** One request, with a body of its own if there is one. */
export async function ask(server, caller, path, params, text) {
  const response = await server.fetch(server.endpoint + path, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      ...CALLERS[caller](server),
    },
    body: text ?? JSON.stringify(resolved(params, server)),
  });
  const answer = await response.text();
  const body = /^[{[]/.test(answer) ? JSON.parse(answer) : answer;
  return { status: response.status, body };
}

function resolved(params, { at, more }) {
  return JSON.parse(JSON.stringify(params), (_, value) => {
    if (typeof value !== "string" || !value.startsWith("$")) return value;
    const name = value.slice(1);
    return more[name] ?? IDS[name][at];
  });
}
