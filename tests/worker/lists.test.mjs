// Watched lists and scopes through seam-session/worker. Both sides run in Node.
import assert from "node:assert/strict";
import { test } from "node:test";

import { client } from "../support/installed.mjs";
import {
  mockClocks,
  advanceUntilSettled,
  nextTask,
  waitUntil,
} from "../support/waiting.mjs";
import { navigatorOf } from "../support/navigator.mjs";
import {
  liveList,
  listState,
  startWorker,
} from "../support/worker-in-node.mjs";
import { rejected } from "../support/errors.mjs";

test("unchanged objects keep their identity and are not sent again", async (t) => {
  const { info, page, backEnd } = await startWorker(t);
  const { endpoint, api_key: apiKey } = info;
  const { Seam, said } = await page();
  const list = new Seam({ apiKey, endpoint }).devices.watch();
  t.after(list.close);
  await listState(list, "live");
  const before = list.getSnapshot();
  assert.deepEqual(before, await backEnd.devices.list());
  assert.ok(Object.isFrozen(before) && Object.isFrozen(before[0].properties));
  await list.refresh();
  assert.equal(list.getSnapshot(), before);
  said.length = 0;

  const [{ device_id }] = before;
  await backEnd.devices.update({ device_id, name: "Renamed" });
  await list.refresh();

  const after = list.getSnapshot();
  assert.notEqual(after[0], before[0]);
  assert.equal(after[0], list.get(device_id));
  assert.equal(after[1], before[1]);
  assert.deepEqual(list.find({ text: "renamed" }), [after[0]]);
  const items = said.flatMap((it) => it.update?.items ?? []);
  assert.deepEqual(
    items.map(([, id]) => id),
    [device_id],
  );
  assert.ok(said.every((it) => it.update?.order === undefined));
});

test("changes have the IDs of added, changed and removed devices", async (t) => {
  const { info, page, sandbox, backEnd } = await startWorker(t);
  const { endpoint, client_session_token: token } = info;
  const { Seam } = await page();
  const list = Seam.fromClientSessionToken(token, { endpoint }).devices.watch();
  t.after(list.close);
  const changes = list.changes[Symbol.asyncIterator]();

  const { value: first } = await changes.next();
  assert.deepEqual(first, {
    added: list.ids?.() ?? first.added,
    changed: [],
    removed: [],
  });
  const [device_id] = first.added;
  await backEnd.devices.update({ device_id, name: "Renamed" });
  await list.refresh();
  assert.deepEqual((await changes.next()).value.changed, [device_id]);
  sandbox.endSession({ client_session_token: token });
  await list.refresh();
  assert.deepEqual((await changes.next()).value.removed, first.added);
  assert.deepEqual(list.getSnapshot(), []);
  assert.equal(list.status.state, "stopped");
  assert.equal(list.status.reason.reason, "token_refused");
  const last = changes.next();
  list.close();
  assert.deepEqual(await last, { done: true, value: undefined });
});

test("find() returns the same as without a worker", async (t) => {
  // Latin, Greek, Cyrillic and what is composed of them, and a final sigma.
  const letters = [
    ...Array.from({ length: 0x2200 }, (_, at) => String.fromCharCode(at)),
    "ΟΔΟΣ",
  ].filter((it) => it < "\u0530" || it >= "\u1e00");
  const rich = [
    { device_type: "august_lock", can_remotely_unlock: true },
    { device_type: "august_lock", can_remotely_unlock: false },
    { device_type: null, can_remotely_unlock: "yes", name: "of name" },
    { display_name: "Shown", name: "Hidden", properties: { online: true } },
    { display_name: 1, name: "Named", properties: { online: "true" } },
    { errors: [{}], properties: { online: false, battery_level: 0.1 } },
    { errors: {}, properties: { battery: { level: 0.9, status: "low" } } },
    { errors: [], properties: { battery: { level: 0.1, status: "full" } } },
  ];
  const devices = [...rich, ...letters.map((name) => ({ name }))].map(
    (it, nth) => ({ ...it, device_id: `${nth}` }),
  );
  const { info, page } = await startWorker(t, () => Response.json({ devices }));
  const { endpoint, api_key: apiKey } = info;
  const { Seam } = await page();
  const [list, own] = [Seam, client.Seam].map((Seam) => {
    const list = new Seam({ apiKey, endpoint }).devices.watch();
    t.after(list.close);
    return list;
  });
  await Promise.all([listState(list, "live"), listState(own, "live")]);
  assert.equal(list.size, devices.length);

  const queries = [
    {},
    ...[true, false].flatMap((is) => [
      { online: is },
      { low_battery: is },
      { has_errors: is },
      { online: is, has_errors: is },
    ]),
    { can: ["can_remotely_unlock"] },
    { can: ["can_fly"] },
    { device_type: "august_lock" },
    { device_types: ["august_lock", "none"], online: false },
    { device_types: [] },
    ...["shown", "HIDDEN", "named", "e", ""].map((text) => ({ text })),
    ...letters.flatMap((it) => [
      { text: it.toLowerCase() },
      { text: it.toUpperCase() },
    ]),
  ];
  let found = 0;
  for (const query of queries) {
    const expected = own.find(query);
    assert.deepEqual(list.find(query), expected, JSON.stringify(query));
    found += expected.length;
  }
  assert.ok(found > devices.length);
});

test("find() creates only the objects that it reads, and returns those of the list", async (t) => {
  const { info, page, backEnd } = await startWorker(t);
  const { endpoint, api_key: apiKey } = info;
  const { Seam } = await page();
  const list = await liveList(t, new Seam({ apiKey, endpoint }));
  const made = t.mock.method(JSON, "parse").mock;

  const none = list.find({ online: true, has_errors: true });
  const before = made.callCount();
  const all = list.find({ text: "door" });

  assert.deepEqual([none, before], [[], 0]);
  assert.equal(made.callCount(), list.size);
  assert.ok(all.length > 0 && all.length < list.size);
  for (const it of all) assert.equal(list.get(it.device_id), it);
  assert.equal(made.callCount(), list.size);
  made.restore();
  assert.deepEqual(list.getSnapshot(), await backEnd.devices.list());
});

test("another token empties a list at once, before anything is sent with it", async (t) => {
  const { info, page, requests, backEnd } = await startWorker(t);
  const { endpoint, client_session_token: token } = info;
  const other = await backEnd.clientSessions.create({
    user_identifier_key: "somebody-else-of-this-test",
  });
  const first = await page();
  const seam = first.Seam.fromClientSessionToken(token, { endpoint });
  const list = seam.devices.watch();
  const second = await page();
  const stays = second.Seam.fromClientSessionToken(token, {
    endpoint,
  }).devices.watch();
  t.after(list.close);
  t.after(stays.close);
  await Promise.all([listState(list, "live"), listState(stays, "live")]);
  const [device_id] = stays.getSnapshot().map((it) => it.device_id);

  const update = seam.updateClientSessionToken(other.token);

  assert.deepEqual(list.getSnapshot(), []);
  assert.equal(list.get(device_id), undefined);
  assert.equal(list.status.state, "loading");
  await update;
  await listState(list, "live");
  assert.deepEqual(list.getSnapshot(), []);
  assert.equal(stays.get(device_id).device_id, device_id);
  const late = requests.filter((it) => it.token === other.token);
  assert.ok(late.some(({ path }) => path === "/devices/list"));

  await seam.updateClientSessionToken(token);
  await listState(list, "live");
  const shown = list.get(device_id);
  assert.equal(shown.device_id, device_id);

  // Also of the same session they are new objects.
  await seam.updateClientSessionToken(token);
  await listState(list, "live");
  assert.deepEqual(list.get(device_id), shown);
  assert.notEqual(list.get(device_id), shown);
});

test("a scope is the same as without a worker, and guards actions", async (t) => {
  const { info, page, requests, asked, backEnd } = await startWorker(t);
  const { endpoint } = info;
  const all = await backEnd.devices.list();
  const { user_identity_id } = await backEnd.userIdentities.create();
  const [lock, other] = all.filter((it) => it.can_remotely_unlock);
  const grant = ({ device_id }) =>
    backEnd.userIdentities.grantAccessToDevice({ user_identity_id, device_id });
  await grant(lock);
  const { token } = await backEnd.clientSessions.create({ user_identity_id });
  const own = await client.Seam.fromClientSessionToken(token, {
    endpoint,
    fetch,
  }).scope();
  const { Seam, SeamOutOfScopeError } = await page();
  const seam = Seam.fromClientSessionToken(token, {
    endpoint,
    checkScope: true,
  });

  const scope = await seam.scope();

  assert.equal(scope.client_session_id, own.client_session_id);
  assert.equal(scope.user_identity_id, user_identity_id);
  assert.deepEqual(scope.expires_at, own.expires_at);
  assert.ok(own.devices.length === 1 && own.devices[0].capabilities.length > 0);
  assert.deepEqual(scope.devices, own.devices);
  assert.equal(scope.devices, scope.devices);
  assert.equal(scope.can(lock.device_id, "locks.unlockDoor"), true);
  assert.equal(scope.has(other.device_id), false);
  assert.deepEqual(scope.capabilities(other.device_id), []);

  const { device_id } = other;
  const error = await rejected(seam.locks.unlockDoor({ device_id }));
  assert.ok(error instanceof SeamOutOfScopeError);
  assert.ok(error instanceof client.SeamOutOfScopeError);
  assert.equal(error.outcome, "not_sent");
  assert.equal(asked("/locks/unlock_door"), 0);

  await grant(other);
  assert.equal(await seam.scope(), scope);
  assert.equal(scope.has(device_id), true);

  // Another user's: what was asked before is empty, and stays so.
  await seam.updateClientSessionToken(info.client_session_token);
  assert.deepEqual([scope.devices, scope.client_session_id], [[], undefined]);
  const next = await seam.scope();
  assert.notEqual(next, scope);
  assert.ok(next.devices.length > 0);
  assert.deepEqual([scope.devices, scope.has(lock.device_id)], [[], false]);
  assert.ok(requests.length > 0);
});

test("an API key has no scope in a worker either", async (t) => {
  const { info, page } = await startWorker(t);
  const { endpoint, api_key: apiKey } = info;
  const { Seam } = await page();
  const { code } = await rejected(new Seam({ apiKey, endpoint }).scope());
  assert.equal(code, "credential_not_accepted");
});

test("lists and calls of a page end when it is closed; another page's go on", async (t) => {
  let held;
  const { info, page, sandbox, asked } = await startWorker(
    t,
    ({ path, request }) => {
      if (path !== "/locks/list") return undefined;
      return new Promise((_, reject) => {
        held?.();
        request.signal.addEventListener("abort", () => {
          aborted();
          reject(new Error("over"));
        });
      });
    },
  );
  let aborted;
  const ended = new Promise((resolve) => (aborted = resolve));
  const { endpoint, client_session_token: token } = info;
  const pages = [await page(), await page()];
  const lists = pages.map(({ Seam }) => {
    const seam = Seam.fromClientSessionToken(token, { endpoint });
    const list = seam.devices.watch();
    t.after(list.close);
    return { seam, list };
  });
  await Promise.all(lists.map((it) => listState(it.list, "live")));
  const sent = new Promise((resolve) => (held = resolve));
  lists[0].seam.locks.list().catch(() => {});
  await sent;

  pages[0].close();
  await ended;
  await lists[1].list.refresh();
  assert.equal(asked("/devices/list"), 2);
  assert.equal(lists[1].list.status.state, "live");
  // Nobody is left who watches: what comes next begins a list anew.
  pages[1].close();
  sandbox.addFault({ fault: "outage", path: "/devices/list", times: 1 });
  const { Seam } = await page();
  const list = Seam.fromClientSessionToken(token, {
    endpoint,
    maxRetries: 0,
  }).devices.watch();
  t.after(list.close);
  await listState(list, "stale");
  assert.deepEqual(list.getSnapshot(), []);
});

test("a list is polled while any of its pages is visible, and at once when one becomes visible", async (t) => {
  mockClocks(t);
  const { info, page, asked } = await startWorker(t);
  const { endpoint, client_session_token: token } = info;
  const pages = [await page(), await page()];
  for (const { Seam } of pages) {
    const seam = Seam.fromClientSessionToken(token, { endpoint });
    const list = seam.devices.watch({}, { interval: 60_000 });
    t.after(list.close);
    await advanceUntilSettled(t, listState(list, "live"));
  }
  const hide = async (nth, hidden) => {
    pages[nth].say({ type: "page-state", hidden, online: true });
    await pages[nth].heard();
  };
  const minutes = async (count) => {
    for (let passed = 0; passed < count * 60; passed += 1) {
      t.mock.timers.tick(1_000);
      await nextTask();
    }
  };
  assert.equal(asked("/devices/list"), 1);

  await hide(0, true);
  await minutes(3);
  const seen = asked("/devices/list");
  assert.ok(seen >= 3, `${seen}`);
  await hide(1, true);
  await minutes(5);
  assert.equal(asked("/devices/list"), seen);
  await hide(0, false);
  await waitUntil(() => asked("/devices/list") === seen + 1);
});

test("a list pauses and resumes when its page goes offline and online before the worker notices", async (t) => {
  const network = navigatorOf(t, { onLine: true });
  mockClocks(t);
  const { info, page, asked } = await startWorker(t);
  const { Seam, say, heard } = await page();
  const seam = new Seam({ apiKey: info.api_key, endpoint: info.endpoint });
  await liveList(t, seam, { interval: 5_000 });
  const tell = async (online) => {
    say({ type: "page-state", hidden: false, online });
    await heard();
  };

  await tell(false);
  network.onLine = false;
  for (let second = 0; second < 30; second += 1) {
    t.mock.timers.tick(1_000);
    await nextTask();
  }
  assert.equal(asked("/devices/list"), 1, "it rests");
  await tell(true);
  network.onLine = true;
  t.mock.timers.tick(1_000);

  // At once: no interval has passed.
  await waitUntil(() => asked("/devices/list") === 2);
});

test("the shortest interval of all pages is used", async (t) => {
  const { info, page, asked } = await startWorker(t);
  const { endpoint, client_session_token: token } = info;
  const client = async () => {
    const { Seam } = await page();
    return Seam.fromClientSessionToken(token, { endpoint });
  };
  const watch = async (seam, interval) => {
    const list = seam.devices.watch({}, { interval });
    t.after(list.close);
    await listState(list, "live");
    return list;
  };
  const [one, two] = [await client(), await client()];
  await watch(one, 3_600_000);
  assert.equal(asked("/devices/list"), 1);

  const short = await watch(two, 1_000);
  await waitUntil(() => asked("/devices/list") >= 3);
  short.close();

  await watch(one, 1_000);
  const before = asked("/devices/list");
  await waitUntil(() => asked("/devices/list") >= before + 2);
});
