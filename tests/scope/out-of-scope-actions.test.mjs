// Actions on devices outside the scope.
import assert from "node:assert/strict";
import { test } from "node:test";

import { rejected } from "../support/errors.mjs";
import { client, Sandbox, Seam } from "../support/installed.mjs";
import { mockClocks, waitUntil } from "../support/waiting.mjs";
import { idsInScope, scopedUser } from "../support/scope.mjs";

const { SeamOutOfScopeError } = client;

test("a device that was granted since is looked up once, and is in scope from then on", async (t) => {
  const { seam, grant, other, sent } = await scopedUser(t);
  const scope = await seam.scope();
  const { device_id } = other;
  await grant(other);
  assert.equal(scope.has(device_id), false);

  const first = await sent(() => seam.locks.unlockDoor({ device_id }));
  const second = await sent(() => seam.locks.lockDoor({ device_id }));

  assert.deepEqual(first.slice(0, 2), ["/devices/get", "/locks/unlock_door"]);
  assert.equal(second[0], "/locks/lock_door");
  assert.ok(!second.includes("/devices/get"));
  assert.equal(scope.has(device_id), true);
  assert.equal(scope.can(device_id, "locks.unlockDoor"), true);
  assert.equal(scope.devices.length, 2);
});

for (const status of ["404", "401"]) {
  test(`an action on a device outside the scope is not sent when its lookup is refused with ${status}`, async (t) => {
    const { seam, other, sent } = await scopedUser(t, {
      args: ["--out-of-scope", status],
    });
    await seam.scope();
    const { device_id } = other;
    let error;

    const asked = await sent(async () => {
      error = await rejected(seam.locks.unlockDoor({ device_id }));
    });

    assert.ok(error instanceof SeamOutOfScopeError, error.stack);
    assert.equal(error.code, "out_of_scope");
    assert.equal(error.outcome, "not_sent");
    assert.equal(error.cause.statusCode, Number(status));
    assert.ok(asked.includes("/devices/get"));
    assert.ok(!asked.includes("/locks/unlock_door"));
  });

  test(`an action on a revoked device is sent, refused with ${status}, and removes it from the scope`, async (t) => {
    const { seam, lock, revoke, sent } = await scopedUser(t, {
      args: ["--out-of-scope", status],
    });
    const scope = await seam.scope();
    const { device_id } = lock;
    await revoke(lock);
    assert.equal(scope.has(device_id), true);
    let error;

    const asked = await sent(async () => {
      error = await rejected(seam.locks.unlockDoor({ device_id }));
    });

    assert.equal(asked[0], "/locks/unlock_door");
    assert.ok(!asked.includes("/devices/get"));
    assert.equal(error.statusCode, Number(status));
    assert.equal(error.outcome, "refused");
    assert.equal(scope.has(device_id), false);
    assert.deepEqual(scope.devices, []);
    const again = await rejected(seam.locks.unlockDoor({ device_id }));
    assert.ok(again instanceof SeamOutOfScopeError);
  });
}

test("a refusal for another reason leaves the device in scope", async (t) => {
  const { seam, lock } = await scopedUser(t);
  const scope = await seam.scope();
  const { device_id } = lock;
  const access_code_id = "5d703cd4-ce1f-4d5d-a7a1-bb5dd5a4e4a5";

  const error = await rejected(
    seam.accessCodes.update({ device_id, access_code_id, name: "Guest" }),
  );

  assert.equal(error.statusCode, 404);
  assert.equal(scope.has(device_id), true);
});

test("access codes for several devices are not sent when one device is outside the scope", async (t) => {
  const { seam, lock, other, grant, sent } = await scopedUser(t);
  await seam.scope();
  const create = () =>
    seam.accessCodes.createMultiple({
      device_ids: [lock.device_id, other.device_id],
      name: "Guest",
      code: "4711",
    });
  let error;

  const asked = await sent(async () => (error = await rejected(create())));
  await grant(other);
  const then = await sent(create);

  assert.ok(error instanceof SeamOutOfScopeError, error.stack);
  assert.deepEqual(asked, ["/devices/get"]);
  assert.deepEqual(then, ["/devices/get", "/access_codes/create_multiple"]);
});

test("refused access codes for several devices remove the revoked device from the scope", async (t) => {
  const { seam, lock, other, grant, revoke } = await scopedUser(t);
  await grant(other);
  const scope = await seam.scope();
  await revoke(other);

  const error = await rejected(
    seam.accessCodes.createMultiple({
      device_ids: [lock.device_id, other.device_id],
      name: "Guest",
      code: "4711",
    }),
  );

  assert.equal(error.outcome, "refused");
  assert.deepEqual(idsInScope(scope), [lock.device_id]);
});

test("a thermostat is guarded and updated like a lock", async (t) => {
  const { seam, thermostat, grant, sent } = await scopedUser(t);
  await seam.scope();
  const { device_id } = thermostat;
  const heat = () =>
    seam.thermostats.heat({ device_id, heating_set_point_celsius: 21 });

  const error = await rejected(heat());
  await grant(thermostat);
  await heat();
  const asked = await sent(() => seam.devices.update({ device_id, name: "T" }));

  assert.ok(error instanceof SeamOutOfScopeError, error.stack);
  assert.deepEqual(asked, ["/devices/update"]);
});

test("actions on phones, which are not in the scope, are left to the server", async () => {
  const user_identity_key = "somebody";
  const device_id = "0b4fbb2a-5a5c-4a8e-8a5e-5a7a5f0d6c11";
  const sandbox = await Sandbox.create({
    seed: {
      user_identities: [{ user_identity_key }],
      client_sessions: [{ user_identity_key }],
      phones: [{ user_identity_key, device_id }],
    },
  });
  const { endpoint, client_session_token } = sandbox.info;
  const asked = [];
  const seam = Seam.fromClientSessionToken(client_session_token, {
    endpoint,
    fetch: (request) => {
      asked.push(new URL(request.url).pathname);
      return sandbox.fetch(request);
    },
  });
  await seam.scope();

  await seam.phones.deactivate({ device_id });

  assert.equal(asked.at(-1), "/phones/deactivate");
  assert.ok(!asked.includes("/devices/get"));
  const again = await rejected(seam.phones.deactivate({ device_id }));
  assert.equal(again.type, "phone_not_found");
});

test("a read is sent without a lookup", async (t) => {
  const { seam, other, sent } = await scopedUser(t);
  await seam.scope();
  const { device_id } = other;

  const asked = await sent(() =>
    rejected(seam.accessCodes.list({ device_id })),
  );

  assert.equal(asked[0], "/access_codes/list");
});

test("without scope() there is no lookup", async (t) => {
  const { seam, other, sent } = await scopedUser(t);
  const { device_id } = other;

  const asked = await sent(() =>
    rejected(seam.locks.unlockDoor({ device_id })),
  );

  assert.equal(asked[0], "/locks/unlock_door");
  assert.ok(!asked.includes("/devices/get"));
});

for (const [name, respond] of [
  ["another device", (device) => Response.json({ device, ok: true })],
  ["no device", () => Response.json({ device: null, ok: true })],
  ["a text", () => Response.json({ device: "device", ok: true })],
  ["a list", () => Response.json({ device: [], ok: true })],
  ["a device without an ID", () => Response.json({ device: {}, ok: true })],
  ["a page of a proxy", () => new Response("<html>", { status: 404 })],
  ["a server error", () => Response.json({}, { status: 500 })],
]) {
  test(`an action on a device that is not in the scope is not sent when devices/get gives ${name}`, async (t) => {
    let lock;
    const them = await scopedUser(t, {
      answer: (path) => (path === "/devices/get" ? respond(lock) : undefined),
    });
    const { seam, other, grant, sent } = them;
    const scope = await seam.scope();
    [{ device: lock }] = scope.devices;
    await grant(other);
    const { device_id } = other;
    let error;

    const paths = await sent(async () => {
      error = await rejected(seam.locks.unlockDoor({ device_id }));
    });

    assert.deepEqual(
      [error.code, error.outcome],
      ["invalid_response", "not_sent"],
    );
    assert.deepEqual(paths, ["/devices/get"]);
    assert.deepEqual(idsInScope(scope), [lock.device_id]);
  });
}

test("when the lookup fails nothing is sent", async (t) => {
  let broken = false;
  const { seam, other, sent } = await scopedUser(t, {
    answer: (path) => {
      if (broken && path === "/devices/get") throw new TypeError("gone");
    },
  });
  const scope = await seam.scope();
  broken = true;
  const { device_id } = other;
  let error;

  const asked = await sent(async () => {
    error = await rejected(seam.locks.unlockDoor({ device_id }));
  });

  assert.equal(error.code, "network_error");
  assert.equal(error.outcome, "not_sent");
  assert.deepEqual(asked, ["/devices/get"]);
  assert.equal(scope.has(device_id), false);
});

test("an action that has waited ten seconds for the lookup is not sent", async (t) => {
  let answer;
  let asked;
  const isAsked = new Promise((resolve) => (asked = resolve));
  const { seam, other, grant, sent } = await scopedUser(t, {
    answer: (path) => {
      if (path !== "/devices/get") return undefined;
      asked();
      return new Promise((resolve) => (answer = resolve));
    },
  });
  await seam.scope();
  await grant(other);
  mockClocks(t, { now: Date.now() });
  const { device_id } = other;
  let error;

  const paths = await sent(async () => {
    const action = rejected(seam.locks.unlockDoor({ device_id }));
    await isAsked;
    t.mock.timers.tick(9_999);
    t.mock.timers.tick(1);
    error = await action;
    answer(Response.json({ device: other }));
  });

  assert.equal(error.code, "too_late");
  assert.equal(error.outcome, "not_sent");
  assert.deepEqual(paths, ["/devices/get"]);
});

test("an abort during the lookup sends nothing", async (t) => {
  const controller = new AbortController();
  const { seam, other, grant, sent } = await scopedUser(t, {
    answer: (path) => {
      if (path === "/devices/get") controller.abort(new Error("enough"));
    },
  });
  await seam.scope();
  await grant(other);
  const { signal } = controller;
  const { device_id } = other;

  const asked = await sent(async () => {
    const error = await rejected(
      seam.locks.unlockDoor({ device_id }, { signal }),
    );
    assert.equal(error.message, "enough");
    // The question's own answer has come when this has.
    await seam.clientSessions.get();
  });

  assert.ok(!asked.includes("/locks/unlock_door"), asked);
});

test("a late response to an older lookup does not bring back a device that a newer one found gone", async (t) => {
  const looks = [];
  const seen = [];
  let scope;
  const { seam, other, grant, revoke, info } = await scopedUser(t, {
    answer: async (path) => {
      if (path === "/locks/unlock_door") seen.push(scope.has(other.device_id));
      if (path !== "/devices/get") return undefined;
      // The first answer is of before the revocation, and comes after the second.
      return new Promise((resolve) => looks.push(resolve));
    },
  });
  const { device_id } = other;
  scope = await seam.scope();
  await grant(other);
  const first = seam.locks.unlockDoor({ device_id }).execute();
  await waitUntil(() => looks.length === 1);
  const second = rejected(seam.locks.unlockDoor({ device_id }));
  await waitUntil(() => looks.length === 2);
  await revoke(other);
  const gone = { type: "device_not_found", message: "gone" };
  looks[1](Response.json({ error: gone, ok: false }, { status: 404 }));
  assert.equal((await second).code, "out_of_scope");

  looks[0](Response.json({ device: { device_id }, ok: true }));
  await rejected(first);

  assert.deepEqual(seen, [false]);
  assert.ok(info.device_ids.includes(device_id));
});

test("when the first fetch fails there is no scope, and actions are sent without a lookup", async (t) => {
  let broken = true;
  const { seam, other, sent } = await scopedUser(t, {
    answer: (path) =>
      broken && path === "/devices/list"
        ? new Response("", { status: 503 })
        : undefined,
  });

  const error = await rejected(seam.scope());

  assert.equal(error.statusCode, 503);
  const { device_id } = other;
  const asked = await sent(() => rejected(seam.locks.lockDoor({ device_id })));
  assert.equal(asked[0], "/locks/lock_door");
  broken = false;
  assert.equal((await seam.scope()).devices.length, 1);
});
