// The seed story with our client on both sides: over HTTP and in process.
import assert from "node:assert/strict";
import { test } from "node:test";

import { rejected } from "../support/errors.mjs";
import { Sandbox, Seam } from "../support/installed.mjs";
import { startSandbox } from "../support/sandbox.mjs";

const worlds = {
  "over HTTP": (t) => startSandbox(t).then((info) => ({ info })),
  "in process, with no server": () =>
    Sandbox.create().then(({ info, fetch }) => ({ info, fetch })),
};

for (const [world, make] of Object.entries(worlds)) {
  test(`a token holder lists and acts on only the granted devices, ${world}`, async (t) => {
    const { info, fetch } = await make(t);
    const options = { endpoint: info.endpoint, ...(fetch && { fetch }) };
    const backEnd = Seam.fromApiKey(info.api_key, options);
    const locks = (await backEnd.locks.list()).filter(
      (lock) => lock.can_remotely_unlock && lock.properties.online,
    );
    const [mine, theirs] = locks.map((lock) => lock.device_id);
    assert.ok(mine && theirs);

    const { user_identity_id } = await backEnd.userIdentities.create({
      user_identity_key: "user-1",
    });
    await backEnd.userIdentities.grantAccessToDevice({
      user_identity_id,
      device_id: mine,
    });
    const session = await backEnd.clientSessions.create({ user_identity_id });

    const app = Seam.fromClientSessionToken(session.token, options);
    const ids = async () =>
      (await app.devices.list()).map((device) => device.device_id);
    assert.deepEqual(await ids(), [mine]);

    const attempt = await app.locks.unlockDoor({ device_id: mine });
    assert.equal(attempt.status, "success");
    assert.equal(
      (await app.locks.get({ device_id: mine })).properties.locked,
      false,
    );

    const before = await backEnd.devices.get({ device_id: theirs });
    for (const call of [
      app.devices.get,
      app.locks.get,
      app.locks.unlockDoor,
      app.locks.lockDoor,
    ]) {
      const error = await rejected(call({ device_id: theirs }));
      assert.equal(error.code, "device_not_found");
      assert.equal(error.statusCode, 404);
      assert.equal(error.outcome, "refused");
    }
    assert.deepEqual(await backEnd.devices.get({ device_id: theirs }), before);

    await backEnd.userIdentities.grantAccessToDevice({
      user_identity_id,
      device_id: theirs,
    });
    assert.deepEqual(new Set(await ids()), new Set([mine, theirs]));
    await backEnd.userIdentities.revokeAccessToDevice({
      user_identity_id,
      device_id: mine,
    });
    assert.deepEqual(await ids(), [theirs]);

    await backEnd.clientSessions.revoke({
      client_session_id: session.client_session_id,
    });
    const error = await rejected(ids());
    assert.equal(error.code, "unauthorized");
    assert.equal(error.type, "client_session_revoked");
    assert.equal(error.reason, "token_refused");
  });
}

test("with --out-of-scope 401 a bare 401 is settled: the session lives, the door is not its own", async (t) => {
  const info = await startSandbox(t, ["--out-of-scope", "401"]);
  const app = Seam.fromClientSessionToken(info.client_session_token, {
    endpoint: info.endpoint,
  });
  const [own] = await app.devices.list();
  const other = info.device_ids.find((id) => id !== own.device_id);
  const error = await rejected(app.locks.unlockDoor({ device_id: other }));
  assert.equal(error.name, "SeamHttpUnauthorizedError");
  assert.equal(error.code, "unauthorized");
  assert.equal(error.reason, "out_of_scope");
  assert.equal(error.outcome, "refused");
});

test("an unlock of an offline lock fails with the attempt's own error", async () => {
  const { info, fetch } = await Sandbox.create();
  const backEnd = Seam.fromApiKey(info.api_key, {
    endpoint: info.endpoint,
    fetch,
  });
  const offline = (await backEnd.locks.list()).find(
    (lock) => !lock.properties.online,
  );
  const error = await rejected(
    backEnd.locks.unlockDoor({ device_id: offline.device_id }),
  );
  assert.equal(error.name, "SeamActionAttemptFailedError");
  assert.equal(error.actionAttempt.status, "error");
  assert.equal(error.code, error.actionAttempt.error.type);
});

test("bad input is refused with its own error and changes nothing in the sandbox", async () => {
  const sandbox = await Sandbox.create();
  const { info, fetch } = sandbox;
  const options = { endpoint: info.endpoint, fetch };
  const backEnd = Seam.fromApiKey(info.api_key, options);
  const app = Seam.fromClientSessionToken(info.client_session_token, options);
  const unknown = Seam.fromClientSessionToken(
    "seam_cst1abcdefgh_abcdefghabcdefghabcdefgh",
    options,
  );
  const expired = await backEnd.clientSessions.create({
    user_identity_id: info.user_identity_id,
  });
  sandbox.endSession({ client_session_id: expired.client_session_id });
  const late = Seam.fromClientSessionToken(expired.token, options);
  await backEnd.userIdentities.create({ user_identity_key: "taken" });
  const nobody = "00000000-0000-4000-8000-000000000000";
  const [device_id] = info.device_ids;
  const { user_identity_id } = info;
  const cases = [
    [() => backEnd.devices.get({ device_id: nobody }), 404, "device_not_found"],
    [() => backEnd.devices.get({ device_id: "no-uuid" }), 400, "invalid_input"],
    [
      () => backEnd.locks.unlockDoor({ device_id: "no-uuid" }),
      400,
      "invalid_input",
    ],
    [
      () => backEnd.userIdentities.get({ user_identity_id: nobody }),
      404,
      "user_identity_not_found",
    ],
    [
      () =>
        backEnd.userIdentities.grantAccessToDevice({
          user_identity_id: nobody,
          device_id,
        }),
      404,
      "user_identity_not_found",
    ],
    [
      () =>
        backEnd.userIdentities.grantAccessToDevice({
          user_identity_id,
          device_id: nobody,
        }),
      404,
      "device_not_found",
    ],
    [
      () => backEnd.userIdentities.create({ user_identity_key: "taken" }),
      409,
      "user_identity_key_conflict",
    ],
    [() => unknown.devices.list(), 401, "client_session_not_found"],
    [() => late.devices.list(), 401, "client_session_expired"],
    [() => app.devices.get({ device_id: "no-uuid" }), 400, "invalid_input"],
  ];
  const state = async () => [
    await backEnd.devices.list(),
    await backEnd.userIdentities.list(),
    await backEnd.clientSessions.list(),
  ];
  const before = await state();
  for (const [call, status, type] of cases) {
    const error = await rejected(call());
    assert.equal(error.statusCode, status, `${call}: ${error}`);
    assert.equal(error.type, type, String(call));
    assert.equal(error.outcome, "refused");
  }
  assert.deepEqual(await state(), before);
});

test("two sandboxes refuse each other's keys and tokens, unless they have the same seed", async () => {
  const [one, two] = [await Sandbox.create(), await Sandbox.create()];
  assert.notEqual(one.info.api_key, two.info.api_key);
  const stranger = Seam.fromClientSessionToken(one.info.client_session_token, {
    endpoint: two.info.endpoint,
    fetch: two.fetch,
  });
  assert.equal(
    (await rejected(stranger.devices.list())).reason,
    "token_refused",
  );
  const [same, again] = [
    await Sandbox.create({ randomSeed: 7 }),
    await Sandbox.create({ randomSeed: 7 }),
  ];
  assert.deepEqual(same.info, again.info);
});

test("the sandbox in process does not carry out aborted requests", async () => {
  const { info, fetch } = await Sandbox.create();
  const { endpoint, api_key, device_ids } = info;
  const backEnd = Seam.fromApiKey(api_key, { endpoint, fetch });
  const [lock] = (await backEnd.locks.list()).filter(
    (it) => it.properties.locked && it.can_remotely_unlock,
  );
  const aborted = fetch(`${endpoint}/locks/unlock_door`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${api_key}`,
      "content-type": "application/json",
    },
    body: JSON.stringify({ device_id: lock.device_id }),
    signal: AbortSignal.abort("called off"),
  });
  assert.equal(await rejected(aborted), "called off");
  const controller = new AbortController();
  const late = fetch(`${endpoint}/client_sessions/create`, {
    method: "POST",
    headers: { authorization: `Bearer ${api_key}` },
    signal: controller.signal,
  });
  controller.abort("called off");
  assert.equal(await rejected(late), "called off");
  assert.equal((await backEnd.clientSessions.list()).length, 1);
  assert.ok(device_ids.includes(lock.device_id));
  const { action_attempt } = await backEnd.locks
    .lockDoor({ device_id: lock.device_id })
    .fetchResponse();
  assert.equal(action_attempt.status, "pending");
  assert.equal(
    (await backEnd.devices.get({ device_id: lock.device_id })).properties
      .locked,
    true,
  );
});
