// The scope of a client session: its devices and their capabilities.
import assert from "node:assert/strict";
import { test } from "node:test";

import { rejected } from "../support/errors.mjs";
import { client, Seam } from "../support/installed.mjs";
import { startSandbox } from "../support/sandbox.mjs";
import { idsInScope, scopedUser } from "../support/scope.mjs";

test("a scope has the session, its expiry and the capabilities of each device", async (t) => {
  const { seam, session, lock, other, sent } = await scopedUser(t);
  let scope;

  const asked = await sent(async () => (scope = await seam.scope()));

  assert.deepEqual(asked.sort(), ["/client_sessions/get", "/devices/list"]);
  assert.equal(scope.client_session_id, session.client_session_id);
  assert.equal(scope.user_identity_id, session.user_identity_id);
  assert.deepEqual(scope.expires_at, new Date(session.expires_at));
  const left = scope.expires_at - Date.now();
  assert.ok(scope.expiresInMs >= left && scope.expiresInMs < left + 60_000);
  assert.deepEqual(idsInScope(scope), [lock.device_id]);
  assert.deepEqual(
    scope.devices[0].device,
    await seam.devices.get({ device_id: lock.device_id }),
  );
  assert.equal(scope.devices, scope.devices);
  assert.equal(scope.has(lock.device_id), true);
  assert.equal(scope.can(lock.device_id, "locks.unlockDoor"), true);
  assert.equal(scope.can(lock.device_id, "thermostats.heat"), false);
  assert.deepEqual(
    scope.capabilities(lock.device_id),
    scope.devices[0].capabilities,
  );
  assert.equal(scope.has(other.device_id), false);
  assert.equal(scope.can(other.device_id, "devices.update"), false);
  assert.deepEqual(scope.capabilities(other.device_id), []);
});

test("a capability needs a flag that is present and true", async (t) => {
  const { seam, grant, thermostat } = await scopedUser(t);
  await grant(thermostat);
  const scope = await seam.scope();
  const flags = Object.entries(thermostat).filter(([name]) =>
    /^can_(hvac_(heat|cool)|turn_off_hvac|remotely_unlock)$/.test(name),
  );
  assert.ok(flags.length > 0);
  const offered = {
    can_hvac_heat: "thermostats.heat",
    can_hvac_cool: "thermostats.cool",
    can_turn_off_hvac: "thermostats.off",
    can_remotely_unlock: "locks.unlockDoor",
  };
  for (const [flag, action] of Object.entries(offered)) {
    assert.equal(
      scope.can(thermostat.device_id, action),
      thermostat[flag] === true,
      flag,
    );
  }
});

test("scope() returns the new expiry of a prolonged session", async (t) => {
  const { seam, backEnd, session } = await scopedUser(t);
  const scope = await seam.scope();
  assert.deepEqual(scope.expires_at, new Date(session.expires_at));
  const { user_identity_id, token } = session;
  const expires_at = new Date(Date.now() + 7_200_000).toISOString();
  const more = await backEnd.clientSessions.getOrCreate({
    user_identity_id,
    expires_at,
  });
  assert.equal(more.token, token);

  assert.equal(await seam.scope(), scope);

  assert.deepEqual(scope.expires_at, new Date(more.expires_at));
  assert.notEqual(more.expires_at, session.expires_at);
});

test("a scope shares its list with subscribers, and fetches nothing by itself", async (t) => {
  const { seam, lock, sent } = await scopedUser(t);
  const list = seam.devices.watch();
  t.after(list.close);

  const asked = await sent(() => Promise.all([seam.scope(), seam.scope()]));
  const scope = await seam.scope();

  const rounds = asked.filter((path) => path === "/devices/list");
  assert.equal(rounds.length, 1);
  assert.equal(scope.devices[0].device, list.get(lock.device_id));
  list.close();
  assert.equal(scope.has(lock.device_id), true);
});

test("a scope listens to page events only while a list is watched, so that a client can be collected", async (t) => {
  const heard = new Set();
  globalThis.document = {
    visibilityState: "hidden",
    addEventListener: (name, listener) => heard.add(listener),
    removeEventListener: (name, listener) => heard.delete(listener),
  };
  t.after(() => delete globalThis.document);
  const { seam, lock } = await scopedUser(t);

  const scope = await seam.scope();
  assert.equal(heard.size, 0);
  const list = seam.devices.watch();
  await list.refresh();
  assert.equal(heard.size, 1);
  list.close();
  assert.equal(heard.size, 0);
  assert.equal(scope.has(lock.device_id), true);
});

test("a scope fetches its list once, however long the session takes to load", async (t) => {
  let release;
  const held = new Promise((resolve) => (release = resolve));
  const { seam, sent } = await scopedUser(t, {
    answer: async (path) => {
      if (path === "/client_sessions/get") await held;
    },
  });

  const asked = await sent(async () => {
    const scope = seam.scope();
    const list = seam.devices.watch();
    await new Promise((resolve) => {
      list.subscribe(() => list.status.state === "live" && resolve());
    });
    list.close();
    release();
    await scope;
  });

  assert.deepEqual(asked.sort(), ["/client_sessions/get", "/devices/list"]);
});

test("during the server's Retry-After scope() rejects at once", async (t) => {
  let busy = false;
  const { seam, lock, sent } = await scopedUser(t, {
    answer: (path) =>
      busy && path === "/devices/list"
        ? Response.json(
            { error: { type: "too_many_requests", message: "not now" } },
            { status: 429, headers: { "retry-after": "60" } },
          )
        : undefined,
  });
  const scope = await seam.scope();
  busy = true;
  const first = await rejected(seam.scope());
  assert.equal(first.statusCode, 429);
  assert.equal(first.retryAfterMs, 60_000);

  const asked = await sent(async () => {
    assert.equal(await rejected(seam.scope()), first);
  });

  assert.deepEqual(asked, []);
  assert.deepEqual(idsInScope(scope), [lock.device_id]);
});

test("an API key has no scope", async (t) => {
  const { backEnd } = await scopedUser(t);

  const error = await rejected(backEnd.scope());

  assert.ok(error instanceof client.SeamHttpInvalidOptionsError);
  assert.equal(error.code, "credential_not_accepted");
  assert.match(error.message, /clientSessionToken/);
});

test("a scope of ten thousand devices is fetched page by page and is complete", async (t) => {
  const { endpoint, api_key } = await startSandbox(t, ["--devices", "10000"]);
  const backEnd = Seam.fromApiKey(api_key, { endpoint });
  const accounts = await backEnd.connectedAccounts.list();
  const { token } = await backEnd.clientSessions.create({
    connected_account_ids: accounts.map((it) => it.connected_account_id),
  });
  const seam = Seam.fromClientSessionToken(token, { endpoint });

  const scope = await seam.scope();

  const all = await seam
    .createPaginator(seam.devices.list({ limit: 500 }))
    .flattenToArray();
  assert.ok(all.length > 9_000, `${all.length}`);
  assert.equal(scope.devices.length, all.length);
  for (const { device_id, can_remotely_unlock } of all) {
    const can = scope.can(device_id, "locks.unlockDoor");
    assert.equal(can, can_remotely_unlock === true);
  }
});
