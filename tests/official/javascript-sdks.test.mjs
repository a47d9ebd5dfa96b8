// Seam's JavaScript SDKs work against our sandbox as they do against Seam.
import assert from "node:assert/strict";
import { test } from "node:test";

import { SeamHttp } from "@seamapi/http";

import { OF_APP, OF_BACK_END, without } from "./calls/index.mjs";
import { javascript } from "./javascript.mjs";
import { play } from "./play.mjs";
import { answered, assertDescribed, simulatedForKey } from "./recorded.mjs";
import { CODE, LOCK, SHED } from "./seed.mjs";
import { startWorld } from "./world.mjs";
import { http as first } from "../support/components.mjs";
import { rejected } from "../support/errors.mjs";
import { Seam } from "../support/installed.mjs";
import { startSandbox } from "../support/sandbox.mjs";

const FIRST = "@seamapi/http 1.102, which sends POST";
const SECOND = "@seamapi/http 2.32, which sends GET, PUT, PATCH and DELETE";
const sdks = { [FIRST]: first.SeamHttp, [SECOND]: SeamHttp };

/** The routes that are newer than an SDK. */
const NEWER = {
  [FIRST]: [
    "/locks/configure_auto_lock",
    "/user_identities/list_accessible_entrances",
  ],
  [SECOND]: [],
};

for (const [name, Official] of Object.entries(sdks)) {
  test(`a token made with ${name} lists exactly the granted device with our client`, async (t) => {
    const { endpoint, api_key } = await startSandbox(t);
    const official = Official.fromApiKey(api_key, { endpoint });
    const [, { device_id }] = await official.devices.list();
    const identity = await official.userIdentities.create({
      user_identity_key: "user-1",
    });
    const { user_identity_id } = identity;
    await official.userIdentities.grantAccessToDevice({
      user_identity_id,
      device_id,
    });
    const session = await official.clientSessions.create({ user_identity_id });

    const ours = Seam.fromClientSessionToken(session.token, { endpoint });
    assert.deepEqual(
      (await ours.devices.list()).map((device) => device.device_id),
      [device_id],
    );

    await official.userIdentities.revokeAccessToDevice({
      user_identity_id,
      device_id,
    });
    assert.deepEqual(await ours.devices.list(), []);
    const granted = await official.userIdentities.listAccessibleDevices({
      user_identity_id,
    });
    assert.deepEqual(granted, []);
  });

  test(`a token made with our client works with ${name}, within its scope`, async (t) => {
    const { endpoint, api_key } = await startSandbox(t);
    const backEnd = Seam.fromApiKey(api_key, { endpoint });
    const locks = (await backEnd.locks.list()).filter(
      (lock) => lock.can_remotely_unlock && lock.properties.online,
    );
    const [mine, theirs] = locks.map((lock) => lock.device_id);
    const { user_identity_id } = await backEnd.userIdentities.create({
      user_identity_key: "user-1",
    });
    await backEnd.userIdentities.grantAccessToDevice({
      user_identity_id,
      device_id: mine,
    });
    const { token } = await backEnd.clientSessions.create({ user_identity_id });

    const official = Official.fromClientSessionToken(token, { endpoint });
    assert.deepEqual(
      (await official.devices.list()).map((device) => device.device_id),
      [mine],
    );
    assert.deepEqual(
      (await official.locks.list()).map((device) => device.device_id),
      [mine],
    );
    assert.equal(
      (await official.devices.get({ device_id: mine })).device_id,
      mine,
    );
    const attempt = await official.locks.unlockDoor({ device_id: mine });
    assert.equal(attempt.status, "success");
    for (const call of [
      () => official.devices.get({ device_id: theirs }),
      () => official.locks.unlockDoor({ device_id: theirs }),
    ]) {
      assert.equal((await rejected(call())).code, "device_not_found");
    }
    assert.equal((await official.clientSessions.get()).token, token);
  });
}

/** The same, of the routes that only a back end may call. */
const NEWER_OF_BACK_END = {
  [FIRST]: [
    "/access_methods/unlock_door",
    "/spaces/add_connected_account",
    "/spaces/remove_connected_account",
  ],
  [SECOND]: [],
};

/** An app calls all that a client session may; what it did can be seen. */
async function app(t, name) {
  const world = await startWorld(t);
  const call = javascript(sdks[name], world, "token");
  await play(without(OF_APP, NEWER[name]), call, world.ids);

  const { by_route } = await world.coverage();
  assert.equal(by_route.length, 71);
  const left = by_route.filter((it) => it.in_scope === 0);
  assert.deepEqual(
    left.map((it) => it.path),
    NEWER[name],
  );
  return world.exchanges;
}

/** A back end calls all that is simulated. */
async function backEnd(t, name) {
  const world = await startWorld(t);
  const call = javascript(sdks[name], world, "API key");
  const newer = [...NEWER[name], ...NEWER_OF_BACK_END[name]];
  const rows = without([...OF_APP, ...OF_BACK_END], newer);
  await play(rows, call, world.ids);

  const done = answered(world.exchanges);
  const simulated = await simulatedForKey(world);
  assert.equal(simulated.length, 143);
  assert.deepEqual(
    simulated.filter((path) => !done.has(path)),
    newer.sort(),
  );
  return world.exchanges;
}

test(
  "all routes do their work, and every answer is what the OpenAPI describes",
  { concurrency: true },
  async (t) => {
    // They wait for action attempts, and may do so side by side.
    const runs = Object.keys(sdks).flatMap((name) => [
      [`an app with its token, by ${name}`, () => app(t, name)],
      [`a back end with its API key, by ${name}`, () => backEnd(t, name)],
    ]);
    const exchanges = [];
    await Promise.all(
      runs.map(([who, run]) =>
        t.test(`for ${who}`, async () => exchanges.push(await run())),
      ),
    );
    // To compile the schemas takes a while, in which nothing else would go on.
    assert.equal(exchanges.length, runs.length);
    exchanges.forEach(assertDescribed);
  },
);

test("every kind of query parameter arrives: arrays, booleans, numbers, dates, empty values", async (t) => {
  const world = await startWorld(t);
  await world.ask("/devices/update", { device_id: SHED, name: "Hut" });
  const get = javascript(SeamHttp, world, "API key");
  const date = new Date("2099-12-31T23:59:59.500Z");
  for (const [path, params, length] of QUERIES(date)) {
    const { result, error } = await get("ada", path, params);
    assert.equal(error, undefined, path);
    const [byGet] = world.exchanges.splice(0);
    assert.equal(result.length, length, `${path}${byGet.query}`);
    assert.equal(byGet.method, "GET");
    const query = new URLSearchParams(byGet.query);
    if (Object.keys(params).length === 0) assert.equal(byGet.query, "");
    else assert.equal(query.get("_strict"), "true");
    for (const [name, value] of Object.entries(params)) {
      // An array's name is there for each element, and once with nothing if it has none.
      const sent = Array.isArray(value) ? value : [value];
      if (value?.constructor === Object) continue;
      assert.deepEqual(
        query.getAll(name),
        sent.length === 0 ? [""] : sent.map(asText),
      );
    }
    // The same as JSON in a body.
    assert.deepEqual(JSON.parse(byGet.body), await world.ask(path, params));
  }
});

test("routes that delete take a query string, and the method DELETE", async (t) => {
  const world = await startWorld(t);
  const call = javascript(SeamHttp, world, "token");
  const params = { access_code_id: CODE, device_id: LOCK };
  const { error } = await call("ada", "/access_codes/delete", params);
  assert.equal(error, undefined);
  const [{ method, query }] = world.exchanges;
  assert.equal(method, "DELETE");
  const sent = new URLSearchParams({ ...params, _strict: "true" });
  assert.equal(query, `?${sent}`);
});

/** Each with how many it finds. */
const QUERIES = (date) => [
  ["/devices/list", {}, 6],
  ["/devices/list", { device_ids: [LOCK, SHED] }, 2],
  ["/devices/list", { device_ids: [LOCK] }, 1],
  ["/devices/list", { device_ids: [] }, 0],
  ["/devices/list", { device_types: ["august_lock", "minut_sensor"] }, 3],
  ["/devices/list", { created_before: date, limit: 4 }, 4],
  ["/devices/list", { search: "ben’s door & more?" }, 0],
  ["/devices/list", { search: "Ben’s" }, 1],
  ["/devices/list", { page_cursor: null, limit: 2 }, 2],
  ["/devices/list", { custom_metadata_has: { floor: "1" } }, 1],
  ["/devices/list", { custom_metadata_has: { is_rented: true } }, 1],
  ["/devices/list", { custom_metadata_has: { is_rented: false } }, 0],
  ["/client_sessions/list", { without_user_identifier_key: true }, 2],
  ["/client_sessions/list", { without_user_identifier_key: false }, 3],
  ["/acs/credentials/list", { is_multi_phone_sync_credential: false }, 1],
  ["/acs/credentials/list", { is_multi_phone_sync_credential: true }, 0],
  ["/events/list", { since: new Date(0), event_type: "lock.locked" }, 0],
  ["/events/list", { between: [new Date(0), date], limit: 3 }, 1],
  ["/events/list", { between: [new Date(0), new Date(1)] }, 0],
];

/** As it stands in a query string. */
const asText = (value) => {
  if (value === null) return "";
  return value instanceof Date ? value.toISOString() : String(value);
};
