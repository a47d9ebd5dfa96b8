// A trap in the module of lists or of token refresh: calls settle, and the state is rebuilt.
import assert from "node:assert/strict";
import { test } from "node:test";

import { rejected } from "../support/errors.mjs";
import { trapOn } from "../support/force-trap.mjs";
import { mockSeam, tokenOf } from "../support/mock-seam.mjs";
import { mockClocks, waitUntil, flushTasks } from "../support/waiting.mjs";

const trap = trapOn(globalThis);
const { Seam } = await import("../support/installed.mjs");

const DOOR = { device_id: "a-0" };

function client(server, token = tokenOf("a")) {
  return Seam.fromClientSessionToken(token, {
    endpoint: "https://seam.test",
    fetch: server.fetch,
    maxRetries: 0,
  });
}

/** The functions of the module of lists that hold its data, and those that only decide. */
const OF_STORE = [
  ...["begin", "bytes", "commit", "end_page", "feed", "find"],
  ...["upsert", "remove", "slot_of", "slots", "space", "capabilities_of"],
].map((name) => [name, 1]);
/** All events of a list are one function, so it traps at each of its calls in turn. */
const OF_RULES = [
  ...Array.from({ length: 24 }, (_, nth) => ["list_event", nth + 1]),
  ...[1, 2, 3].map((nth) => ["input", nth]),
  ...["error_kind", "is_about_device"].map((name) => [name, 1]),
];

for (const [name, nth] of [...OF_STORE, ...OF_RULES]) {
  test(`after trap ${nth} in ${name} of a list every call settles, and the list is fetched again`, async (t) => {
    const server = mockSeam();
    const seam = client(server);
    const list = seam.devices.watch();
    t.after(() => list.close());
    await waitUntil(() => list.status.state === "live");
    const scope = await seam.scope();
    const states = [];
    list.subscribe(() => states.push(list.status.state));

    const trapped = trap(name, nth);
    t.after(() => trap(undefined));
    assert.equal((await seam.locks.unlockDoor(DOOR)).status, "success");
    await flushTasks();
    server.answer = ({ path }) => {
      if (path !== "/locks/lock_door") return undefined;
      const error = { type: "device_not_found", message: "m" };
      return Response.json({ error }, { status: 404 });
    };
    const refused = await rejected(seam.locks.lockDoor(DOOR));
    assert.equal(refused.type, "device_not_found");
    assert.equal(refused.outcome, "refused");
    server.answer = undefined;
    await list.refresh();
    await flushTasks();
    for (const read of [
      () => list.find({ online: false }),
      () => scope.can("a-0", "locks.unlockDoor"),
      () => list.get("a-1"),
      () => list.getSnapshot(),
    ]) {
      try {
        read();
      } catch (error) {
        assert.equal(error.code, "client_crashed");
      }
    }
    // A refetch that fails, so that every function has been called.
    server.answer = ({ path }) => {
      if (path === "/devices/list") throw new TypeError("away");
    };
    await list.refresh();
    server.answer = undefined;
    assert.equal(trapped(), 1, "it was called");

    await list.refresh();
    await waitUntil(() => list.status.state === "live");
    assert.equal(list.size, 2);
    assert.equal(list.get("a-1").device_id, "a-1");
    assert.equal((await seam.locks.unlockDoor(DOOR)).status, "success");
    if (OF_STORE.some(([it]) => it === name))
      assert.ok(states.includes("stale"));
  });
}

for (const nth of [1, 2, 3, 4, 5, 6, 7, 8]) {
  test(`refresh() settles when reading the changes traps for the ${nth}th time`, async (t) => {
    const server = mockSeam();
    const list = client(server).devices.watch();
    t.after(() => list.close());
    await waitUntil(() => list.status.state === "live");
    server.answer = ({ path }) =>
      path === "/devices/list"
        ? Response.json({ devices: [{ device_id: "x" }], pagination: {} })
        : undefined;
    trap("slots", nth);
    await list.refresh();
    await list.refresh();
    await waitUntil(() => list.status.state === "live");
    assert.deepEqual(
      list.getSnapshot().map((it) => it.device_id),
      ["x"],
    );
    trap(undefined);
  });
}

test("a list that traps each time is fetched no more often than any that fails", async (t) => {
  mockClocks(t);
  const server = mockSeam();
  const list = client(server).devices.watch();
  t.after(() => list.close());
  await waitUntil(() => list.status.state === "live");
  const before = server.requests.length;
  trap("feed", -Infinity);
  t.after(() => trap(undefined));
  void list.refresh();
  for (let second = 0; second < 60; second += 1) {
    t.mock.timers.tick(1_000);
    await flushTasks();
  }
  const sent = server.requests.length - before;
  // After two seconds, four, eight, and so on.
  assert.ok(sent >= 3 && sent <= 7, `${sent}`);
  assert.equal(list.status.state, "stale");
});

test("a trap after the user has signed out does not bring the session back", async () => {
  const server = mockSeam();
  let asked = 0;
  const seam = client(server, () => {
    asked += 1;
    return asked === 1 ? tokenOf("a") : null;
  });
  await seam.devices.list();
  server.dead.add(tokenOf("a"));
  assert.equal((await rejected(seam.devices.list())).code, "signed_out");
  const before = server.requests.length;
  const trapped = trap("poll_call");
  assert.equal((await rejected(seam.devices.list())).code, "signed_out");
  assert.equal(trapped(), 1);
  assert.equal(asked, 2);
  assert.equal(server.requests.length, before);
});

for (const name of [
  "open_session",
  "poll_call",
  "poll_refresh",
  "handle_token",
  "handle_token_accepted",
  "handle_unauthorized",
  "poll_timer",
  "may_send",
]) {
  test(`after a trap in ${name} of token refresh every call settles, and tokens are refreshed again`, async () => {
    const server = mockSeam();
    let asked = 0;
    const seam = client(server, () => tokenOf("a", (asked += 1)));
    const trapped = trap(name);
    assert.equal((await seam.devices.list()).length, 2);
    server.dead.add(tokenOf("a", 1));
    assert.equal((await seam.devices.list()).length, 2);
    assert.equal((await seam.locks.unlockDoor(DOOR)).status, "success");
    assert.equal(trapped(), 1, "it was called");
    assert.equal(asked, 2);
  });
}

test("an iterator of changes that was ended gives no more, not even to pending reads", async (t) => {
  const server = mockSeam();
  const list = client(server).devices.watch();
  t.after(() => list.close());
  const early = list.changes[Symbol.asyncIterator]();
  const asked = early.next();
  assert.deepEqual(await early.return(), { done: true, value: undefined });
  assert.deepEqual(await asked, { done: true, value: undefined });

  await waitUntil(() => list.status.state === "live");
  const changes = list.changes[Symbol.asyncIterator]();
  assert.deepEqual((await changes.next()).value.added, ["a-0", "a-1"]);
  const pending = [changes.next(), changes.next()];
  await flushTasks();
  await changes.return();
  for (const next of pending) {
    assert.deepEqual(await next, { done: true, value: undefined });
  }
  assert.deepEqual(await changes.next(), { done: true, value: undefined });

  const reader = ReadableStream.from(list.changes).getReader();
  await reader.read();
  const waiting = reader.read();
  await reader.cancel();
  assert.equal((await waiting).done, true);
});

test("concurrent reads of changes all resolve, however slow the reader is", async (t) => {
  const server = mockSeam({ size: 1, pageSize: 10 });
  const list = client(server).devices.watch();
  const seen = [];
  const reading = (async () => {
    for await (const change of list.changes) {
      seen.push(change);
      if (seen.length === 2) break;
    }
  })();
  t.after(() => list.close());
  await waitUntil(() => seen.length === 1);
  server.answer = ({ path }) =>
    path === "/devices/list"
      ? Response.json({ devices: [{ device_id: "x" }], pagination: {} })
      : undefined;
  await list.refresh();
  await reading;
  assert.deepEqual(seen[1], { added: ["x"], changed: [], removed: ["a-0"] });
});
