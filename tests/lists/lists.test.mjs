// Lists that are watched, against the sandbox: kept fresh, shared, emptied.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { Readable } from "node:stream";
import { test } from "node:test";
import { promisify } from "node:util";

import { createElement, useState, useSyncExternalStore } from "react";

import { entry, Sandbox, Seam } from "../support/installed.mjs";
import { navigatorOf } from "../support/navigator.mjs";
import { render } from "../support/react.mjs";
import { mockClocks, once, tasks } from "../support/waiting.mjs";

const MINUTE = 60_000;

/** A sandbox, a client of one user's session, and what was asked of it. */
async function watched(t, { answer, maxRetries = 0, all = false } = {}) {
  const sandbox = await Sandbox.create();
  const { info } = sandbox;
  const requests = [];
  const fetch = async (request) => {
    const path = new URL(request.url).pathname;
    const sent = { path, token: request.headers.get("authorization") };
    requests.push(sent);
    sent.body = await request.clone().text();
    return (await answer?.(sent, request, sandbox)) ?? sandbox.fetch(request);
  };
  const { endpoint } = info;
  const credential = all
    ? { apiKey: info.api_key }
    : { clientSessionToken: info.client_session_token };
  const seam = new Seam({ ...credential, endpoint, fetch, maxRetries });
  const backEnd = Seam.fromApiKey(info.api_key, {
    endpoint,
    fetch: sandbox.fetch,
  });
  const watch = (namespace = "devices", ...rest) => {
    const list = seam[namespace].watch(...rest);
    t.after(list.close);
    return list;
  };
  const asked = (path) => requests.filter((it) => it.path === path).length;
  return { sandbox, info, seam, backEnd, watch, requests, asked };
}

/** Resolves when `holds` does, which is looked at after each change. */
function until(list, holds) {
  return new Promise((resolve) => {
    const look = () => {
      if (!holds()) return;
      off();
      resolve();
    };
    const off = list.subscribe(look);
    look();
  });
}

const state = (list, name) => until(list, () => list.status.state === name);
const ids = (list) => list.getSnapshot().map((it) => it.device_id);

test("a list is what list() gives, in frozen objects that stay the same until they change", async (t) => {
  const { seam, backEnd, watch } = await watched(t, { all: true });
  const list = watch();
  assert.equal(list.status.state, "loading");
  assert.deepEqual(list.getSnapshot(), []);
  assert.equal(list.getSnapshot(), list.getSnapshot());

  await state(list, "live");

  const before = list.getSnapshot();
  assert.deepEqual(before, await seam.devices.list());
  assert.ok(before.length > 1 && list.size === before.length);
  assert.ok(Object.isFrozen(before) && Object.isFrozen(before[0].properties));
  assert.equal(list.get(before[1].device_id), before[1]);
  assert.deepEqual(list.slice([before[1].device_id, "none"]), [before[1]]);
  assert.equal(list.get("none"), undefined);
  assert.deepEqual(list.ids(), ids(list));
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

test("changes tell what came, what changed and what went, by ids", async (t) => {
  const { backEnd, watch, seam } = await watched(t);
  const list = watch();
  const changes = list.changes[Symbol.asyncIterator]();
  const { client_session_id } = await seam.clientSessions.get();

  const first = await changes.next();
  assert.deepEqual(first.value, { added: ids(list), changed: [], removed: [] });

  const [device_id] = ids(list);
  await backEnd.devices.update({ device_id, name: "Renamed" });
  await list.refresh();
  assert.deepEqual((await changes.next()).value.changed, [device_id]);

  await backEnd.clientSessions.revoke({ client_session_id });
  const all = ids(list);
  assert.ok(all.length > 0);
  await list.refresh();
  assert.deepEqual((await changes.next()).value.removed, all);

  const last = changes.next();
  list.close();
  assert.deepEqual(await last, { done: true, value: undefined });
});

test("who takes changes slowly gets what has come of all of them at once", async (t) => {
  const rounds = [
    ["a", "b", "c"],
    ["a", "c", "d"],
    ["b", "c", "e"],
    ["a", "c", "e"],
  ];
  let nth = 0;
  const { watch } = await watched(t, {
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
  test(`changes that are begun while ${whose} user's token is unknown tell first what is there`, async (t) => {
    let release;
    const held = new Promise((resolve) => (release = resolve));
    let holds = false;
    const { watch, backEnd, seam, info } = await watched(t, {
      answer: async ({ path }) => {
        if (holds && path === "/client_sessions/get") await held;
      },
    });
    const list = watch();
    await state(list, "live");
    const before = ids(list);
    const [{ device_id }] = (await backEnd.devices.list()).filter(
      (it) => list.get(it.device_id) === undefined,
    );
    const { user_identity_id } = await backEnd.userIdentities.create();
    const one = { user_identity_id, device_id };
    await backEnd.userIdentities.grantAccessToDevice(one);
    const other = await backEnd.clientSessions.create({ user_identity_id });
    const isSame = whose === "the same";
    holds = true;
    const update = seam.updateClientSessionToken(
      isSame ? info.client_session_token : other.token,
    );

    const changes = list.changes[Symbol.asyncIterator]();
    const first = changes.next();
    await tasks();
    release();
    await update;
    await state(list, "live");
    await tasks();
    list.close();

    const added = isSame ? before : [device_id];
    assert.deepEqual(await first, {
      done: false,
      value: { added, changed: [], removed: [] },
    });
  });
}

test("watchers of the same parameters share one poll, in whatever order they name them", async (t) => {
  const { watch, asked } = await watched(t);
  const one = watch("devices", { device_type: "august_lock", search: "a" });
  const same = watch("devices", { search: "a", device_type: "august_lock" });
  const other = watch("devices", { device_type: "august_lock" });

  await Promise.all([one, same, other].map((it) => state(it, "live")));

  assert.equal(asked("/devices/list"), 2);
  assert.equal(one.getSnapshot(), same.getSnapshot());
  one.close();
  assert.deepEqual(one.getSnapshot(), []);
  assert.equal(one.status.state, "stopped");
  await same.refresh();
  assert.equal(same.status.state, "live");
  assert.equal(asked("/devices/list"), 3);
});

test("who comes to a list that is there is told when its status says so", async (t) => {
  const { watch, asked } = await watched(t);
  await state(watch(), "live");

  const other = watch();
  const told = await new Promise((resolve) => {
    other.subscribe(() => resolve([other.status.state, other.size]));
  });

  assert.deepEqual(told, ["live", 1]);
  assert.equal(asked("/devices/list"), 1);
});

test("React renders a list that was live before it came to it", async (t) => {
  const { watch } = await watched(t);
  await state(watch(), "live");
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

test("without an interval a round comes each ten minutes, or up to a tenth sooner", async (t) => {
  mockClocks(t);
  const { watch, asked } = await watched(t);
  await passing(t, state(watch(), "live"));

  const early = 9 * MINUTE - 30_000;
  for (let passed = 0; passed < early; passed += 30_000) {
    t.mock.timers.tick(30_000);
  }
  await tasks();
  assert.equal(asked("/devices/list"), 1);
  for (let passed = early; passed <= 10 * MINUTE; passed += 30_000) {
    t.mock.timers.tick(30_000);
  }
  await once(() => asked("/devices/list") === 2);
});

test("each interval there is a round, and none after it is closed", async (t) => {
  mockClocks(t);
  const { watch, asked } = await watched(t);
  const list = watch("devices", {}, { interval: 5 * MINUTE });
  await passing(t, state(list, "live"));

  t.mock.timers.tick(4 * MINUTE);
  assert.equal(asked("/devices/list"), 1);
  for (let passed = 0; passed < 4; passed += 1) t.mock.timers.tick(MINUTE);
  await once(() => asked("/devices/list") === 2);
  list.close();
  for (let passed = 0; passed < 20; passed += 1) t.mock.timers.tick(MINUTE);
  assert.equal(asked("/devices/list"), 2);
});

test("with an interval of Infinity a list is asked for once, whoever comes to it, and when it is refreshed", async (t) => {
  mockClocks(t);
  const { watch, asked } = await watched(t);
  const list = watch("devices", {}, { interval: Infinity });
  await passing(t, state(list, "live"));

  const other = watch("devices", {}, { interval: Infinity });
  await passing(t, state(other, "live"));
  for (let passed = 0; passed < 20; passed += 1) {
    t.mock.timers.tick(MINUTE);
    await tasks();
  }

  assert.equal(asked("/devices/list"), 1);
  await passing(t, list.refresh());
  assert.equal(asked("/devices/list"), 2);
});

/**
 * Waits for `promise` while mocked time passes, no faster than time does: on a
 * busy machine requests would run out of it otherwise.
 */
async function passing(t, promise) {
  let settled = false;
  promise.finally(() => (settled = true));
  let last = performance.now();
  await once(() => {
    const passed = Math.floor(performance.now() - last);
    if (passed > 0) t.mock.timers.tick(1);
    if (passed > 0) last += passed;
    return settled;
  });
}

test("nothing is removed before every page is there", async (t) => {
  let last = true;
  const devices = ["a", "b", "c"].map((device_id) => ({ device_id }));
  const half = 2;
  const { watch, requests } = await watched(t, {
    answer: ({ path, body }) => {
      if (path !== "/devices/list") return undefined;
      const cursor = JSON.parse(body).page_cursor;
      if (cursor && !last) return new Response("", { status: 503 });
      return Response.json({
        devices: cursor ? devices.slice(half) : devices.slice(0, half),
        pagination: cursor
          ? { has_next_page: false, next_page_cursor: null }
          : { has_next_page: true, next_page_cursor: "2" },
      });
    },
  });
  const list = watch();
  await state(list, "live");
  const all = list.getSnapshot();
  assert.deepEqual(all, devices);
  const pages = requests.filter(({ path }) => path === "/devices/list");
  assert.deepEqual(
    pages.map(({ body }) => JSON.parse(body)),
    [{}, { page_cursor: "2" }],
  );

  last = false;
  await list.refresh();

  assert.equal(list.status.state, "stale");
  assert.equal(list.status.reason.statusCode, 503);
  assert.equal(list.getSnapshot(), all);
});

for (const [namespace, can, act] of [
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
  test(`after one's own act that device is looked at, and nothing else, in a list of ${namespace}`, async (t) => {
    const { watch, seam, asked } = await watched(t, { all: true });
    const list = watch(namespace);
    await state(list, "live");
    const before = list.getSnapshot();
    const [device] = list.find({ can: [can] });
    const { device_id } = device;

    const seen = until(list, () => list.get(device_id) !== device);
    await act(seam, device);
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

test("of two looks at a device the one that was begun later counts, whichever answers first", async (t) => {
  let hold = true;
  let release;
  const { watch, seam, backEnd, asked } = await watched(t, {
    answer: async ({ path }, request, sandbox) => {
      if (path !== "/devices/get" || !hold) return undefined;
      hold = false;
      const answer = await sandbox.fetch(request);
      await new Promise((resolve) => (release = resolve));
      return answer;
    },
  });
  const list = watch();
  await state(list, "live");
  const [{ device_id, properties }] = list.find({
    can: ["can_remotely_unlock", "can_remotely_lock"],
  });
  const { locked } = properties;
  const methods = ["lockDoor", "unlockDoor"];
  const [first, second] = locked ? methods.reverse() : methods;

  await seam.locks[first]({ device_id });
  await once(() => release !== undefined);
  await seam.locks[second]({ device_id });
  await once(() => asked("/devices/get") === 2);
  await tasks();
  release();
  await tasks();

  const device = await backEnd.devices.get({ device_id });
  assert.equal(device.properties.locked, locked);
  assert.equal(list.get(device_id).properties.locked, locked);
});

for (const isUnderWay of [false, true]) {
  test(`a look counts less than a round that was begun after it, and ${isUnderWay ? "is under way" : "has ended"}`, async (t) => {
    const held = {};
    let holds = false;
    const { watch, backEnd, seam } = await watched(t, {
      answer: async ({ path }, request, sandbox) => {
        const isList = path === "/devices/list" && isUnderWay;
        if (!holds || !(path === "/devices/get" || isList)) return undefined;
        const answer = await sandbox.fetch(request);
        await new Promise((resolve) => (held[path] = resolve));
        return answer;
      },
    });
    const list = watch();
    await state(list, "live");
    const [device_id] = list.ids({ can: ["can_remotely_unlock"] });
    holds = true;
    await seam.locks.unlockDoor({ device_id });
    await once(() => held["/devices/get"]);
    await backEnd.devices.update({ device_id, name: "Renamed" });
    const names = new Set();
    const { name } = list.get(device_id).properties;
    const unsubscribe = list.subscribe(() =>
      names.add(list.get(device_id).properties.name),
    );

    const round = list.refresh();
    if (isUnderWay) await once(() => held["/devices/list"]);
    else await round;
    held["/devices/get"]();
    await tasks();
    held["/devices/list"]?.();
    await round;
    await tasks();
    unsubscribe();

    assert.notEqual(name, "Renamed");
    assert.deepEqual([...names], ["Renamed"]);
    assert.equal(list.status.state, "live");
  });
}

test("a device whose act was not waited for is looked at again when its attempt has ended", async (t) => {
  const { watch, seam, asked } = await watched(t);
  const list = watch();
  await state(list, "live");
  const [device_id] = list.ids({ can: ["can_remotely_unlock"] });
  const { locked } = list.get(device_id).properties;
  const act = seam.locks[locked ? "unlockDoor" : "lockDoor"];

  const attempt = await act({ device_id }, { waitForActionAttempt: false });
  await once(() => asked("/devices/get") === 1);
  await tasks();
  assert.equal(attempt.status, "pending");
  assert.equal(list.get(device_id).properties.locked, locked);
  const { action_attempt_id } = attempt;
  await seam.actionAttempts.get(
    { action_attempt_id },
    { waitForActionAttempt: true },
  );
  await until(list, () => list.get(device_id).properties.locked !== locked);

  assert.equal(asked("/devices/get"), 2);
});

test("and twice more when nobody asks after the attempt", async (t) => {
  mockClocks(t);
  const { watch, seam, asked } = await watched(t);
  const list = watch();
  await passing(t, state(list, "live"));
  const [device_id] = list.ids({ can: ["can_remotely_unlock"] });
  const wait = { waitForActionAttempt: false };
  await passing(t, seam.locks.unlockDoor({ device_id }, wait));
  await once(() => asked("/devices/get") === 1);

  t.mock.timers.tick(3_000);
  await once(() => asked("/devices/get") === 2);
  t.mock.timers.tick(7_000);
  await once(() => asked("/devices/get") === 3);
  t.mock.timers.tick(50_000);
  await tasks();

  assert.equal(asked("/devices/get"), 3);
});

test("a call that learns that the session is over has each list ask at once, and no more", async (t) => {
  const { watch, sandbox, seam, info, asked } = await watched(t);
  const lists = [watch(), watch("locks")];
  await Promise.all(lists.map((list) => state(list, "live")));
  const [device_id] = lists[0].ids();
  sandbox.endSession({ client_session_token: info.client_session_token });

  const refused = seam.devices.get({ device_id });
  await assert.rejects(refused, { reason: "token_refused" });
  await Promise.all(lists.map((list) => state(list, "stopped")));
  await assert.rejects(seam.devices.get({ device_id }));
  await tasks();

  assert.deepEqual(
    lists.map((list) => [list.size, list.status.reason.reason]),
    [
      [0, "token_refused"],
      [0, "token_refused"],
    ],
  );
  assert.deepEqual([asked("/devices/list"), asked("/locks/list")], [2, 2]);
});

test("what is refused for a token that is not in use any more asks for nothing", async (t) => {
  let release;
  const { watch, sandbox, seam, info, backEnd, asked } = await watched(t, {
    answer: async ({ path }) => {
      if (path !== "/devices/get") return;
      await new Promise((resolve) => (release = resolve));
    },
  });
  const list = watch();
  await state(list, "live");
  const [device_id] = list.ids();
  const { user_identity_id } = info;
  const { token } = await backEnd.clientSessions.create({ user_identity_id });
  const late = seam.devices.get({ device_id }).execute();
  await once(() => release !== undefined);
  await seam.updateClientSessionToken(token);
  await state(list, "live");
  await list.refresh();
  const before = asked("/devices/list");
  sandbox.endSession({ client_session_token: info.client_session_token });

  release();
  await late.catch(() => {});
  await tasks();

  assert.equal(asked("/devices/list"), before);
  assert.ok(list.size > 0);
});

for (const [status, where] of [
  [401, "/devices/list"],
  [401, ""],
  [403, ""],
  [404, ""],
  [409, ""],
]) {
  test(`a ${status} that is not Seam's, for ${where || "whatever is asked"}, keeps what is shown`, async (t) => {
    let isCut = false;
    const { watch } = await watched(t, {
      answer: ({ path }) =>
        isCut && path.startsWith(where)
          ? new Response("<html>Log in to this network</html>", { status })
          : undefined,
    });
    const list = watch();
    await state(list, "live");
    const shown = list.getSnapshot();
    isCut = true;
    await list.refresh();

    assert.equal(list.status.state, "stale");
    assert.equal(list.status.reason.statusCode, status);
    assert.equal(list.getSnapshot(), shown);

    isCut = false;
    await list.refresh();
    assert.equal(list.status.state, "live");
    assert.equal(list.getSnapshot(), shown);
  });
}

test("refresh() is answered without a network too, when a token comes while the server's pause is waited for", async (t) => {
  const network = navigatorOf(t, { onLine: true });
  let isBusy = false;
  const { watch, seam, info } = await watched(t, {
    answer: ({ path }) =>
      path === "/devices/list" && isBusy
        ? new Response("", { status: 429, headers: { "retry-after": "90" } })
        : undefined,
  });
  const list = watch();
  await state(list, "live");
  isBusy = true;
  await list.refresh();
  assert.equal(list.status.state, "stale");
  isBusy = false;
  network.onLine = false;
  let isAnswered = false;
  void list.refresh().then(() => (isAnswered = true));
  await tasks();
  assert.equal(isAnswered, false, "the server wants to be left alone");

  await seam.updateClientSessionToken(info.client_session_token);
  await once(() => isAnswered);

  assert.equal(list.status.state, "live");
});

test("refresh() is answered without a network too, when a token comes while it waits", async (t) => {
  const network = navigatorOf(t, { onLine: true });
  let holds = true;
  let held;
  const { watch, seam, info } = await watched(t, {
    answer: ({ path }) =>
      path === "/devices/list" && holds
        ? new Promise((resolve) => (held = resolve))
        : undefined,
  });
  const list = watch();
  await once(() => held);
  let isAnswered = false;
  void list.refresh().then(() => (isAnswered = true));
  await tasks();
  network.onLine = false;
  holds = false;

  await seam.updateClientSessionToken(info.client_session_token);
  await once(() => isAnswered);

  assert.equal(list.status.state, "live");
});

test("an outage leaves what is shown, and calls it stale with the reason; Retry-After is kept", async (t) => {
  mockClocks(t);
  const { watch, sandbox, asked } = await watched(t);
  const list = watch();
  await passing(t, state(list, "live"));
  const shown = list.getSnapshot();
  sandbox.addFault({ fault: "rate_limit", retry_after: 90, times: 1 });

  await passing(t, list.refresh());

  assert.equal(list.status.state, "stale");
  assert.equal(list.status.reason.statusCode, 429);
  assert.equal(list.getSnapshot(), shown);
  const again = list.refresh();
  await new Promise((resolve) => setImmediate(resolve));
  t.mock.timers.tick(59_000);
  assert.equal(asked("/devices/list"), 2);
  t.mock.timers.tick(30_000);
  t.mock.timers.tick(2_000);
  await passing(t, again);
  assert.equal(list.status.state, "live");
  assert.equal(asked("/devices/list"), 3);
});

test("a revoked session's list is emptied at once, and asked for no more", async (t) => {
  const { watch, sandbox, info, asked } = await watched(t);
  const list = watch();
  await state(list, "live");
  assert.ok(list.size > 0);
  sandbox.endSession({ client_session_token: info.client_session_token });

  await list.refresh();

  assert.deepEqual(list.getSnapshot(), []);
  assert.equal(list.status.state, "stopped");
  assert.equal(list.status.reason.reason, "token_refused");
  const before = asked("/devices/list");
  await list.refresh();
  assert.equal(asked("/devices/list"), before);
});

test("a list that one odd refusal has stopped is asked for anew by refresh()", async (t) => {
  let odd = false;
  const { watch, asked } = await watched(t, {
    answer: ({ path }) => (odd && path === "/devices/list" ? ODD() : undefined),
  });
  const list = watch();
  await state(list, "live");
  const shown = list.getSnapshot();
  odd = true;
  await list.refresh();
  assert.equal(list.status.state, "stopped");
  assert.equal(list.status.reason.statusCode, 409);
  assert.equal(list.getSnapshot(), shown);

  await list.refresh();
  assert.equal(list.status.state, "stopped");
  assert.equal(asked("/devices/list"), 3);
  odd = false;
  const states = [];
  list.subscribe(() => states.push(list.status.state));
  await list.refresh();
  await tasks();

  assert.equal(list.status.state, "live");
  assert.deepEqual([states[0], states.at(-1)], ["loading", "live"]);
  assert.equal(asked("/devices/list"), 4);
});

test("who comes to a list that has stopped has it asked for anew", async (t) => {
  let odd = true;
  const { watch, asked } = await watched(t, {
    answer: ({ path }) => (odd && path === "/devices/list" ? ODD() : undefined),
  });
  const list = watch();
  await state(list, "stopped");
  odd = false;

  const other = watch();
  await Promise.all([state(other, "live"), state(list, "live")]);

  assert.equal(other.getSnapshot(), list.getSnapshot());
  assert.equal(asked("/devices/list"), 2);
});

/** A refusal that says nothing of a later one. */
const ODD = () =>
  Response.json(
    { error: { type: "conflict", message: "not now" } },
    { status: 409 },
  );

test("a device that is granted or revoked is seen in the next round", async (t) => {
  const { watch, backEnd, seam } = await watched(t);
  const list = watch();
  await state(list, "live");
  const before = list.getSnapshot();
  const { client_session_id, connected_account_ids } =
    await seam.clientSessions.get();
  const accounts = await backEnd.connectedAccounts.list();
  const [granted] = accounts
    .map((it) => it.connected_account_id)
    .filter((id) => id !== before[0].connected_account_id);

  await backEnd.clientSessions.grantAccess({
    client_session_id,
    connected_account_ids: [...connected_account_ids, granted],
  });
  await list.refresh();
  assert.ok(list.size > before.length);
  assert.equal(list.get(before[0].device_id), before[0]);

  await backEnd.connectedAccounts.delete({ connected_account_id: granted });
  await list.refresh();
  assert.deepEqual(
    ids(list),
    before.map((it) => it.device_id),
  );
});

test("another user's token empties the list before anything of it is asked for", async (t) => {
  const { watch, backEnd, seam, requests } = await watched(t);
  const list = watch();
  await state(list, "live");
  const before = ids(list);
  const other = await backEnd.clientSessions.create({
    user_identifier_key: "somebody-else-of-this-test",
  });

  const update = seam.updateClientSessionToken(other.token);

  assert.deepEqual(list.getSnapshot(), []);
  assert.equal(list.get(before[0]), undefined);
  assert.equal(list.status.state, "loading");
  await update;
  await state(list, "live");
  assert.deepEqual(list.getSnapshot(), []);
  const late = requests.filter(({ token }) => token.includes(other.token));
  assert.equal(late[0].path, "/client_sessions/get");
  assert.ok(late.some(({ path }) => path === "/devices/list"));
});

test("two sessions that have no user identity are two users", async (t) => {
  const shown = [];
  const { watch, backEnd, seam } = await watched(t, {
    answer: ({ path, token }) => {
      if (path === "/devices/list") shown.push([token, list.size]);
    },
  });
  const accounts = await backEnd.connectedAccounts.list();
  const sessions = [];
  for (const { connected_account_id } of accounts.slice(0, 2)) {
    const session = await backEnd.clientSessions.create({
      connected_account_ids: [connected_account_id],
    });
    assert.equal(session.user_identity_id ?? null, null);
    sessions.push(session);
  }
  const [one, other] = sessions;
  const list = watch();
  await seam.updateClientSessionToken(one.token);
  await state(list, "live");
  const before = ids(list);
  assert.ok(before.length > 0);

  await seam.updateClientSessionToken(other.token);
  await state(list, "live");

  assert.ok(list.size > 0);
  assert.ok(ids(list).every((id) => !before.includes(id)));
  const late = shown.filter(([token]) => token.includes(other.token));
  assert.deepEqual(
    late.map(([, size]) => size),
    [0],
    "nothing of the one's when the other's is asked for",
  );
});

test("another user's own devices are there after one round", async (t) => {
  const { watch, backEnd, seam, asked } = await watched(t);
  const list = watch();
  await state(list, "live");
  const [{ device_id }] = (await backEnd.devices.list()).filter(
    (it) => list.get(it.device_id) === undefined,
  );
  const { user_identity_id } = await backEnd.userIdentities.create();
  const one = { user_identity_id, device_id };
  await backEnd.userIdentities.grantAccessToDevice(one);
  const other = await backEnd.clientSessions.create({ user_identity_id });

  await seam.updateClientSessionToken(other.token);
  await state(list, "live");

  assert.deepEqual(ids(list), [device_id]);
  assert.equal(asked("/devices/list"), 2);
});

test("the same session's token leaves the objects as they are", async (t) => {
  const { watch, seam, info } = await watched(t);
  const list = watch();
  await state(list, "live");
  const before = list.getSnapshot();

  await seam.updateClientSessionToken(info.client_session_token);
  await state(list, "live");

  assert.equal(list.getSnapshot(), before);
});

test("the answer to an older token's request is thrown away", async (t) => {
  let hold;
  const { watch, seam, backEnd, requests } = await watched(t, {
    answer: async ({ path }, request, sandbox) => {
      if (path !== "/devices/list" || hold) return undefined;
      const answer = await sandbox.fetch(request);
      await new Promise((resolve) => (hold = resolve));
      return answer;
    },
  });
  const list = watch();
  await once(() => hold);
  const other = await backEnd.clientSessions.create({
    user_identifier_key: "somebody-else-of-this-test",
  });

  await seam.updateClientSessionToken(other.token);
  hold();
  await state(list, "live");

  assert.deepEqual(list.getSnapshot(), []);
  assert.equal(
    requests.filter(({ path }) => path === "/devices/list").length,
    2,
  );
});

test("a list that is closed while its round waits stops no other", async (t) => {
  let release;
  const held = new Promise((resolve) => (release = resolve));
  let holds = false;
  const { watch, seam, info, asked } = await watched(t, {
    answer: async ({ path }) => {
      if (holds && path === "/client_sessions/get") await held;
    },
  });
  const one = watch();
  await state(one, "live");
  holds = true;
  const update = seam.updateClientSessionToken(info.client_session_token);

  one.close();
  const other = watch("locks");
  await new Promise((resolve) => other.subscribe(resolve));
  release();
  await update;
  await state(other, "live");
  await other.refresh();

  assert.equal(asked("/locks/list"), 2);
});

test("a round that was given up ends no page of the one that came after it", async (t) => {
  const bodies = [];
  const { watch, seam, info } = await watched(t, {
    answer: ({ path }) => {
      if (path !== "/devices/list") return undefined;
      const body = new ReadableStream({
        start: (controller) => void bodies.push(controller),
      });
      return new Response(body);
    },
  });
  const bytes = (text) => new TextEncoder().encode(text);
  const list = watch();
  await once(() => bodies.length === 1);
  bodies[0].enqueue(bytes('{"devices":['));
  await tasks();
  await seam.updateClientSessionToken(info.client_session_token);
  await once(() => bodies.length === 2);
  bodies[1].enqueue(bytes('{"devices":[{"device_id":"a"},'));
  await tasks();

  // Nobody has cancelled it: its reader still waits.
  bodies[0].close();
  await tasks();
  bodies[1].enqueue(bytes('{"device_id":"b"}]}'));
  bodies[1].close();
  await until(list, () => list.status.state !== "loading");

  assert.equal(list.status.reason, undefined);
  assert.deepEqual(ids(list), ["a", "b"]);
});

test("a body that is no list fails the round and changes nothing", async (t) => {
  let broken = false;
  const { watch } = await watched(t, {
    answer: ({ path }) =>
      broken && path === "/devices/list"
        ? new Response('{"devices":[{"device_id":"x"}')
        : undefined,
  });
  const list = watch();
  await state(list, "live");
  const before = list.getSnapshot();
  broken = true;

  await list.refresh();

  assert.equal(list.status.state, "stale");
  assert.equal(list.status.reason.code, "invalid_response");
  assert.equal(list.getSnapshot(), before);
});

test("a page without a cursor for the next one, or cursors without end, fail the fetch", async (t) => {
  let pagination;
  let pages;
  const { watch } = await watched(t, {
    answer({ path }) {
      if (path !== "/devices/list" || !pagination) return undefined;
      pages += 1;
      return Response.json({
        devices: [{ device_id: "x" }],
        pagination: pagination(pages),
      });
    },
  });
  const list = watch();
  await state(list, "live");
  const before = list.getSnapshot();
  for (const [next_page_cursor, most, message] of [
    [() => null, 1, /page_cursor/],
    [() => 5, 1, /page_cursor/],
    [() => ({ a: 1 }), 1, /page_cursor/],
    [() => "", 1, /page_cursor/],
    [() => undefined, 1, /page_cursor/],
    [(page) => `c${page % 3}`, 4, /page_cursor/],
    [(page) => `c${page}`, 10_000, /10000 pages/],
  ]) {
    pages = 0;
    pagination = (page) => ({
      has_next_page: true,
      next_page_cursor: next_page_cursor(page),
    });

    await list.refresh();

    assert.equal(list.status.state, "stale");
    assert.equal(list.status.reason.code, "invalid_response");
    assert.match(list.status.reason.message, message);
    assert.equal(pages, most);
    assert.equal(list.getSnapshot(), before);
  }
});

test("a fetch whose body has no reader, and one that begins with a byte order mark, are read as by a call", async (t) => {
  let how;
  const { watch, seam } = await watched(t, {
    answer({ path }) {
      if (path !== "/devices/list") return undefined;
      const body = JSON.stringify({ devices: [{ device_id: how.name }] });
      return how(body);
    },
  });
  const nodeFetch = (body) => ({
    status: 200,
    headers: new Headers(),
    body: Readable.from([Buffer.from(body)]),
    text: () => Promise.resolve(body),
  });
  const noBody = (body) => ({ ...nodeFetch(body), body: null });
  const mark = (body) => new Response(`\ufeff${body}`);
  how = nodeFetch;
  const list = watch();
  for (how of [nodeFetch, noBody, mark]) {
    await list.refresh();
    assert.deepEqual(list.status, { state: "live" });
    assert.deepEqual(ids(list), [how.name]);
    assert.deepEqual(list.getSnapshot(), await seam.devices.list());
  }
});

test("a body that breaks off is read again from its beginning", async (t) => {
  const { watch, sandbox, seam, asked } = await watched(t, { maxRetries: 2 });
  sandbox.addFault({ fault: "truncate", path: "/devices/list", times: 1 });
  const list = watch();

  await state(list, "live");

  assert.equal(asked("/devices/list"), 2);
  assert.deepEqual(list.getSnapshot(), await seam.devices.list());
});

test("access codes of a device are watched, and asked for again after one's own act", async (t) => {
  const { watch, seam } = await watched(t);
  const devices = watch();
  await state(devices, "live");
  const [{ device_id }] = devices.find({
    can: ["can_program_online_access_codes"],
  });
  const codes = watch("accessCodes", { device_id });
  await state(codes, "live");
  const before = codes.size;

  const added = until(codes, () => codes.size === before + 1);
  const { access_code_id } = await seam.accessCodes.create({
    device_id,
    code: "4711",
    name: "Guest",
  });
  await added;

  assert.equal(codes.get(access_code_id).name, "Guest");
});

test("codes of another device are not asked for again", async (t) => {
  const { watch, seam, requests } = await watched(t, { all: true });
  const devices = watch();
  await state(devices, "live");
  const [one, other] = devices.ids({
    can: ["can_program_online_access_codes"],
  });
  const lists = [one, other].map((device_id) =>
    watch("accessCodes", { device_id }),
  );
  await Promise.all(lists.map((list) => state(list, "live")));
  const { size } = lists[0];
  requests.length = 0;

  await seam.accessCodes.create({
    device_id: one,
    code: "4711",
    name: "Guest",
  });
  await until(lists[0], () => lists[0].size === size + 1);
  await tasks();

  const asked = requests.filter(({ path }) => path === "/access_codes/list");
  assert.deepEqual(
    asked.map(({ body }) => JSON.parse(body)),
    [{ device_id: one }],
  );
});

for (const namespace of ["locks", "thermostats", "noiseSensors"]) {
  test(`${namespace} are watched`, async (t) => {
    const { watch, seam } = await watched(t, { all: true });
    const list = watch(namespace);
    await state(list, "live");
    assert.ok(list.size > 0);
    assert.deepEqual(list.getSnapshot(), await seam[namespace].list());
  });
}

test("a signal closes it, and so does using", async (t) => {
  const { watch } = await watched(t);
  const controller = new AbortController();
  const list = watch("devices", {}, { signal: controller.signal });
  await state(list, "live");
  controller.abort();
  assert.equal(list.status.state, "stopped");

  const other = watch();
  other[Symbol.dispose]();
  assert.equal(other.status.state, "stopped");
  await other.refresh();
});

test("one whose signal has aborted asks for nothing, and stays what it is", async (t) => {
  const { watch, requests } = await watched(t);
  const list = watch("devices", {}, { signal: AbortSignal.abort() });
  const { status } = list;

  await list.refresh();
  list.close();

  assert.deepEqual(status, { state: "stopped" });
  assert.ok(Object.isFrozen(status));
  assert.equal(list.status, status);
  assert.deepEqual(requests, []);
});

test("a list that is closed leaves nothing at a signal that lives on", async (t) => {
  const { watch } = await watched(t);
  const { signal } = new AbortController();
  const heard = [];
  for (const name of ["addEventListener", "removeEventListener"]) {
    signal[name] = (type, listener) => {
      heard.push([name, listener]);
      EventTarget.prototype[name].call(signal, type, listener);
    };
  }
  const list = watch("devices", {}, { signal });
  await state(list, "live");
  assert.equal(heard.length, 1);

  list.close();

  const [, listener] = heard[0];
  assert.deepEqual(heard, [
    ["addEventListener", listener],
    ["removeEventListener", listener],
  ]);
});

test("what cannot be loaded stops a list, whose listeners are told when its status says so", async () => {
  const script = `
    import { Seam } from ${JSON.stringify(entry("seam-session"))};
    // Node's own fetch is WebAssembly too, and is loaded when it is first looked at.
    await new Response("").text();
    await globalThis.fetch("data:,").catch(() => {});
    WebAssembly.compile = async () => { throw new Error("not here"); };
    const fetch = async () => Response.json({});
    const seam = Seam.fromClientSessionToken("seam_cst1abc_def", { fetch });
    const told = [];
    const watch = () => {
      const list = seam.devices.watch();
      list.subscribe(() => told.push([list.status.state, list.status.reason?.code]));
      return list;
    };
    const closed = watch();
    closed.close();
    await closed.refresh();
    await watch().refresh();
    console.log(JSON.stringify(told));`;

  const { stdout } = await promisify(execFile)(process.execPath, [
    "--input-type=module",
    "--eval",
    script,
  ]);

  assert.deepEqual(JSON.parse(stdout), [
    ["stopped", null],
    ["stopped", "wasm_unavailable"],
  ]);
});

test("what cannot be watched is told at once", async (t) => {
  const { seam } = await watched(t);
  assert.throws(
    () => seam.devices.watch({}, { interval: 10 }),
    /interval must be 1000 milliseconds or more/,
  );
  assert.throws(() => seam.accessCodes.watch(), /Parameters are required/);
  assert.equal("watch" in seam.connectedAccounts, false);
});
