// The client against Seam's own fake of its API, for every documented route that the fake serves.
// Of two equal fakes one is called by the client and one by plain fetch: both must receive and
// return the same.
//
// The fake proves nothing about scope: it lets any session unlock any door, as the last test
// shows.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";

import { rejected } from "../support/errors.mjs";
import {
  acs_access_group_id,
  acs_entrance_id,
  acs_system_id,
  acs_user_id,
  connected_account_id,
  device_id,
  startFake,
  times,
} from "../support/fake.mjs";
import { client, Sandbox, Seam } from "../support/installed.mjs";

const { openapi } = createRequire(import.meta.url)("@seamapi/types/connect");

const DOCUMENTED = Object.entries(openapi.paths)
  .filter(
    ([, methods]) => !Object.values(methods).some((it) => it["x-undocumented"]),
  )
  .map(([path]) => path);

const accepts = (path, ...kinds) =>
  openapi.paths[path].post.security.some((it) =>
    kinds.some((kind) => kind in it),
  );

const [ongoing, bound, unmanaged] = ["1", "2", "3"].map(
  (n) => `access_code${n}`,
);
const thermostat = { device_id: "ecobee_device_1" };
const noise = { device_id: "minut_device_1" };
const noise_threshold_id = "noise_threshold1";
const uuid = "3b0d5a9c-6f0e-4f07-9f43-6d1f9b8e2c11";

/**
 * The parameters of each route that the fake serves. `random` names what it
 * makes up anew each time, beside secrets. Where a call cannot succeed, `fails`
 * has the status and the error type that the fake answers with; `answers` is
 * the member that it gives in place of the OpenAPI's; `forgets` says that it
 * does away with the API keys, so that nobody can ask for the action attempt.
 */
const ROUTES = {
  "/access_codes/create": { params: { device_id, name: "Ada", code: "1234" } },
  "/access_codes/create_multiple": {
    params: { device_ids: [device_id, "august_device_2"], code: "1234" },
  },
  "/access_codes/delete": { params: { access_code_id: ongoing } },
  "/access_codes/generate_code": { params: { device_id }, random: ["code"] },
  "/access_codes/get": { params: { access_code_id: ongoing } },
  "/access_codes/list": { params: { device_id } },
  "/access_codes/pull_backup_access_code": {
    params: { access_code_id: bound },
    answers: "backup_access_code",
  },
  "/access_codes/simulate/create_unmanaged_access_code": {
    params: { device_id, name: "Ada", code: "1234" },
  },
  "/access_codes/unmanaged/list": { params: { device_id } },
  "/access_codes/unmanaged/update": {
    params: { access_code_id: unmanaged, is_managed: true },
  },
  "/access_codes/update": {
    params: { access_code_id: ongoing, name: "Bob", ...times },
  },
  "/acs/entrances/get": { params: { acs_entrance_id } },
  "/acs/entrances/grant_access": { params: { acs_entrance_id, acs_user_id } },
  "/acs/entrances/list": { params: { acs_system_id } },
  "/acs/systems/get": { params: { acs_system_id } },
  "/acs/systems/list": {},
  "/acs/users/add_to_access_group": {
    params: { acs_user_id, acs_access_group_id },
  },
  "/acs/users/create": { params: { acs_system_id, full_name: "Ada" } },
  "/acs/users/delete": { params: { acs_user_id } },
  "/acs/users/get": { params: { acs_user_id } },
  "/acs/users/list": { params: { acs_system_id } },
  "/acs/users/remove_from_access_group": {
    params: { acs_user_id, acs_access_group_id },
  },
  "/acs/users/suspend": { params: { acs_user_id } },
  "/acs/users/unsuspend": { params: { acs_user_id } },
  "/acs/users/update": { params: { acs_user_id, full_name: "Bob" } },
  "/action_attempts/get": { params: { action_attempt_id: "action_attempt1" } },
  "/action_attempts/list": {
    params: { action_attempt_ids: ["action_attempt1"] },
  },
  "/client_sessions/create": {
    params: {
      user_identifier_key: "ada",
      connected_account_ids: [connected_account_id],
    },
  },
  "/client_sessions/get": {
    params: { user_identifier_key: "john_user_identifier_key" },
  },
  "/client_sessions/get_or_create": {
    params: { user_identifier_key: "ada" },
    fails: [400, "publishable_key_header_required"],
  },
  "/connect_webviews/create": { params: { accepted_providers: ["august"] } },
  "/connect_webviews/get": {
    params: { connect_webview_id: "connect_webview1" },
  },
  "/connect_webviews/list": {},
  "/connected_accounts/delete": { params: { connected_account_id } },
  "/connected_accounts/get": { params: { connected_account_id } },
  "/connected_accounts/list": { params: { limit: 1 } },
  "/connected_accounts/update": {
    params: { connected_account_id, custom_metadata: { floor: "2" } },
  },
  "/devices/get": { params: { device_id } },
  "/devices/list": { params: { limit: 2 } },
  "/devices/list_device_providers": {},
  "/devices/unmanaged/get": { params: { device_id: "unmanaged_device" } },
  "/devices/unmanaged/list": {},
  "/devices/unmanaged/update": {
    params: { device_id: "unmanaged_device", is_managed: true },
  },
  "/devices/update": { params: { device_id, name: "Front door" } },
  "/events/get": { params: { event_id: "event1" } },
  "/events/list": { params: { since: "2020-01-01T00:00:00.000Z" } },
  "/locks/get": { params: { device_id } },
  "/locks/list": {},
  "/locks/lock_door": { params: { device_id } },
  "/locks/unlock_door": { params: { device_id } },
  "/noise_sensors/noise_thresholds/create": {
    params: {
      ...noise,
      starts_daily_at: "20:00:00[America/Los_Angeles]",
      ends_daily_at: "08:00:00[America/Los_Angeles]",
      noise_threshold_decibels: 60,
    },
  },
  "/noise_sensors/noise_thresholds/delete": {
    params: { ...noise, noise_threshold_id },
  },
  "/noise_sensors/noise_thresholds/get": { params: { noise_threshold_id } },
  "/noise_sensors/noise_thresholds/list": { params: noise },
  "/noise_sensors/noise_thresholds/update": {
    params: { ...noise, noise_threshold_id, noise_threshold_decibels: 70 },
  },
  "/thermostats/cool": {
    params: { ...thermostat, cooling_set_point_fahrenheit: 75 },
  },
  "/thermostats/heat": {
    params: { ...thermostat, heating_set_point_fahrenheit: 68 },
  },
  "/thermostats/heat_cool": {
    params: {
      ...thermostat,
      heating_set_point_fahrenheit: 68,
      cooling_set_point_fahrenheit: 75,
    },
  },
  "/thermostats/list": { answers: "thermostats" },
  "/thermostats/off": { params: thermostat },
  "/thermostats/set_fan_mode": {
    params: { ...thermostat, fan_mode_setting: "on" },
  },
  "/user_identities/add_acs_user": {
    params: { user_identity_id: uuid, acs_user_id: uuid },
    fails: [500, undefined],
  },
  "/user_identities/create": {
    params: { user_identity_key: "ada" },
    fails: [500, undefined],
  },
  "/webhooks/create": {
    params: { url: "https://example.com/hook" },
  },
  "/webhooks/delete": { params: { webhook_id: "webhook1" } },
  "/webhooks/get": { params: { webhook_id: "webhook1" } },
  "/webhooks/list": {},
  "/workspaces/create": {
    params: { name: "Hotel", connect_partner_name: "Hotel", is_sandbox: true },
  },
  "/workspaces/get": {},
  "/workspaces/list": {},
  "/workspaces/reset_sandbox": { forgets: true },
};

/** Two fakes that are alike: what they make up comes out the same. */
async function twins(t) {
  t.mock.timers.enable({ apis: ["Date"], now: Date.now() });
  t.mock.method(Math, "random", () => 0.123456789);
  return [await startFake(t), await startFake(t)];
}

/** What plain fetch gets for the request that the client should make. */
async function plainly({ endpoint }, path, params = {}, headers) {
  const response = await fetch(endpoint + path, {
    method: path === "/client_sessions/create" ? "PUT" : "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(params),
  });
  const text = await response.text();
  const isJson = /^[{[]/.test(text);
  return { status: response.status, body: isJson ? JSON.parse(text) : text };
}

/** The method of `seam` that calls `path`. */
function method(seam, path) {
  const names = path
    .slice(1)
    .split("/")
    .map((name) => name.replace(/_(.)/g, (_, c) => c.toUpperCase()));
  const last = names.pop();
  return names.reduce((at, name) => at[name], seam)[last];
}

/** `value` as JSON carries it, without what the fake makes up anew each time. */
const without = (value, random = []) =>
  JSON.parse(
    JSON.stringify(value, (key, it) =>
      key === "secret" || random.includes(key) ? "made up" : it,
    ),
  );

/** The credentials: how to make a client of one, and the headers that carry it. */
const CREDENTIALS = {
  apiKey: {
    make: ({ endpoint, seed }) =>
      Seam.fromApiKey(seed.seam_apikey1_token, { endpoint, maxRetries: 0 }),
    headers: (seed) => ({ authorization: `Bearer ${seed.seam_apikey1_token}` }),
  },
  session: {
    make: ({ endpoint, seed }) =>
      Seam.fromClientSessionToken(seed.seam_cst1_token, {
        endpoint,
        maxRetries: 0,
      }),
    headers: (seed) => ({
      authorization: `Bearer ${seed.seam_cst1_token}`,
      "client-session-token": seed.seam_cst1_token,
    }),
  },
  withoutWorkspace: {
    make: ({ endpoint, seed }) =>
      client.SeamWithoutWorkspace.fromPersonalAccessToken(seed.seam_at1_token, {
        endpoint,
        maxRetries: 0,
      }),
    headers: (seed) => ({ authorization: `Bearer ${seed.seam_at1_token}` }),
  },
};

/** Both ways to the same answer or refusal, as the table says. */
async function compare(t, path, { make, headers }) {
  const { params, random, fails, answers, forgets } = ROUTES[path];
  const [ours, theirs] = await twins(t);
  const ask = (at, by) => plainly(theirs, at, by, headers(theirs.seed));
  const request = method(make(ours), path)(params);
  const plain = await ask(path, params);
  const key = request.responseKey;
  if (fails) {
    assert.deepEqual([plain.status, plain.body.error?.type], fails);
    sameError(await rejected(request), plain);
    return;
  }
  assert.equal(plain.status, 200, JSON.stringify(plain.body));
  if (answers) {
    assert.ok(answers in plain.body && !(key in plain.body));
    const error = await rejected(request);
    assert.equal(error.code, "invalid_response");
    assert.match(error.message, new RegExp(`no "${key}"`));
    return;
  }
  assert.deepEqual(
    without(await request.fetchResponse(), random),
    without(plain.body, random),
  );
  if (key === "action_attempt") {
    // Awaited now, it waits for the attempt that was made, and makes no other.
    const { action_attempt_id, status } = plain.body.action_attempt;
    const poll =
      status === "success"
        ? plain
        : await ask("/action_attempts/get", { action_attempt_id });
    if (forgets) {
      const error = await rejected(request);
      // The attempt was made: that its end cannot be asked for says nothing of it.
      sameError(error, poll, "unknown");
      assert.equal(error.actionAttempt.action_attempt_id, action_attempt_id);
    } else {
      assert.equal(poll.body.action_attempt.status, "success");
      assert.deepEqual(await request, poll.body.action_attempt);
    }
  } else {
    assert.deepEqual(
      without({ of: await request }, random),
      without({ of: plain.body[key] }, random),
    );
  }
  assert.deepEqual(
    without(ours.state(), random),
    without(theirs.state(), random),
  );
}

/** Checks that an error of ours tells what plain fetch saw. */
function sameError(
  error,
  { status, body },
  outcome = status < 500 ? "refused" : "unknown",
) {
  const { type, message, data, validation_errors: tree } = body.error ?? {};
  assert.equal(error.statusCode, status);
  assert.equal(error.type, type);
  assert.equal(error.outcome, outcome);
  assert.match(error.requestId, /^request/);
  const Expected =
    type === undefined
      ? client.SeamHttpInvalidResponseError
      : status === 401
        ? client.SeamHttpUnauthorizedError
        : type === "invalid_input"
          ? client.SeamHttpInvalidInputError
          : client.SeamHttpApiError;
  assert.equal(error.name, Expected.name);
  assert.ok(error instanceof Expected);
  if (type === undefined) return;
  assert.equal(error.code, status === 401 ? "unauthorized" : type);
  const [, text, path] = /^([^]*) \((\/[\w/]+)\)$/.exec(error.message) ?? [];
  assert.equal(text, message);
  assert.ok(DOCUMENTED.includes(path), error.message);
  assert.deepEqual(error.data, data);
  if (type !== "invalid_input") return;
  assert.deepEqual(
    error.validationErrors,
    Object.keys(tree)
      .filter((name) => name !== "_errors")
      .map((name) => ({
        parameterName: name,
        errorMessages: tree[name]._errors,
      })),
  );
}

test("the fake serves these documented routes by POST, and the 130 others not at all", async (t) => {
  const { endpoint } = await startFake(t);
  const served = [];
  for (const path of DOCUMENTED) {
    const response = await fetch(endpoint + path, { method: "POST" });
    const text = await response.text();
    if (response.status === 404 && text === "404") continue;
    assert.notEqual(response.status, 405, path);
    served.push(path);
  }
  assert.deepEqual(served.sort(), Object.keys(ROUTES).sort());
  assert.equal(served.length, 71);
  assert.equal(DOCUMENTED.length - served.length, 130);
});

const OF_KEY = Object.keys(ROUTES).filter((path) => accepts(path, "api_key"));

test("every route that takes an API key answers the client as it answers plain fetch", async (t) => {
  for (const path of OF_KEY) {
    await t.test(path, (t) => compare(t, path, CREDENTIALS.apiKey));
  }
  assert.equal(OF_KEY.length, 70);
});

test("every route that takes a client session answers the client as it answers plain fetch", async (t) => {
  const paths = Object.keys(ROUTES).filter((path) =>
    accepts(path, "client_session", "client_session_with_customer"),
  );
  for (const path of paths) {
    await t.test(path, (t) => compare(t, path, CREDENTIALS.session));
  }
  assert.equal(paths.length, 44);
});

test("the one route that takes no API key answers a personal access token", async (t) => {
  const rest = Object.keys(ROUTES).filter((path) => !OF_KEY.includes(path));
  assert.deepEqual(rest, ["/workspaces/create"]);
  await compare(t, rest[0], CREDENTIALS.withoutWorkspace);
});

test("a publishable key gets the session that is there, or a new one", async (t) => {
  const fake = await startFake(t);
  const { endpoint, seed } = fake;
  for (const key of [seed.john_user_identifier_key, uuid]) {
    const seam = await Seam.fromPublishableKey(seed.seam_pk1_token, key, {
      endpoint,
    });
    const { body } = await plainly(
      fake,
      "/client_sessions/get_or_create",
      { user_identifier_key: key },
      { "seam-publishable-key": seed.seam_pk1_token },
    );
    assert.deepEqual(await seam.clientSessions.get(), body.client_session);
  }
});

test("the pages of the fake are walked to the end", async (t) => {
  const fake = await startFake(t);
  const seam = CREDENTIALS.apiKey.make(fake);
  const paginator = seam.createPaginator(seam.devices.list({ limit: 2 }));
  const { body } = await plainly(
    fake,
    "/devices/list",
    {},
    CREDENTIALS.apiKey.headers(fake.seed),
  );
  assert.ok(body.devices.length > 4);
  assert.deepEqual(await paginator.flattenToArray(), body.devices);
});

test("what the fake refuses is the error that plain fetch sees", async (t) => {
  const cases = [
    ["/devices/get", { device_id: "nobody's" }, 404],
    ["/locks/unlock_door", { device_id: "nobody's" }, 404],
    ["/locks/lock_door", { device_id: 7 }, 400],
    ["/access_codes/create", { device_id, code: "1111" }, 409],
    ["/access_codes/create", { device_id: 7, name: 7 }, 400],
    ["/devices/unmanaged/update", { device_id, is_managed: true }, 400],
    ["/action_attempts/get", { action_attempt_id: "nobody's" }, 404],
    ["/events/list", { device_id }, 400],
  ];
  for (const [path, params, status] of cases) {
    const fake = await startFake(t);
    const { make, headers } = CREDENTIALS.apiKey;
    const plain = await plainly(fake, path, params, headers(fake.seed));
    assert.equal(plain.status, status, path);
    sameError(await rejected(method(make(fake), path)(params)), plain);
  }
});

test("a token that the fake does not know is unauthorized, with its own type", async (t) => {
  const { endpoint, seed } = await startFake(t);
  const unknown = {
    ...seed,
    seam_apikey1_token: "seam_a_b",
    seam_cst1_token: "seam_cst1a_b",
  };
  for (const { make, headers } of [CREDENTIALS.apiKey, CREDENTIALS.session]) {
    const error = await rejected(
      make({ endpoint, seed: unknown }).devices.list(),
    );
    const plain = await plainly(
      { endpoint },
      "/devices/list",
      {},
      headers(unknown),
    );
    sameError(error, plain);
    assert.equal(plain.status, 401);
  }
});

test("an outage of the fake is an invalid response", async (t) => {
  const fake = await startFake(t);
  fake.db.simulateWorkspaceOutage(fake.seed.seed_workspace_1, {
    routes: ["/devices/list"],
  });
  const { make, headers } = CREDENTIALS.apiKey;
  const plain = await plainly(fake, "/devices/list", {}, headers(fake.seed));
  assert.equal(plain.status, 503);
  sameError(await rejected(make(fake).devices.list()), plain);
});

test("a session unlocks any door of the fake, which is the fake's fault; our sandbox refuses it", async (t) => {
  const fake = await startFake(t);
  const theirs = CREDENTIALS.session.make(fake);
  const ownOfFake = (await theirs.devices.list()).map((it) => it.device_id);
  const notGranted = fake.db.devices.find(
    (it) =>
      it.device_type.endsWith("_lock") && !ownOfFake.includes(it.device_id),
  ).device_id;
  const attempt = await theirs.locks.unlockDoor({ device_id: notGranted });
  assert.equal(attempt.status, "success");

  const { info, fetch } = await Sandbox.create();
  const { endpoint } = info;
  const all = await Seam.fromApiKey(info.api_key, {
    endpoint,
    fetch,
  }).locks.list();
  const ours = Seam.fromClientSessionToken(info.client_session_token, {
    endpoint,
    fetch,
  });
  const own = (await ours.devices.list()).map((it) => it.device_id);
  const { device_id } = all.find(
    (it) => it.can_remotely_unlock && !own.includes(it.device_id),
  );
  const error = await rejected(ours.locks.unlockDoor({ device_id }));
  assert.equal(error.code, "device_not_found");
  assert.equal(error.outcome, "refused");
});
