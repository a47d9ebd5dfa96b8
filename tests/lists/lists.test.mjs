// Watched lists against the sandbox: the snapshot, its changes, and who shares a list.
import assert from "node:assert/strict";
import { test } from "node:test";

import { createElement, useState, useSyncExternalStore } from "react";

import { render } from "../support/react.mjs";
import { flushTasks } from "../support/waiting.mjs";
import {
  deviceIds,
  listState,
  listUntil,
  watchingClient,
} from "../support/watched-lists.mjs";

test("a list is what list() gives, in frozen objects that stay the same until they change", async (t) => {
  const { seam, backEnd, watch } = await watchingClient(t, { all: true });
  const list = watch();
  assert.equal(list.status.state, "loading");
  assert.deepEqual(list.getSnapshot(), []);
  assert.equal(list.getSnapshot(), list.getSnapshot());

  await listState(list, "live");

  const before = list.getSnapshot();
  assert.deepEqual(before, await seam.devices.list());
  assert.ok(before.length > 1 && list.size === before.length);
  assert.ok(Object.isFrozen(before) && Object.isFrozen(before[0].properties));
  assert.equal(list.get(before[1].device_id), before[1]);
  assert.deepEqual(list.slice([before[1].device_id, "none"]), [before[1]]);
  assert.equal(list.get("none"), undefined);
  assert.deepEqual(list.ids(), deviceIds(list));
  const [{ display_name: text, device_id: named }] = before;
  assert.deepEqual(list.ids({ text }), [named]);
  await list.refresh();
  assert.equal(list.getSnapshot(), before);

  const [{ device_id }] = before;
  await backEnd.devices.update({ device_id, name: "Renamed" });
  await list.refresh();

  const after = list.getSnapshot();
  assert.notEqual(after, before);
  assert.notEqual(after[0], before[0]);
  assert.equal(after[1], before[1]);
  assert.deepEqual(list.find({ text: "renamed" }), [after[0]]);
});

test("changes have the IDs of added, changed and removed devices", async (t) => {
  const { backEnd, watch, seam } = await watchingClient(t);
  const list = watch();
  const changes = list.changes[Symbol.asyncIterator]();
  const { client_session_id } = await seam.clientSessions.get();

  const first = await changes.next();
  assert.deepEqual(first.value, {
    added: deviceIds(list),
    changed: [],
    removed: [],
  });

  const [device_id] = deviceIds(list);
  await backEnd.devices.update({ device_id, name: "Renamed" });
  await list.refresh();
  assert.deepEqual((await changes.next()).value.changed, [device_id]);

  await backEnd.clientSessions.revoke({ client_session_id });
  const all = deviceIds(list);
  assert.ok(all.length > 0);
  await list.refresh();
  assert.deepEqual((await changes.next()).value.removed, all);

  const last = changes.next();
  list.close();
  assert.deepEqual(await last, { done: true, value: undefined });
});

test("a slow reader of changes gets them merged", async (t) => {
  const rounds = [
    ["a", "b", "c"],
    ["a", "c", "d"],
    ["b", "c", "e"],
    ["a", "c", "e"],
  ];
  let nth = 0;
  const { watch } = await watchingClient(t, {
    answer: ({ path }) =>
      path === "/devices/list"
        ? Response.json({
            devices: rounds[nth].map((device_id) => ({
              device_id,
              nth: device_id === "c" ? nth : 0,
            })),
          })
        : undefined,
  });
  const list = watch();
  const changes = list.changes[Symbol.asyncIterator]();
  assert.deepEqual((await changes.next()).value.added, ["a", "b", "c"]);

  for (nth = 1; nth < rounds.length; nth += 1) await list.refresh();
  nth -= 1;
  const { value } = await changes.next();

  const sorted = ([...ids]) => ids.sort();
  assert.deepEqual(sorted(value.added), ["e"]);
  assert.deepEqual(sorted(value.changed), ["a", "c"]);
  assert.deepEqual(sorted(value.removed), ["b"]);
});

for (const whose of ["the same", "another"]) {
  test(`changes that start while ${whose} user's token is checked begin with the devices that are there`, async (t) => {
    let release;
    const held = new Promise((resolve) => (release = resolve));
    let holds = false;
    const { watch, backEnd, seam, info } = await watchingClient(t, {
      answer: async ({ path }) => {
        if (holds && path === "/client_sessions/get") await held;
      },
    });
    const list = watch();
    await listState(list, "live");
    const before = deviceIds(list);
    const [{ device_id }] = (await backEnd.devices.list()).filter(
      (it) => list.get(it.device_id) === undefined,
    );
    const { user_identity_id } = await backEnd.userIdentities.create();
    const one = { user_identity_id, device_id };
    await backEnd.userIdentities.grantAccessToDevice(one);
    const other = await backEnd.clientSessions.create({ user_identity_id });
    const isSameUser = whose === "the same";
    holds = true;
    const update = seam.updateClientSessionToken(
      isSameUser ? info.client_session_token : other.token,
    );

    const changes = list.changes[Symbol.asyncIterator]();
    const first = changes.next();
    await flushTasks();
    release();
    await update;
    await listState(list, "live");
    await flushTasks();
    list.close();

    const added = isSameUser ? before : [device_id];
    assert.deepEqual(await first, {
      done: false,
      value: { added, changed: [], removed: [] },
    });
  });
}

test("subscribers with the same parameters, in any order, share one poll", async (t) => {
  const { watch, asked } = await watchingClient(t);
  const one = watch("devices", { device_type: "august_lock", search: "a" });
  const same = watch("devices", { search: "a", device_type: "august_lock" });
  const other = watch("devices", { device_type: "august_lock" });

  await Promise.all([one, same, other].map((it) => listState(it, "live")));

  assert.equal(asked("/devices/list"), 2);
  assert.equal(one.getSnapshot(), same.getSnapshot());
  one.close();
  assert.deepEqual(one.getSnapshot(), []);
  assert.equal(one.status.state, "stopped");
  await same.refresh();
  assert.equal(same.status.state, "live");
  assert.equal(asked("/devices/list"), 3);
});

test("a new subscriber of a live list is notified when its status is live", async (t) => {
  const { watch, asked } = await watchingClient(t);
  await listState(watch(), "live");

  const other = watch();
  const notified = await new Promise((resolve) => {
    other.subscribe(() => resolve([other.status.state, other.size]));
  });

  assert.deepEqual(notified, ["live", 1]);
  assert.equal(asked("/devices/list"), 1);
});

test("React renders a list that was live before the component subscribed", async (t) => {
  const { watch } = await watchingClient(t);
  await listState(watch(), "live");
  const rendered = [];
  let done;
  const isLive = new Promise((resolve) => (done = resolve));
  function List() {
    const [list] = useState(() => watch());
    const devices = useSyncExternalStore(list.subscribe, list.getSnapshot);
    const { state } = useSyncExternalStore(list.subscribe, () => list.status);
    rendered.push([devices.length, state]);
    if (state === "live") done();
    return null;
  }

  const unmount = render(createElement(List));
  assert.deepEqual(rendered.at(-1), [0, "loading"]);
  await isLive;
  unmount();

  assert.deepEqual(rendered.at(-1), [1, "live"]);
});

test("a list of access codes is fetched again after the client's own change", async (t) => {
  const { watch, seam } = await watchingClient(t);
  const devices = watch();
  await listState(devices, "live");
  const [{ device_id }] = devices.find({
    can: ["can_program_online_access_codes"],
  });
  const codes = watch("accessCodes", { device_id });
  await listState(codes, "live");
  const before = codes.size;

  const added = listUntil(codes, () => codes.size === before + 1);
  const { access_code_id } = await seam.accessCodes.create({
    device_id,
    code: "4711",
    name: "Guest",
  });
  await added;

  assert.equal(codes.get(access_code_id).name, "Guest");
});

test("a list of another device's access codes is not fetched again", async (t) => {
  const { watch, seam, requests } = await watchingClient(t, { all: true });
  const devices = watch();
  await listState(devices, "live");
  const [one, other] = devices.ids({
    can: ["can_program_online_access_codes"],
  });
  const lists = [one, other].map((device_id) =>
    watch("accessCodes", { device_id }),
  );
  await Promise.all(lists.map((list) => listState(list, "live")));
  const { size } = lists[0];
  requests.length = 0;

  await seam.accessCodes.create({
    device_id: one,
    code: "4711",
    name: "Guest",
  });
  await listUntil(lists[0], () => lists[0].size === size + 1);
  await flushTasks();

  const asked = requests.filter(({ path }) => path === "/access_codes/list");
  assert.deepEqual(
    asked.map(({ body }) => JSON.parse(body)),
    [{ device_id: one }],
  );
});

for (const namespace of ["locks", "thermostats", "noiseSensors"]) {
  test(`${namespace} are watched`, async (t) => {
    const { watch, seam } = await watchingClient(t, { all: true });
    const list = watch(namespace);
    await listState(list, "live");
    assert.ok(list.size > 0);
    assert.deepEqual(list.getSnapshot(), await seam[namespace].list());
  });
}
