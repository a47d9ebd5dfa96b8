// What a session may, against the sandbox: seen, granted, revoked, acted on.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { openapi } from "@seamapi/types/connect";

import { rejected } from "../support/errors.mjs";
import { client, Sandbox, Seam } from "../support/installed.mjs";
import { startSandbox } from "../support/sandbox.mjs";
import { mockClocks, once } from "../support/waiting.mjs";

const { SeamOutOfScopeError } = client;

/**
 * A user who was granted a lock, in a sandbox of its own: the client of the user's session, and
 * what it has sent. `answer` may answer in the server's place.
 */
async function user(t, { answer, args = [], options = {} } = {}) {
  const info = await startSandbox(t, args);
  const { endpoint } = info;
  const backEnd = Seam.fromApiKey(info.api_key, { endpoint });
  const all = await backEnd.devices.list();
  const [lock, other] = all.filter(
    (it) => it.can_remotely_unlock && it.can_program_online_access_codes,
  );
  const thermostat = all.find((it) => it.can_hvac_heat);
  const { user_identity_id } = await backEnd.userIdentities.create();
  const grant = ({ device_id }) =>
    backEnd.userIdentities.grantAccessToDevice({ user_identity_id, device_id });
  const revoke = ({ device_id }) =>
    backEnd.userIdentities.revokeAccessToDevice({
      user_identity_id,
      device_id,
    });
  await grant(lock);
  const session = await backEnd.clientSessions.create({ user_identity_id });
  const requests = [];
  const seam = Seam.fromClientSessionToken(session.token, {
    endpoint,
    maxRetries: 0,
    ...options,
    fetch: async (request) => {
      const path = new URL(request.url).pathname;
      requests.push(path);
      return (await answer?.(path, seam)) ?? fetch(request);
    },
  });
  /** What is sent while `run` is. */
  const sent = async (run) => {
    const before = requests.length;
    await run();
    return requests.slice(before);
  };
  const devices = { lock, other, thermostat };
  return { ...devices, info, backEnd, session, seam, grant, revoke, sent };
}

const ids = (scope) => scope.devices.map(({ device }) => device.device_id);

test("a scope tells who it is, when it ends, and what can be done to each device", async (t) => {
  const { seam, session, lock, other, sent } = await user(t);
  let scope;

  const asked = await sent(async () => (scope = await seam.scope()));

  assert.deepEqual(asked.sort(), ["/client_sessions/get", "/devices/list"]);
  assert.equal(scope.client_session_id, session.client_session_id);
  assert.equal(scope.user_identity_id, session.user_identity_id);
  assert.deepEqual(scope.expires_at, new Date(session.expires_at));
  const left = scope.expires_at - Date.now();
  assert.ok(scope.time_left >= left && scope.time_left < left + 60_000);
  assert.deepEqual(ids(scope), [lock.device_id]);
  assert.deepEqual(
    scope.devices[0].device,
    await seam.devices.get({ device_id: lock.device_id }),
  );
  assert.equal(scope.devices, scope.devices);
  assert.equal(scope.has(lock.device_id), true);
  assert.equal(scope.can(lock.device_id, "locks.unlockDoor"), true);
  assert.equal(scope.can(lock.device_id, "thermostats.heat"), false);
  assert.deepEqual(scope.actions(lock.device_id), scope.devices[0].actions);
  assert.equal(scope.has(other.device_id), false);
  assert.equal(scope.can(other.device_id, "devices.update"), false);
  assert.deepEqual(scope.actions(other.device_id), []);
});

test("a flag must be present and true", async (t) => {
  const { seam, grant, thermostat } = await user(t);
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

test("what was granted since costs one question, and is in scope from then on", async (t) => {
  const { seam, grant, other, sent } = await user(t);
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
  test(`what is outside is not acted on when the server says no with ${status}`, async (t) => {
    const { seam, other, sent } = await user(t, {
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

  test(`what was revoked is acted on, refused with ${status}, and then out of scope`, async (t) => {
    const { seam, lock, revoke, sent } = await user(t, {
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

test("a refusal that is about something else leaves the device in scope", async (t) => {
  const { seam, lock } = await user(t);
  const scope = await seam.scope();
  const { device_id } = lock;
  const access_code_id = "5d703cd4-ce1f-4d5d-a7a1-bb5dd5a4e4a5";

  const error = await rejected(
    seam.accessCodes.update({ device_id, access_code_id, name: "Guest" }),
  );

  assert.equal(error.statusCode, 404);
  assert.equal(scope.has(device_id), true);
});

test("codes for several devices are not sent when one of them is outside", async (t) => {
  const { seam, lock, other, grant, sent } = await user(t);
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

test("codes for several devices of which one was revoked: that one leaves the scope", async (t) => {
  const { seam, lock, other, grant, revoke } = await user(t);
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
  assert.deepEqual(ids(scope), [lock.device_id]);
});

test("a thermostat is acted on and updated as a lock is", async (t) => {
  const { seam, thermostat, grant, sent } = await user(t);
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

test("a phone is no device of the scope: the server alone decides", async () => {
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

test("what only reads is never asked about first", async (t) => {
  const { seam, other, sent } = await user(t);
  await seam.scope();
  const { device_id } = other;

  const asked = await sent(() =>
    rejected(seam.accessCodes.list({ device_id })),
  );

  assert.equal(asked[0], "/access_codes/list");
});

test("without scope() nothing is asked first", async (t) => {
  const { seam, other, sent } = await user(t);
  const { device_id } = other;

  const asked = await sent(() =>
    rejected(seam.locks.unlockDoor({ device_id })),
  );

  assert.equal(asked[0], "/locks/unlock_door");
  assert.ok(!asked.includes("/devices/get"));
});

test("where it cannot be asked, nothing is sent", async (t) => {
  let broken = false;
  const { seam, other, sent } = await user(t, {
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

test("an act that waits ten seconds for the question is not sent", async (t) => {
  let answer;
  let asked;
  const isAsked = new Promise((resolve) => (asked = resolve));
  const { seam, other, grant, sent } = await user(t, {
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
    const act = rejected(seam.locks.unlockDoor({ device_id }));
    await isAsked;
    t.mock.timers.tick(9_999);
    t.mock.timers.tick(1);
    error = await act;
    answer(Response.json({ device: other }));
  });

  assert.equal(error.code, "too_late");
  assert.equal(error.outcome, "not_sent");
  assert.deepEqual(paths, ["/devices/get"]);
});

test("an abort while the question is asked sends nothing", async (t) => {
  const controller = new AbortController();
  const { seam, other, grant, sent } = await user(t, {
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

test("an older look that answers late brings nothing back that a newer one found gone", async (t) => {
  const looks = [];
  const seen = [];
  let scope;
  const { seam, other, grant, revoke, info } = await user(t, {
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
  await once(() => looks.length === 1);
  const second = rejected(seam.locks.unlockDoor({ device_id }));
  await once(() => looks.length === 2);
  await revoke(other);
  const gone = { type: "device_not_found", message: "gone" };
  looks[1](Response.json({ error: gone, ok: false }, { status: 404 }));
  assert.equal((await second).code, "out_of_scope");

  looks[0](Response.json({ device: { device_id }, ok: true }));
  await rejected(first);

  assert.deepEqual(seen, [false]);
  assert.ok(info.device_ids.includes(device_id));
});

test("what was asked for as one user is not done as another", async (t) => {
  let token;
  let update;
  const { seam, backEnd, other, grant, sent } = await user(t, {
    answer: (path, seam) => {
      if (path === "/devices/get" && token) {
        update = seam.updateClientSessionToken(token);
        // The other user's token is accepted before it is known where the device is.
        return update;
      }
    },
  });
  await seam.scope();
  await grant(other);
  const somebody = await backEnd.userIdentities.create();
  const { user_identity_id } = somebody;
  const { device_id } = other;
  await backEnd.userIdentities.grantAccessToDevice({
    user_identity_id,
    device_id,
  });
  ({ token } = await backEnd.clientSessions.create({ user_identity_id }));
  let error;

  const asked = await sent(async () => {
    error = await rejected(seam.locks.unlockDoor({ device_id }));
    await update;
  });

  assert.equal(error.code, "session_changed");
  assert.equal(error.outcome, "not_sent");
  assert.ok(!asked.includes("/locks/unlock_door"));
});

test("another user's token ends the scope; nothing of it is shown, before it is known whose it is", async (t) => {
  const { seam, backEnd, lock, other, sent } = await user(t);
  const scope = await seam.scope();
  const { user_identity_id } = await backEnd.userIdentities.create();
  await backEnd.userIdentities.grantAccessToDevice({
    user_identity_id,
    device_id: other.device_id,
  });
  const { token } = await backEnd.clientSessions.create({ user_identity_id });

  const update = seam.updateClientSessionToken(token);

  const shown = () => [
    scope.client_session_id,
    scope.user_identity_id,
    scope.expires_at,
    scope.time_left,
    scope.devices.length,
    scope.has(lock.device_id),
  ];
  const nothing = [undefined, undefined, null, null, 0, false];
  assert.deepEqual(shown(), nothing);
  await update;
  const next = await seam.scope();
  assert.deepEqual(shown(), nothing);
  assert.notEqual(next, scope);
  assert.equal(next.user_identity_id, user_identity_id);
  assert.deepEqual(ids(next), [other.device_id]);
  const { device_id } = lock;
  const asked = await sent(() =>
    rejected(seam.locks.unlockDoor({ device_id })),
  );
  assert.ok(!asked.includes("/locks/unlock_door"));
});

test("a late refusal of what the last user did takes nothing from the next one's scope", async (t) => {
  let answer;
  let asked;
  const isAsked = new Promise((resolve) => (asked = resolve));
  const { seam, backEnd, lock } = await user(t, {
    answer: (path) => {
      if (path !== "/locks/unlock_door") return undefined;
      asked();
      return new Promise((resolve) => (answer = resolve));
    },
  });
  await seam.scope();
  const { device_id } = lock;
  const { user_identity_id } = await backEnd.userIdentities.create();
  await backEnd.userIdentities.grantAccessToDevice({
    user_identity_id,
    device_id,
  });
  const { token } = await backEnd.clientSessions.create({ user_identity_id });
  const act = rejected(seam.locks.unlockDoor({ device_id }));
  await isAsked;
  const list = seam.devices.watch();
  t.after(list.close);
  await seam.updateClientSessionToken(token);
  const next = await seam.scope();
  await list.refresh();
  const taken = [];
  list.subscribe(({ changes } = {}) => taken.push(changes, list.size));

  answer(
    Response.json(
      { error: { type: "device_not_found", message: "It is not there." } },
      { status: 404, headers: { "seam-request-id": "request" } },
    ),
  );
  const error = await act;

  assert.equal(error.outcome, "refused");
  assert.deepEqual(ids(next), [device_id]);
  assert.equal(list.size, 1);
  assert.ok(!taken.includes(0), "not even for a moment");
});

test("with another token of the same user it stays, and is asked for anew", async (t) => {
  const { seam, backEnd, session, other, grant, sent } = await user(t);
  const scope = await seam.scope();
  await grant(other);
  const { user_identity_id } = session;
  const next = await backEnd.clientSessions.create({ user_identity_id });

  const asked = await sent(async () => {
    await seam.updateClientSessionToken(next.token);
    await once(() => scope.has(other.device_id));
  });

  assert.ok(asked.includes("/client_sessions/get"));
  assert.equal(asked.filter((path) => path === "/devices/list").length, 1);
  assert.equal(scope.client_session_id, next.client_session_id);
  assert.equal(await seam.scope(), scope);
});

test("scope() learns that the session was given more time", async (t) => {
  const { seam, backEnd, session } = await user(t);
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

test("a token that is renewed by a function leaves the scope to the same user", async (t) => {
  const { info, backEnd, session, lock } = await user(t);
  const { user_identity_id, client_session_id } = session;
  const next = await backEnd.clientSessions.create({ user_identity_id });
  const tokens = [session.token, next.token];
  const paths = [];
  const seam = Seam.fromClientSessionToken(() => tokens.shift(), {
    endpoint: info.endpoint,
    fetch: (request) => {
      paths.push(new URL(request.url).pathname);
      return fetch(request);
    },
  });
  const scope = await seam.scope();
  assert.equal(scope.client_session_id, client_session_id);
  await backEnd.clientSessions.revoke({ client_session_id });
  paths.length = 0;

  await seam.locks.unlockDoor({ device_id: lock.device_id });
  await once(() => scope.has(lock.device_id));

  assert.equal(scope.client_session_id, next.client_session_id);
  const acts = paths.filter((path) => path === "/locks/unlock_door");
  assert.equal(acts.length, 2, "refused, and sent once more");
});

test("a revoked session empties it", async (t) => {
  const { seam, backEnd, session, lock } = await user(t);
  const scope = await seam.scope();
  const { client_session_id } = session;
  await backEnd.clientSessions.revoke({ client_session_id });
  const { device_id } = lock;

  const error = await rejected(seam.locks.unlockDoor({ device_id }));
  const again = await rejected(seam.scope());

  assert.equal(error.reason, "token_refused");
  assert.equal(again.reason, "token_refused");
  assert.deepEqual(scope.devices, []);
  assert.equal(scope.has(device_id), false);
});

test("it shares its list with who watches it, and asks for no round by itself", async (t) => {
  const { seam, lock, sent } = await user(t);
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

test("it hears of the page only while somebody watches, so that a client may be let go of", async (t) => {
  const heard = new Set();
  globalThis.document = {
    visibilityState: "hidden",
    addEventListener: (name, listener) => heard.add(listener),
    removeEventListener: (name, listener) => heard.delete(listener),
  };
  t.after(() => delete globalThis.document);
  const { seam, lock } = await user(t);

  const scope = await seam.scope();
  assert.equal(heard.size, 0);
  const list = seam.devices.watch();
  await list.refresh();
  assert.equal(heard.size, 1);
  list.close();
  assert.equal(heard.size, 0);
  assert.equal(scope.has(lock.device_id), true);
});

test("when the first asking fails there is no scope, and nothing is asked before an act", async (t) => {
  let broken = true;
  const { seam, other, sent } = await user(t, {
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

test("it asks for the list once, however long it takes to learn whose the token is", async (t) => {
  let release;
  const held = new Promise((resolve) => (release = resolve));
  const { seam, sent } = await user(t, {
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

test("while the server wants to be left alone, scope() says so at once", async (t) => {
  let busy = false;
  const { seam, lock, sent } = await user(t, {
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
  assert.equal(first.retryAfter, 60_000);

  const asked = await sent(async () => {
    assert.equal(await rejected(seam.scope()), first);
  });

  assert.deepEqual(asked, []);
  assert.deepEqual(ids(scope), [lock.device_id]);
});

for (const status of [403, 404]) {
  test(`a ${status} that is not Seam's says nothing of the scope`, async (t) => {
    let isCut = false;
    const { seam, lock, other } = await user(t, {
      answer: (path) =>
        isCut ? new Response(`<html>${path}</html>`, { status }) : undefined,
    });
    const scope = await seam.scope();
    isCut = true;

    const unseen = await rejected(
      seam.locks.unlockDoor({ device_id: other.device_id }),
    );
    const seen = await rejected(
      seam.locks.unlockDoor({ device_id: lock.device_id }),
    );

    assert.ok(!(unseen instanceof SeamOutOfScopeError));
    assert.equal(unseen.statusCode, status);
    assert.equal(unseen.outcome, "not_sent");
    assert.equal(seen.statusCode, status);
    assert.equal(scope.has(lock.device_id), true);
  });
}

test("one odd refusal ends no scope: scope() asks again", async (t) => {
  let odd = false;
  const { seam, lock } = await user(t, {
    answer: (path) =>
      odd && path === "/devices/list"
        ? Response.json(
            { error: { type: "conflict", message: "not now" } },
            { status: 409 },
          )
        : undefined,
  });
  const scope = await seam.scope();
  odd = true;
  const error = await rejected(seam.scope());
  assert.equal(error.statusCode, 409);
  assert.deepEqual(ids(scope), [lock.device_id]);
  odd = false;

  assert.equal(await seam.scope(), scope);

  assert.deepEqual(ids(scope), [lock.device_id]);
});

test("an API key has no scope", async (t) => {
  const { backEnd } = await user(t);

  const error = await rejected(backEnd.scope());

  assert.ok(error instanceof client.SeamHttpInvalidOptionsError);
  assert.equal(error.code, "credential_not_accepted");
  assert.match(error.message, /clientSessionToken/);
});

test("ten thousand devices are asked for page by page, and are all there", async (t) => {
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

test("JavaScript's names of actions are the core's, in the core's order", () => {
  const read = (file) =>
    readFileSync(new URL(`../../${file}`, import.meta.url), "utf8");
  const [, rows] = /const ACTIONS: [^=]*= \[(.*?)\n\];/s.exec(
    read("src/live/actions.rs"),
  );
  const paths = [...rows.matchAll(/\("\/([a-z_/]+)",/g)].map(([, path]) =>
    path.replace(/\//g, ".").replace(/_(.)/g, (_, c) => c.toUpperCase()),
  );
  const quoted = (text) => [...text.matchAll(/"(.*?)"/g)].map(([, it]) => it);
  const [, names] = /ACTIONS[^=]* = \[(.*?)\]/s.exec(
    read("pkg/src/live/actions.ts"),
  );
  const [, members] = /type DeviceAction =(.*?);/s.exec(
    read("pkg/src/scope.ts"),
  );
  assert.ok(paths.length > 10);
  assert.deepEqual(quoted(names), paths);
  assert.deepEqual(quoted(members), paths);
});

/** What a session may call that names a device, and is no action of the scope. */
const NO_ACTIONS = {
  "/access_codes/create_multiple": "create, for several devices",
  "/access_codes/delete": "is about a code",
  "/access_codes/update": "is about a code",
  "/access_codes/simulate/create_unmanaged_access_code": "in sandboxes only",
  "/phones/deactivate": "a phone is no device of the scope",
};

test("whatever a session may do to one device is an action", () => {
  const [, rows] = /const ACTIONS: [^=]*= \[(.*?)\n\];/s.exec(
    readFileSync(new URL("../../src/live/actions.rs", import.meta.url), "utf8"),
  );
  const actions = [...rows.matchAll(/\("(.*?)",/g)].map(([, path]) => path);
  const routes = Object.entries(openapi.paths).filter(([, { get, post }]) => {
    const may = post?.security?.some((it) => "client_session" in it);
    const named = /"device_ids?"/.test(JSON.stringify(post?.requestBody ?? ""));
    return get === undefined && may && named;
  });
  const paths = routes.map(([path]) => path);
  assert.deepEqual(
    paths.sort(),
    [...actions, ...Object.keys(NO_ACTIONS)].sort(),
  );
});

test("each flag that tells of an action is one of a device's in the OpenAPI", () => {
  const { properties } = openapi.components.schemas.device;
  const [, flags] = /const FLAGS: [^=]*= \[(.*?)\n\];/s.exec(
    readFileSync(new URL("../../src/live/actions.rs", import.meta.url), "utf8"),
  );
  const names = [...flags.matchAll(/"(.*?)"/g)].map(([, it]) => it);
  assert.ok(names.length > 10);
  for (const name of names) {
    assert.equal(properties[name]?.type, "boolean", name);
  }
});
