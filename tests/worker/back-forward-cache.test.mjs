// Pages in the back/forward cache, whose locks WebKit releases: how long their worker waits for
// them. Both sides run in Node, with mock locks.
import assert from "node:assert/strict";
import { test } from "node:test";

import { navigatorOf } from "../support/navigator.mjs";
import { liveList, startWorker } from "../support/worker-in-node.mjs";
import { MINUTE, advanceUntilSettled, nextTask } from "../support/waiting.mjs";
import { rejected } from "../support/errors.mjs";

/** The part of `navigator.locks` that is used; `drop` takes a lock from who holds it. */
function locks() {
  const queues = new Map();
  return {
    request: (name, ...args) =>
      new Promise((resolve, reject) => {
        const callback = args.pop();
        const queue = queues.get(name) ?? [];
        queues.set(name, queue);
        const run = () => new Promise((held) => held(callback()));
        queue.push(() => run().then(resolve, reject));
        if (queue.length === 1) queueMicrotask(queue[0]);
      }),
    drop: (name) => {
      const queue = queues.get(name);
      queue.shift();
      queue[0]?.();
    },
  };
}

// The worker's side holds one for as long as this file runs.
const shared = locks();

/** A page whose list is live, and how it loses its lock. */
async function watching(t) {
  navigatorOf(t, { locks: shared });
  t.mock.timers.enable({ apis: ["setTimeout", "Date"], now: 1e12 });
  const site = await startWorker(t);
  const page = await site.page();
  const { endpoint, client_session_token: token } = site.info;
  const seam = page.Seam.fromClientSessionToken(token, { endpoint });
  // A slow machine reads a list in pieces, between which time passes.
  const watched = liveList(t, seam, { interval: 40 * MINUTE });
  await advanceUntilSettled(t, watched);
  const list = await watched;
  const { name } = page.posted.find((it) => it.type === "lock");
  const leave = async () => {
    shared.drop(name);
    await nextTask();
  };
  return { ...page, seam, list, leave };
}

test("a page that has released its lock is closed a second later", async (t) => {
  const { seam, leave } = await watching(t);
  await leave();
  t.mock.timers.tick(999);
  assert.equal((await seam.devices.list()).length, 1);

  t.mock.timers.tick(1);

  assert.equal((await rejected(seam.devices.list())).code, "client_crashed");
});

test("a page in the back/forward cache is kept for half an hour", async (t) => {
  const { say, heard, seam, leave, list } = await watching(t);
  say({ type: "frozen" });
  await heard();
  await leave();
  t.mock.timers.tick(1_000);
  t.mock.timers.tick(29 * MINUTE);
  await advanceUntilSettled(t, list.refresh());
  assert.equal(list.status.state, "live");

  t.mock.timers.tick(2 * MINUTE);

  assert.equal((await rejected(seam.devices.list())).code, "client_crashed");
});

test("a page that returns stays connected, and is closed when it leaves again", async (t) => {
  const { say, heard, seam, leave } = await watching(t);
  say({ type: "frozen" });
  await heard();
  await leave();
  t.mock.timers.tick(1_000);
  const name = "another";
  void shared.request(name, () => new Promise(() => {}));
  say({ type: "lock", name });
  await heard();
  t.mock.timers.tick(39 * MINUTE);
  assert.equal((await seam.devices.list()).length, 1);

  shared.drop(name);
  await nextTask();
  t.mock.timers.tick(1_000);

  assert.equal((await rejected(seam.devices.list())).code, "client_crashed");
});
