// Token changes at unusual moments: every call settles, and none is sent as another user.
import assert from "node:assert/strict";
import { test } from "node:test";

import { rejected } from "../support/errors.mjs";
import { Seam } from "../support/installed.mjs";
import { mockSeam, tokenOf } from "../support/mock-seam.mjs";
import { isSettled, waitUntil, flushTasks } from "../support/waiting.mjs";

const DEVICE = { device_id: "door" };

function client(server, token, options = {}) {
  return Seam.fromClientSessionToken(token, {
    endpoint: "https://seam.test",
    fetch: server.fetch,
    maxRetries: 0,
    ...options,
  });
}

const isCheckOf =
  (name) =>
  ({ path, user }) =>
    path === "/client_sessions/get" && user === name;

for (const isAccepted of [true, false]) {
  test(`an observer may set another token as soon as one is ${isAccepted ? "accepted" : "rejected"}`, async (t) => {
    const server = mockSeam();
    const seam = client(server, tokenOf("a"));
    if (!isAccepted) server.dead.add(tokenOf("b"));
    let third;
    const next = () => {
      third ??= seam.updateClientSessionToken(tokenOf("c"));
    };
    t.after(
      seam.observeToken({ onTokenReplaced: next, onTokenRejected: next }),
    );
    const second = seam.updateClientSessionToken(tokenOf("b"));
    const read = seam.devices.list().execute();
    const action = rejected(seam.locks.unlockDoor(DEVICE));

    await (isAccepted ? second : rejected(second));
    await third;

    assert.deepEqual(
      (await read).map((it) => it.device_id),
      ["c-0", "c-1"],
    );
    const error = await action;
    assert.deepEqual(
      [error.code, error.outcome],
      ["session_changed", "not_sent"],
    );
    assert.ok(
      server.requests.every(({ path }) => path !== "/locks/unlock_door"),
    );
  });
}

for (const wrong of [undefined, null, 5, "", {}, "not a token"]) {
  test(`a token that is ${JSON.stringify(wrong)} is refused at once, and nothing is sent or held back`, async (t) => {
    const server = mockSeam();
    const seam = client(server, tokenOf("a"));
    const list = seam.devices.watch();
    t.after(() => list.close());
    await waitUntil(() => list.status.state === "live");
    const before = server.requests.length;

    const update = seam.updateClientSessionToken(wrong);
    assert.equal(list.status.state, "live");
    assert.equal((await rejected(update)).code, "invalid_token");

    assert.equal(server.requests.length, before);
    assert.equal((await seam.devices.list()).length, 2);
    await list.refresh();
    assert.equal(list.size, 2);
  });
}

test("an action that was called before there was a token is not sent as the user of a token that is set", async () => {
  const server = mockSeam();
  let give;
  const seam = client(server, () => new Promise((resolve) => (give = resolve)));
  const action = rejected(seam.locks.unlockDoor(DEVICE));
  await waitUntil(() => give);
  await seam.updateClientSessionToken(tokenOf("b"));
  const error = await action;
  assert.deepEqual(
    [error.code, error.outcome],
    ["session_changed", "not_sent"],
  );
  assert.equal((await seam.locks.unlockDoor(DEVICE)).status, "success");
});

test("a function's first token does not replace one that is being checked", async (t) => {
  const server = mockSeam();
  const release = server.hold(isCheckOf("b"));
  let give;
  const seam = client(server, () => new Promise((resolve) => (give = resolve)));
  const renewed = [];
  t.after(
    seam.observeToken({ onTokenReplaced: (session) => renewed.push(session) }),
  );
  const read = seam.devices.list().execute();
  await waitUntil(() => give);
  const update = seam.updateClientSessionToken(tokenOf("b"));
  give(tokenOf("a"));
  await flushTasks();
  assert.deepEqual(renewed, []);
  release();
  await update;
  assert.deepEqual(
    renewed.map((session) => session.user_identity_id),
    ["user-b"],
  );
  assert.equal((await read)[0].device_id, "b-0");
  assert.deepEqual(server.sentAs("a"), []);
});

test("a paginator that starts while a token is checked continues as the user of that token", async () => {
  const server = mockSeam({ size: 6 });
  const seam = client(server, tokenOf("a"));
  const release = server.hold(isCheckOf("b"));
  const update = seam.updateClientSessionToken(tokenOf("b"));
  const all = seam.createPaginator(seam.devices.list()).flattenToArray();
  assert.equal(await isSettled(all), false);
  release();
  await update;
  assert.deepEqual(
    (await all).map((it) => it.device_id),
    ["b-0", "b-1", "b-2", "b-3", "b-4", "b-5"],
  );
});

test("a paginator stops with session_changed when the token function returns another user's token", async () => {
  const server = mockSeam({ size: 6 });
  let asked = 0;
  const seam = client(server, () => tokenOf((asked += 1) === 1 ? "a" : "b"));
  await seam.clientSessions.get();
  const pages = [];
  const error = await rejected(
    (async () => {
      for await (const page of seam.createPaginator(seam.devices.list())) {
        pages.push(page.map((it) => it.device_id));
        server.dead.add(tokenOf("a"));
      }
    })(),
  );
  assert.equal(error.code, "session_changed");
  assert.deepEqual(pages, [["a-0", "a-1"]]);
});

test("an action attempt is not polled as another user", async () => {
  const server = mockSeam();
  server.answer = ({ path }) =>
    path === "/locks/unlock_door"
      ? Response.json({
          action_attempt: { action_attempt_id: "x", status: "pending" },
          ok: true,
        })
      : undefined;
  const seam = client(server, tokenOf("a"));
  const request = seam.locks.unlockDoor(DEVICE);
  await request.fetchResponse();
  await seam.updateClientSessionToken(tokenOf("b"));
  const error = await rejected(request);
  assert.deepEqual([error.code, error.outcome], ["session_changed", "unknown"]);
  assert.equal(error.actionAttempt.action_attempt_id, "x");
  assert.ok(!server.sentAs("b").includes("/action_attempts/get"));
});

test("a held call that is aborted sends nothing", async () => {
  const server = mockSeam();
  const seam = client(server, tokenOf("a"));
  await seam.scope();
  const release = server.hold(isCheckOf("b"));
  const update = seam.updateClientSessionToken(tokenOf("b"));
  const abort = new AbortController();
  const action = rejected(
    seam.locks.unlockDoor(DEVICE, { signal: abort.signal }),
  );
  abort.abort(new Error("never mind"));
  assert.equal((await action).message, "never mind");
  release();
  await update;
  await flushTasks();
  assert.ok(!server.sentAs("b").includes("/devices/get"));
});

test("a token function may throw any value", async () => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  for (const thrown of [undefined, null, 5, "no", Symbol("no"), proxy]) {
    const server = mockSeam();
    const seam = client(server, () => Promise.reject(thrown));
    const error = await rejected(seam.devices.list());
    assert.deepEqual([error.code, error.outcome], ["no_token", "not_sent"]);
  }
});
