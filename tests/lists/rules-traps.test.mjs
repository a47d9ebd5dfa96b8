// A trap in the rules of watched lists: no list is lost, no call fails, and no user sees another's data.
import assert from "node:assert/strict";
import { test } from "node:test";

import { trapOn } from "../support/force-trap.mjs";
import { mockSeam, tokenOf } from "../support/mock-seam.mjs";
import { flushTasks, waitUntil } from "../support/waiting.mjs";

const trap = trapOn(globalThis);
const { Seam } = await import("../support/installed.mjs");

const OPTIONS = {
  checkScope: true,
  endpoint: "https://seam.test",
  maxRetries: 0,
};
/** A device that no list has, and that is in the scope of user a. */
const UNSEEN = { device_id: "a-9" };

const ids = (list) => list.getSnapshot().map((it) => it.device_id);

/** A client of user a with a list that is live. */
async function watching(t, token = tokenOf("a")) {
  t.after(() => trap(undefined));
  const server = mockSeam();
  const { fetch } = server;
  const seam = Seam.fromClientSessionToken(token, { ...OPTIONS, fetch });
  const list = seam.devices.watch();
  t.after(() => list.close());
  await waitUntil(() => list.status.state === "live");
  await flushTasks();
  return { server, seam, list };
}

/** Sends an action whose device is looked up first; resolves when the lookup was sent. */
async function actionWithHeldLookup({ server, seam }) {
  const isLookup = ({ path }) => path === "/devices/get";
  const release = server.hold(isLookup);
  const result = seam.locks.unlockDoor(UNSEEN).catch((error) => error);
  await waitUntil(() => server.requests.some(isLookup));
  return { release, result };
}

test("the list of an API key is fetched again after a trap in the rules", async (t) => {
  t.after(() => trap(undefined));
  const server = mockSeam();
  server.answer = ({ path }) => {
    if (path !== "/client_sessions/get") return undefined;
    const error = { type: "unauthorized", message: "m" };
    return Response.json({ error }, { status: 401 });
  };
  const { fetch } = server;
  const seam = Seam.fromApiKey("seam_test_key", { ...OPTIONS, fetch });
  const list = seam.devices.watch();
  t.after(() => list.close());
  await waitUntil(() => list.status.state === "live");

  const trapped = trap("list_event");
  await list.refresh();

  assert.equal(trapped(), 1);
  assert.equal(list.status.state, "live");
  assert.equal(list.size, 2);
  assert.ok(server.requests.every(({ path }) => path === "/devices/list"));
});

for (const nth of [1, 2, 3, 4, 5, 6]) {
  test(`a list is fetched though event ${nth} traps while it is opened`, async (t) => {
    t.after(() => trap(undefined));
    const server = mockSeam();
    const { fetch } = server;
    const token = tokenOf("a");
    const seam = Seam.fromClientSessionToken(token, { ...OPTIONS, fetch });
    const trapped = trap("list_event", nth);
    const list = seam.devices.watch();
    t.after(() => list.close());
    await list.refresh();
    await flushTasks();
    await list.refresh();
    assert.equal(trapped(), 1);
    assert.equal(list.status.state, "live");
    assert.equal(list.size, 2);
  });
}

test("a lookup that was sent before a trap adds nothing to the next user's list", async (t) => {
  const { server, seam, list } = await watching(t);
  await seam.scope();
  // The lookup has a higher number than those of the next instance.
  for (let nth = 0; nth < 6; nth += 1) await list.refresh();
  const { release, result } = await actionWithHeldLookup({ server, seam });
  trap("list_event");
  void list.refresh();
  await flushTasks();
  await seam.updateClientSessionToken(tokenOf("b"));
  await waitUntil(() => list.status.state === "live");

  release();
  assert.equal((await result).code, "session_changed");
  await flushTasks();

  assert.deepEqual(ids(list), ["b-0", "b-1"]);
});

for (const nth of [1, 2, 3, 4]) {
  test(`an action is sent though event ${nth} traps while its device is looked up`, async (t) => {
    const { server, seam } = await watching(t);
    await seam.scope();
    const trapped = trap("list_event", nth);
    assert.equal((await seam.locks.unlockDoor(UNSEEN)).status, "success");
    await flushTasks();
    assert.equal(trapped(), 1);
    assert.ok(server.sentAs("a").includes("/locks/unlock_door"));
  });
}

for (let nth = 1; nth <= 12; nth += 1) {
  test(`lookups count after event ${nth} has trapped while the user changes`, async (t) => {
    const { server, seam, list } = await watching(t);
    const trapped = trap("list_event", nth);
    await seam.updateClientSessionToken(tokenOf("b"));
    await flushTasks();
    await list.refresh();
    await flushTasks();
    await list.refresh();
    assert.equal(trapped(), 1);
    assert.deepEqual(ids(list), ["b-0", "b-1"]);

    server.answer = ({ path }) =>
      path === "/devices/get"
        ? Response.json({ device: { device_id: "b-0", is_new: true } })
        : undefined;
    await seam.locks.unlockDoor({ device_id: "b-0" });
    await flushTasks();
    assert.equal(list.get("b-0").is_new, true);
  });
}

test("lists and actions work again when the rules do, and meanwhile lists are stopped", async (t) => {
  const { seam, list } = await watching(t);
  await seam.scope();
  const trapped = trap("list_event", -Infinity);
  await list.refresh();
  assert.equal(list.status.state, "stopped");
  assert.equal(list.status.reason.code, "client_crashed");
  assert.equal(list.size, 0);
  const other = seam.locks.watch();
  t.after(() => other.close());
  await other.refresh();
  assert.equal(other.status.state, "stopped");
  assert.equal(other.status.reason.code, "client_crashed");
  const before = trapped();
  await flushTasks();
  assert.equal(trapped(), before, "nothing is tried until somebody asks");

  trap(undefined);
  await list.refresh();
  assert.equal((await seam.locks.unlockDoor(UNSEEN)).status, "success");
  await list.refresh();
  assert.equal(list.status.state, "live");
  assert.equal(list.size, 2);
});

test("lookups count after a session was lost and its token works again", async (t) => {
  let asked = 0;
  const { server, seam, list } = await watching(t, () => {
    asked += 1;
    if (asked > 1) throw new Error("away");
    return tokenOf("a");
  });
  server.dead.add(tokenOf("a"));
  await seam.devices.list().catch(() => {});
  await flushTasks();
  assert.equal(list.size, 0);
  server.dead.clear();
  const trapped = trap("poll_call");
  await list.refresh();
  assert.equal(trapped(), 1);
  await list.refresh();
  assert.equal(list.status.state, "live");

  server.answer = ({ path }) =>
    path === "/devices/get"
      ? Response.json({ device: { device_id: "a-0", is_new: true } })
      : undefined;
  await seam.locks.unlockDoor({ device_id: "a-0" });
  await flushTasks();
  assert.equal(list.get("a-0").is_new, true);
});
