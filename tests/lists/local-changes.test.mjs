// What a watched list fetches after an action of its own client.
import assert from "node:assert/strict";
import { test } from "node:test";

import {
  advanceInRealTime,
  mockClocks,
  waitUntil,
  flushTasks,
} from "../support/waiting.mjs";
import {
  listState,
  listUntil,
  watchingClient,
} from "../support/watched-lists.mjs";

for (const [namespace, can, action] of [
  [
    "devices",
    "can_remotely_unlock",
    (seam, { device_id, properties }) =>
      seam.locks[properties.locked ? "unlockDoor" : "lockDoor"]({ device_id }),
  ],
  [
    "locks",
    "can_remotely_unlock",
    (seam, { device_id, properties }) =>
      seam.locks[properties.locked ? "unlockDoor" : "lockDoor"]({ device_id }),
  ],
  [
    "thermostats",
    "can_hvac_heat",
    (seam, { device_id }) =>
      seam.thermostats.heat({ device_id, heating_set_point_celsius: 17.5 }),
  ],
]) {
  test(`after the client's own action only that device of a list of ${namespace} is fetched again`, async (t) => {
    const { watch, seam, asked } = await watchingClient(t, { all: true });
    const list = watch(namespace);
    await listState(list, "live");
    const before = list.getSnapshot();
    const [device] = list.find({ can: [can] });
    const { device_id } = device;

    const seen = listUntil(list, () => list.get(device_id) !== device);
    await action(seam, device);
    await seen;

    const after = list.getSnapshot();
    const others = after.filter((it, nth) => it !== before[nth]);
    assert.deepEqual(others, [list.get(device_id)]);
    assert.equal(asked("/devices/get"), 1);
    assert.equal(asked(`/${namespace}/list`), 1);
    await list.refresh();
    assert.equal(list.getSnapshot(), after, "the list says the same of it");
  });
}

test("of two lookups of a device the one that started later wins, whichever responds first", async (t) => {
  let hold = true;
  let release;
  const { watch, seam, backEnd, asked } = await watchingClient(t, {
    answer: async ({ path }, request, sandbox) => {
      if (path !== "/devices/get" || !hold) return undefined;
      hold = false;
      const answer = await sandbox.fetch(request);
      await new Promise((resolve) => (release = resolve));
      return answer;
    },
  });
  const list = watch();
  await listState(list, "live");
  const [{ device_id, properties }] = list.find({
    can: ["can_remotely_unlock", "can_remotely_lock"],
  });
  const { locked } = properties;
  const methods = ["lockDoor", "unlockDoor"];
  const [first, second] = locked ? methods.reverse() : methods;

  await seam.locks[first]({ device_id });
  await waitUntil(() => release !== undefined);
  await seam.locks[second]({ device_id });
  await waitUntil(() => asked("/devices/get") === 2);
  await flushTasks();
  release();
  await flushTasks();

  const device = await backEnd.devices.get({ device_id });
  assert.equal(device.properties.locked, locked);
  assert.equal(list.get(device_id).properties.locked, locked);
});

for (const isUnderWay of [false, true]) {
  test(`a fetch that started after a lookup wins over it, and ${isUnderWay ? "is pending" : "has ended"}`, async (t) => {
    const held = {};
    let holds = false;
    const { watch, backEnd, seam } = await watchingClient(t, {
      answer: async ({ path }, request, sandbox) => {
        const isList = path === "/devices/list" && isUnderWay;
        if (!holds || !(path === "/devices/get" || isList)) return undefined;
        const answer = await sandbox.fetch(request);
        await new Promise((resolve) => (held[path] = resolve));
        return answer;
      },
    });
    const list = watch();
    await listState(list, "live");
    const [device_id] = list.ids({ can: ["can_remotely_unlock"] });
    holds = true;
    await seam.locks.unlockDoor({ device_id });
    await waitUntil(() => held["/devices/get"]);
    await backEnd.devices.update({ device_id, name: "Renamed" });
    const names = new Set();
    const { name } = list.get(device_id).properties;
    const unsubscribe = list.subscribe(() =>
      names.add(list.get(device_id).properties.name),
    );

    const round = list.refresh();
    if (isUnderWay) await waitUntil(() => held["/devices/list"]);
    else await round;
    held["/devices/get"]();
    await flushTasks();
    held["/devices/list"]?.();
    await round;
    await flushTasks();
    unsubscribe();

    assert.notEqual(name, "Renamed");
    assert.deepEqual([...names], ["Renamed"]);
    assert.equal(list.status.state, "live");
  });
}

test("a device is looked up again when an action attempt that was not waited for has ended", async (t) => {
  const { watch, seam, asked } = await watchingClient(t);
  const list = watch();
  await listState(list, "live");
  const [device_id] = list.ids({ can: ["can_remotely_unlock"] });
  const { locked } = list.get(device_id).properties;
  const action = seam.locks[locked ? "unlockDoor" : "lockDoor"];

  const attempt = await action({ device_id }, { waitForActionAttempt: false });
  await waitUntil(() => asked("/devices/get") === 1);
  await flushTasks();
  assert.equal(attempt.status, "pending");
  assert.equal(list.get(device_id).properties.locked, locked);
  const { action_attempt_id } = attempt;
  await seam.actionAttempts.get(
    { action_attempt_id },
    { waitForActionAttempt: true },
  );
  await listUntil(list, () => list.get(device_id).properties.locked !== locked);

  assert.equal(asked("/devices/get"), 2);
});

test("a device is looked up twice more when nobody polls the action attempt", async (t) => {
  mockClocks(t);
  const { watch, seam, asked } = await watchingClient(t);
  const list = watch();
  await advanceInRealTime(t, listState(list, "live"));
  const [device_id] = list.ids({ can: ["can_remotely_unlock"] });
  const wait = { waitForActionAttempt: false };
  await advanceInRealTime(t, seam.locks.unlockDoor({ device_id }, wait));
  await waitUntil(() => asked("/devices/get") === 1);

  t.mock.timers.tick(3_000);
  await waitUntil(() => asked("/devices/get") === 2);
  t.mock.timers.tick(7_000);
  await waitUntil(() => asked("/devices/get") === 3);
  t.mock.timers.tick(50_000);
  await flushTasks();

  assert.equal(asked("/devices/get"), 3);
});
