// When a watched list is fetched again, what refresh() does, and what an outage or a refusal changes.
import assert from "node:assert/strict";
import { test } from "node:test";

import { navigatorOf } from "../support/navigator.mjs";
import {
  MINUTE,
  advanceInRealTime,
  mockClocks,
  waitUntil,
  flushTasks,
  nextTask,
} from "../support/waiting.mjs";
import { listState, watchingClient } from "../support/watched-lists.mjs";

test("without an interval a list is fetched every ten minutes, or up to a tenth sooner", async (t) => {
  mockClocks(t);
  const { watch, asked } = await watchingClient(t);
  await advanceInRealTime(t, listState(watch(), "live"));

  const early = 9 * MINUTE - 30_000;
  for (let passed = 0; passed < early; passed += 30_000) {
    t.mock.timers.tick(30_000);
  }
  await flushTasks();
  assert.equal(asked("/devices/list"), 1);
  for (let passed = early; passed <= 10 * MINUTE; passed += 30_000) {
    t.mock.timers.tick(30_000);
  }
  await waitUntil(() => asked("/devices/list") === 2);
});

test("a list is fetched once per interval, and never after it is closed", async (t) => {
  mockClocks(t);
  const { watch, asked } = await watchingClient(t);
  const list = watch("devices", {}, { interval: 5 * MINUTE });
  await advanceInRealTime(t, listState(list, "live"));

  t.mock.timers.tick(4 * MINUTE);
  assert.equal(asked("/devices/list"), 1);
  for (let passed = 0; passed < 4; passed += 1) t.mock.timers.tick(MINUTE);
  await waitUntil(() => asked("/devices/list") === 2);
  list.close();
  for (let passed = 0; passed < 20; passed += 1) t.mock.timers.tick(MINUTE);
  assert.equal(asked("/devices/list"), 2);
});

test("with an interval of Infinity a list is fetched once for all subscribers, and on refresh()", async (t) => {
  mockClocks(t);
  const { watch, asked } = await watchingClient(t);
  const list = watch("devices", {}, { interval: Infinity });
  await advanceInRealTime(t, listState(list, "live"));

  const other = watch("devices", {}, { interval: Infinity });
  await advanceInRealTime(t, listState(other, "live"));
  for (let passed = 0; passed < 20; passed += 1) {
    t.mock.timers.tick(MINUTE);
    await flushTasks();
  }

  assert.equal(asked("/devices/list"), 1);
  await advanceInRealTime(t, list.refresh());
  assert.equal(asked("/devices/list"), 2);
});

test("a call that finds the session ended makes each list fetch at once, and only once", async (t) => {
  const { watch, sandbox, seam, info, asked } = await watchingClient(t);
  const lists = [watch(), watch("locks")];
  await Promise.all(lists.map((list) => listState(list, "live")));
  const [device_id] = lists[0].ids();
  sandbox.endSession({ client_session_token: info.client_session_token });

  const refused = seam.devices.get({ device_id });
  await assert.rejects(refused, { reason: "token_refused" });
  await Promise.all(lists.map((list) => listState(list, "stopped")));
  await assert.rejects(seam.devices.get({ device_id }));
  await flushTasks();

  assert.deepEqual(
    lists.map((list) => [list.size, list.status.reason.reason]),
    [
      [0, "token_refused"],
      [0, "token_refused"],
    ],
  );
  assert.deepEqual([asked("/devices/list"), asked("/locks/list")], [2, 2]);
});

test("a refusal of a token that is no longer in use fetches nothing", async (t) => {
  let release;
  const { watch, sandbox, seam, info, backEnd, asked } = await watchingClient(
    t,
    {
      answer: async ({ path }) => {
        if (path !== "/devices/get") return;
        await new Promise((resolve) => (release = resolve));
      },
    },
  );
  const list = watch();
  await listState(list, "live");
  const [device_id] = list.ids();
  const { user_identity_id } = info;
  const { token } = await backEnd.clientSessions.create({ user_identity_id });
  const late = seam.devices.get({ device_id }).execute();
  await waitUntil(() => release !== undefined);
  await seam.updateClientSessionToken(token);
  await listState(list, "live");
  await list.refresh();
  const before = asked("/devices/list");
  sandbox.endSession({ client_session_token: info.client_session_token });

  release();
  await late.catch(() => {});
  await flushTasks();

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
  test(`a ${status} that is not Seam's, for ${where || "every path"}, keeps the data of a list`, async (t) => {
    let isCut = false;
    const { watch } = await watchingClient(t, {
      answer: ({ path }) =>
        isCut && path.startsWith(where)
          ? new Response("<html>Log in to this network</html>", { status })
          : undefined,
    });
    const list = watch();
    await listState(list, "live");
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

test("refresh() settles offline too when a token arrives during the server's Retry-After", async (t) => {
  const network = navigatorOf(t, { onLine: true });
  let isBusy = false;
  const { watch, seam, info } = await watchingClient(t, {
    answer: ({ path }) =>
      path === "/devices/list" && isBusy
        ? new Response("", { status: 429, headers: { "retry-after": "90" } })
        : undefined,
  });
  const list = watch();
  await listState(list, "live");
  isBusy = true;
  await list.refresh();
  assert.equal(list.status.state, "stale");
  isBusy = false;
  network.onLine = false;
  let isAnswered = false;
  void list.refresh().then(() => (isAnswered = true));
  await flushTasks();
  assert.equal(isAnswered, false, "the server wants to be left alone");

  await seam.updateClientSessionToken(info.client_session_token);
  await waitUntil(() => isAnswered);

  assert.equal(list.status.state, "live");
});

test("refresh() settles offline too when a token arrives while it waits", async (t) => {
  const network = navigatorOf(t, { onLine: true });
  let holds = true;
  let held;
  const { watch, seam, info } = await watchingClient(t, {
    answer: ({ path }) =>
      path === "/devices/list" && holds
        ? new Promise((resolve) => (held = resolve))
        : undefined,
  });
  const list = watch();
  await waitUntil(() => held);
  let isAnswered = false;
  void list.refresh().then(() => (isAnswered = true));
  await flushTasks();
  network.onLine = false;
  holds = false;

  await seam.updateClientSessionToken(info.client_session_token);
  await waitUntil(() => isAnswered);

  assert.equal(list.status.state, "live");
});

test("an outage keeps the data, makes it stale with the error, and honours Retry-After", async (t) => {
  mockClocks(t);
  const { watch, sandbox, asked } = await watchingClient(t);
  const list = watch();
  await advanceInRealTime(t, listState(list, "live"));
  const shown = list.getSnapshot();
  sandbox.addFault({ fault: "rate_limit", retry_after: 90, times: 1 });

  await advanceInRealTime(t, list.refresh());

  assert.equal(list.status.state, "stale");
  assert.equal(list.status.reason.statusCode, 429);
  assert.equal(list.getSnapshot(), shown);
  const again = list.refresh();
  await nextTask();
  t.mock.timers.tick(59_000);
  assert.equal(asked("/devices/list"), 2);
  t.mock.timers.tick(30_000);
  t.mock.timers.tick(2_000);
  await advanceInRealTime(t, again);
  assert.equal(list.status.state, "live");
  assert.equal(asked("/devices/list"), 3);
});

test("the list of a revoked session is emptied at once and not fetched again", async (t) => {
  const { watch, sandbox, info, asked } = await watchingClient(t);
  const list = watch();
  await listState(list, "live");
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

test("refresh() restarts a list that an unexpected refusal has stopped", async (t) => {
  let odd = false;
  const { watch, asked } = await watchingClient(t, {
    answer: ({ path }) => (odd && path === "/devices/list" ? ODD() : undefined),
  });
  const list = watch();
  await listState(list, "live");
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
  await flushTasks();

  assert.equal(list.status.state, "live");
  assert.deepEqual([states[0], states.at(-1)], ["loading", "live"]);
  assert.equal(asked("/devices/list"), 4);
});

test("a new subscriber restarts a list that has stopped", async (t) => {
  let odd = true;
  const { watch, asked } = await watchingClient(t, {
    answer: ({ path }) => (odd && path === "/devices/list" ? ODD() : undefined),
  });
  const list = watch();
  await listState(list, "stopped");
  odd = false;

  const other = watch();
  await Promise.all([listState(other, "live"), listState(list, "live")]);

  assert.equal(other.getSnapshot(), list.getSnapshot());
  assert.equal(asked("/devices/list"), 2);
});

/** A refusal that says nothing of a later one. */
const ODD = () =>
  Response.json(
    { error: { type: "conflict", message: "not now" } },
    { status: 409 },
  );
