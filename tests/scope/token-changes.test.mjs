// The scope when the token or the user changes, or the session ends.
import assert from "node:assert/strict";
import { test } from "node:test";

import { rejected } from "../support/errors.mjs";
import { client, Seam } from "../support/installed.mjs";
import { waitUntil } from "../support/waiting.mjs";
import { idsInScope, scopedUser } from "../support/scope.mjs";

const { SeamOutOfScopeError } = client;

test("an action that was called as one user is not sent as another", async (t) => {
  let token;
  let update;
  const { seam, backEnd, other, grant, sent } = await scopedUser(t, {
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

test("another user's token ends the scope, which shows nothing while the token is checked", async (t) => {
  const { seam, backEnd, lock, other, sent } = await scopedUser(t);
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
    scope.expiresInMs,
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
  assert.deepEqual(idsInScope(next), [other.device_id]);
  const { device_id } = lock;
  const asked = await sent(() =>
    rejected(seam.locks.unlockDoor({ device_id })),
  );
  assert.ok(!asked.includes("/locks/unlock_door"));
});

test("a late refusal of the previous user's action removes nothing from the next user's scope", async (t) => {
  let answer;
  let asked;
  const isAsked = new Promise((resolve) => (asked = resolve));
  const { seam, backEnd, lock } = await scopedUser(t, {
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
  const action = rejected(seam.locks.unlockDoor({ device_id }));
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
  const error = await action;

  assert.equal(error.outcome, "refused");
  assert.deepEqual(idsInScope(next), [device_id]);
  assert.equal(list.size, 1);
  assert.ok(!taken.includes(0), "not even for a moment");
});

test("another token of the same user keeps the scope and fetches it again", async (t) => {
  const { seam, backEnd, session, other, grant, sent } = await scopedUser(t);
  const scope = await seam.scope();
  await grant(other);
  const { user_identity_id } = session;
  const next = await backEnd.clientSessions.create({ user_identity_id });

  const asked = await sent(async () => {
    await seam.updateClientSessionToken(next.token);
    await waitUntil(() => scope.has(other.device_id));
  });

  assert.ok(asked.includes("/client_sessions/get"));
  assert.equal(asked.filter((path) => path === "/devices/list").length, 1);
  assert.equal(scope.client_session_id, next.client_session_id);
  assert.equal(await seam.scope(), scope);
});

test("a refreshed token keeps the scope of the same user", async (t) => {
  const { info, backEnd, session, lock } = await scopedUser(t);
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
  await waitUntil(() => scope.has(lock.device_id));

  assert.equal(scope.client_session_id, next.client_session_id);
  const acts = paths.filter((path) => path === "/locks/unlock_door");
  assert.equal(acts.length, 2, "refused, and sent once more");
});

test("a revoked session empties the scope", async (t) => {
  const { seam, backEnd, session, lock } = await scopedUser(t);
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

for (const status of [403, 404]) {
  test(`a ${status} that is not Seam's does not change the scope`, async (t) => {
    let isCut = false;
    const { seam, lock, other } = await scopedUser(t, {
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

test("an unexpected refusal does not end the scope: scope() fetches again", async (t) => {
  let odd = false;
  const { seam, lock } = await scopedUser(t, {
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
  assert.deepEqual(idsInScope(scope), [lock.device_id]);
  odd = false;

  assert.equal(await seam.scope(), scope);

  assert.deepEqual(idsInScope(scope), [lock.device_id]);
});
