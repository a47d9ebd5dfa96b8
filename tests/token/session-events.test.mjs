// What an app sees of its session: events, sign-out, and what a token function is called with.
import assert from "node:assert/strict";
import { test } from "node:test";

import { rejected } from "../support/errors.mjs";
import { client, Seam } from "../support/installed.mjs";
import { mockSeam, tokenOf } from "../support/mock-seam.mjs";
import { flushTasks, waitUntil } from "../support/waiting.mjs";

const DEVICE = { device_id: "a-0" };

function clientOf(server, token, options = {}) {
  return Seam.fromClientSessionToken(token, {
    endpoint: "https://seam.test",
    fetch: server.fetch,
    maxRetries: 0,
    ...options,
  });
}

/** Records the events of a client, as `[name, detail]`. */
function recorded(seam) {
  const events = [];
  for (const name of ["sessionEnded", "tokenRefreshed", "userChanged"])
    seam.on(name, (event) => {
      assert.ok(Object.isFrozen(event));
      events.push([name, event.reason ?? event.session?.user_identity_id]);
    });
  return events;
}

test("a session that the server revokes, or that has expired, ends with one event", async () => {
  for (const [expires_at, reason] of [
    ["2099-01-01T00:00:00.000Z", "revoked"],
    ["2001-01-01T00:00:00.000Z", "expired"],
  ]) {
    const server = mockSeam();
    server.answer = ({ path, user }) =>
      path === "/client_sessions/get" && server.dead.size === 0
        ? Response.json({
            client_session: { client_session_id: user, expires_at },
          })
        : undefined;
    const seam = clientOf(server, tokenOf("a"));
    const events = recorded(seam);
    await seam.scope();
    server.dead.add(tokenOf("a"));
    await rejected(seam.devices.list());
    await rejected(seam.devices.list());
    assert.deepEqual(events, [["sessionEnded", reason]]);
  }
});

test("with a token function a rejected token is refreshed, and the session ends when there is no other", async () => {
  for (const [next, events] of [
    [tokenOf("a", 2), [["tokenRefreshed", "user-a"]]],
    [null, [["sessionEnded", "signed_out"]]],
  ]) {
    const server = mockSeam();
    const tokens = [tokenOf("a"), next];
    const seam = clientOf(server, () => tokens.shift());
    const recordedEvents = recorded(seam);
    await seam.devices.list();
    server.dead.add(tokenOf("a"));
    await seam.devices.list().catch(({ code }) => {
      assert.equal(code, "signed_out");
    });
    assert.deepEqual(recordedEvents, events);
  }
});

test("another user's token is an event, by whichever way it comes", async () => {
  for (const change of ["function", "app"]) {
    const server = mockSeam();
    const tokens = [tokenOf("a"), tokenOf("b")];
    const seam = clientOf(server, () => tokens.shift());
    const events = recorded(seam);
    await seam.clientSessions.get();
    if (change === "app") await seam.updateClientSessionToken(tokenOf("b"));
    else {
      server.dead.add(tokenOf("a"));
      await seam.devices.list();
    }
    assert.deepEqual(events, [["userChanged", "user-b"]], change);
  }
});

test("a listener is not called after it was removed, and one that throws affects no other", async () => {
  const server = mockSeam();
  const seam = clientOf(server, tokenOf("a"));
  seam.on("userChanged", () => {
    throw new Error("a listener broke");
  });
  const events = recorded(seam);
  let calls = 0;
  const stop = seam.on("userChanged", () => void (calls += 1));
  await seam.updateClientSessionToken(tokenOf("b"));
  stop();
  await seam.updateClientSessionToken(tokenOf("a"));
  assert.equal(calls, 1);
  assert.deepEqual(events, [
    ["userChanged", "user-b"],
    ["userChanged", "user-a"],
  ]);
});

test("a token function is called with the reason, and a signal that is not aborted", async () => {
  const server = mockSeam();
  const requests = [];
  let nth = 0;
  const seam = clientOf(server, (request) => {
    requests.push(request);
    return tokenOf("a", (nth += 1));
  });
  await seam.devices.list();
  server.dead.add(tokenOf("a", 1));
  await seam.devices.list();
  assert.deepEqual(
    requests.map(({ reason }) => reason),
    ["initial", "rejected"],
  );
  for (const { signal } of requests) assert.equal(signal.aborted, false);
});

test("the signal of a token function aborts when the token is not needed any more", async () => {
  const server = mockSeam();
  for (const end of [
    (seam) => seam.close(),
    (seam) => seam.updateClientSessionToken(tokenOf("b")),
    () => {},
  ]) {
    let signal;
    const seam = clientOf(
      server,
      (request) => {
        ({ signal } = request);
        return new Promise(() => {});
      },
      { timeout: 2_000 },
    );
    const call = rejected(seam.locks.unlockDoor(DEVICE));
    await waitUntil(() => signal);
    await flushTasks();
    assert.equal(signal.aborted, false);
    await end(seam);
    await call;
    assert.equal(signal.aborted, true);
  }
});

test("close() rejects the calls of now and later, and sends nothing more", async () => {
  const server = mockSeam();
  const seam = clientOf(server, tokenOf("a"));
  const events = recorded(seam);
  await seam.devices.list();
  server.answer = () => new Promise(() => {});
  const pending = rejected(seam.locks.unlockDoor(DEVICE));
  await waitUntil(() => server.sentAs("a").includes("/locks/unlock_door"));
  const unsent = seam.locks.unlockDoor(DEVICE);
  const sent = server.requests.length;

  seam.close();
  seam.close();

  const summary = ({ name, code, outcome }) => [name, code, outcome];
  const signedOut = ["SeamSignedOutError", "signed_out"];
  assert.deepEqual(summary(await pending), [...signedOut, "unknown"]);
  for (const call of [
    unsent,
    seam.devices.list(),
    seam.scope(),
    seam.updateClientSessionToken(tokenOf("b")),
  ]) {
    const error = await rejected(call);
    assert.ok(error instanceof client.SeamSignedOutError);
    assert.deepEqual(summary(error), [...signedOut, "not_sent"]);
  }
  await flushTasks();
  assert.equal(server.requests.length, sent);
  assert.deepEqual(events, [["sessionEnded", "signed_out"]]);
});

test("close() empties a scope, and a token that is being checked is not used", async () => {
  const server = mockSeam();
  const seam = clientOf(server, tokenOf("a"));
  const scope = await seam.scope();
  assert.equal(scope.devices.length, 2);
  const release = server.hold(({ user }) => user === "b");
  const update = seam.updateClientSessionToken(tokenOf("b")).catch(() => {});
  await waitUntil(() => server.sentAs("b").length > 0);
  seam.close();
  release();
  await update;
  assert.deepEqual(scope.devices, []);
  assert.equal((await rejected(seam.devices.list())).code, "signed_out");
  assert.deepEqual(server.sentAs("b"), ["/client_sessions/get"]);
});

test("a token function is not called after close()", async () => {
  const server = mockSeam();
  let calls = 0;
  const seam = clientOf(server, () => {
    calls += 1;
    return tokenOf("a");
  });
  await seam.devices.list();
  seam.close();
  await rejected(seam.devices.list());
  await flushTasks();
  assert.equal(calls, 1);
});

test("`using` closes a client where Symbol.dispose exists", async () => {
  const seam = clientOf(mockSeam(), tokenOf("a"));
  if (!Symbol.dispose) return assert.equal(seam.undefined, undefined);
  seam[Symbol.dispose]();
  assert.equal((await rejected(seam.devices.list())).code, "signed_out");
});
