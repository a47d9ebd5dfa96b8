// Workers that do not respond, at the start or later, and stolen locks. Both sides run in Node, in
// mocked time.
import assert from "node:assert/strict";
import { test } from "node:test";

import { entry } from "../support/installed.mjs";
import { navigatorOf } from "../support/navigator.mjs";
import { listState, startWorker } from "../support/worker-in-node.mjs";
import { advance, nextTask, waitUntil } from "../support/waiting.mjs";
import { rejected } from "../support/errors.mjs";
import { fakeWorker, newPage, realWorker } from "../support/fake-workers.mjs";

const TOKEN = "seam_cst1_of_this_test";
const OPTIONS = { endpoint: "https://sandbox.invalid", timeout: 1_000 };

const silent = () => undefined;
/** Says that it is there, and nothing after that. */
const hung = ({ type }) =>
  type === "handshake" && { type: "ready", lock: undefined };
/** Gives signs of life, and answers nothing. */
const idle = ({ type }) =>
  (type === "ping" && { type: "pong", lock: undefined }) || hung({ type });

const mock = (t) => t.mock.timers.enable({ apis: ["setTimeout"] });

const codeAndOutcome = ({ code, outcome }) => [code, outcome];

test("calls reject within ten seconds when a worker never responds to the handshake", async (t) => {
  mock(t);
  const names = [];
  const never = fakeWorker(t, silent);
  const { Seam } = await newPage(t, (name) => {
    names.push(name);
    return names.length === 1 ? never : realWorker(t);
  });
  const { info } = await startWorker(t);
  const make = () =>
    Seam.fromClientSessionToken(info.client_session_token, {
      endpoint: info.endpoint,
    });
  const seam = make();
  const calls = Promise.all([
    rejected(seam.devices.list()),
    rejected(seam.locks.unlockDoor({ device_id: "any" })),
    rejected(seam.scope()),
  ]);

  await advance(t, 10_000, 100);

  for (const error of await calls) {
    assert.deepEqual(codeAndOutcome(error), ["wasm_unavailable", "not_sent"]);
  }
  assert.deepEqual(
    never.heard.map((it) => it.type),
    ["handshake", "close"],
  );
  assert.ok((await make().devices.list()).length > 0);
  assert.notEqual(names[0], names[1]);
});

test("calls that were not sent go to the next kind of worker, and only to that one", async (t) => {
  mock(t);
  const { info, asked } = await startWorker(t);
  const never = fakeWorker(t, silent);
  class Shared extends EventTarget {
    port = never;
  }
  const own = [];
  class Own {
    constructor(_, { name }) {
      own.push(name);
      return Object.assign(realWorker(t), { terminate() {} });
    }
  }
  Object.assign(globalThis, { SharedWorker: Shared, Worker: Own });
  t.after(() => {
    delete globalThis.SharedWorker;
    delete globalThis.Worker;
  });
  const { Seam } = await newPage(t);
  const { endpoint, client_session_token: token, device_ids } = info;
  const seam = Seam.fromClientSessionToken(token, { endpoint });
  const [device_id] = device_ids;
  const action = seam.locks
    .unlockDoor({ device_id }, { waitForActionAttempt: false })
    .execute();

  await advance(t, 10_000, 100);
  await action;

  assert.equal(asked("/locks/unlock_door"), 1);
  assert.equal(own.length, 1);
  assert.deepEqual(
    never.heard.map((it) => it.type),
    ["handshake", "close"],
  );
});

test("when a worker stops responding pending calls reject, and lists stop", async (t) => {
  mock(t);
  const { info } = await startWorker(t);
  const { endpoint, client_session_token: token } = info;
  const names = [];
  const stuck = fakeWorker(t, hung);
  const { Seam } = await newPage(t, (name) => {
    names.push(name);
    return names.length === 1 ? stuck : realWorker(t);
  });
  const seam = Seam.fromClientSessionToken(token, { endpoint });
  const list = seam.devices.watch();
  const calls = Promise.all([
    rejected(seam.devices.list().execute()),
    rejected(seam.locks.unlockDoor({ device_id: "any" }).execute()),
    rejected(seam.scope()),
    rejected(seam.updateClientSessionToken(token)),
  ]);

  await advance(t, 7_600, 100);

  const [read, action, ...others] = await calls;
  assert.deepEqual(codeAndOutcome(read), ["client_crashed", "unknown"]);
  assert.deepEqual(codeAndOutcome(action), ["client_crashed", "unknown"]);
  for (const error of [read, action, ...others]) {
    assert.equal(error.code, "client_crashed");
    assert.match(error.message, /create a new client/);
  }
  assert.equal(list.status.state, "stopped");
  assert.equal(list.status.reason.code, "client_crashed");
  const next = await rejected(seam.devices.list());
  assert.deepEqual(codeAndOutcome(next), ["client_crashed", "not_sent"]);
  const newClient = Seam.fromClientSessionToken(token, { endpoint });
  assert.ok((await newClient.devices.list()).length > 0);
  assert.equal(new Set(names).size, 2);
  // What it was told is told to no other worker.
  const posted = stuck.heard.filter((it) => it.path === "/locks/unlock_door");
  assert.equal(posted.length, 1);
  assert.equal(stuck.heard.at(-1).type, "close");
});

test("a list without calls notices that its worker does not respond", async (t) => {
  mock(t);
  const stuck = fakeWorker(t, hung);
  const { Seam } = await newPage(t, () => stuck);
  const list = Seam.fromClientSessionToken(TOKEN, OPTIONS).devices.watch();
  await waitUntil(() => stuck.heard.some((it) => it.type === "watch"));

  await advance(t, 40_000, 100);

  await listState(list, "stopped");
  assert.equal(list.status.reason.code, "client_crashed");
});

test("a page that was frozen does not consider a worker dead before it has read its messages", async (t) => {
  mock(t);
  let go;
  const held = new Promise((resolve) => (go = resolve));
  const { info } = await startWorker(t, async ({ path }) => {
    if (path === "/locks/list") await held;
    return undefined;
  });
  const { endpoint, client_session_token: token } = info;
  const { Seam } = await newPage(t, () => realWorker(t));
  const seam = Seam.fromClientSessionToken(token, { endpoint });
  await seam.devices.list();
  const call = seam.locks.list().execute();
  for (let nth = 0; nth < 5; nth += 1) await nextTask();

  // Half a minute in which no message is heard; its request has a second.
  for (let nth = 0; nth < 10; nth += 1) t.mock.timers.tick(2_900);
  for (let nth = 0; nth < 20; nth += 1) await nextTask();
  go();

  assert.ok((await call).length > 0);
});

test("a call that never settles in a live worker ends at its timeout", async (t) => {
  mock(t);
  const alive = fakeWorker(t, idle);
  const { Seam } = await newPage(t, () => alive);
  const options = { ...OPTIONS, maxRetries: 0, waitForActionAttempt: false };
  const seam = Seam.fromClientSessionToken(TOKEN, options);
  let settled;
  const call = rejected(seam.locks.unlockDoor({ device_id: "any" }));
  call.then((error) => (settled = error));

  // As long as a healthy worker may take: a look at the token, a renewal, and the call.
  await advance(t, 15_000, 1_000);
  assert.equal(settled, undefined);
  await advance(t, 30_000, 1_000);

  assert.deepEqual(codeAndOutcome(settled), ["timeout", "unknown"]);
  const { id } = alive.heard.find((it) => it.type === "call");
  assert.ok(alive.heard.some((it) => it.type === "abort" && it.id === id));
});

/** The part of `navigator.locks` that is used, with `steal(name)`. */
function locks() {
  const holders = new Map();
  const waiting = new Map();
  const next = (name) => {
    const first = waiting.get(name)?.shift();
    if (!first) return void holders.delete(name);
    holders.set(name, first);
    void Promise.resolve(first.callback())
      .then(first.resolve)
      .then(() => holders.get(name) === first && next(name));
  };
  return {
    request: (name, ...args) =>
      new Promise((resolve, reject) => {
        const callback = args.pop();
        const one = { callback, resolve, reject };
        args[0]?.signal.addEventListener("abort", () => {
          const queue = waiting.get(name) ?? [];
          if (!queue.includes(one)) return;
          waiting.set(
            name,
            queue.filter((it) => it !== one),
          );
          reject(new DOMException("aborted", "AbortError"));
        });
        waiting.set(name, [...(waiting.get(name) ?? []), one]);
        queueMicrotask(() => holders.has(name) || next(name));
      }),
    /** Takes it from who holds it, and lets go of it at once. */
    steal: (name) => {
      holders.get(name)?.reject(new DOMException("stolen", "AbortError"));
      next(name);
    },
    held: () => [...holders.keys()],
  };
}

test("a stolen lock ends neither a page nor a worker that is alive", async (t) => {
  const shared = locks();
  navigatorOf(t, { locks: shared });
  // A worker of its own, whose first lock is one of these.
  const thread = await import(`${entry("seam-session/worker/thread")}?locks`);
  mock(t);
  const { info } = await startWorker(t);
  const { endpoint, client_session_token: token } = info;
  const { Seam } = await newPage(t, () => {
    const { port1, port2 } = new MessageChannel();
    thread.serve(port2);
    t.after(() => port1.close());
    return port1;
  });
  const seam = Seam.fromClientSessionToken(token, { endpoint });
  const all = await seam.devices.list();
  const list = seam.devices.watch({}, { interval: Infinity });
  await waitUntil(() => {
    t.mock.timers.tick(1);
    return list.status.state === "live";
  });

  for (let nth = 0; nth < 3; nth += 1) {
    assert.equal(shared.held().length, 2);
    for (const name of shared.held()) shared.steal(name);
    await advance(t, 5_000, 100);
    assert.deepEqual(await seam.devices.list(), all);
    assert.equal(list.status.state, "live");
  }
  const newClient = Seam.fromClientSessionToken(token, { endpoint });
  assert.deepEqual(await newClient.devices.list(), all);
});

test("a worker whose lock is free and that does not respond has ended, and the page releases its own lock", async (t) => {
  const shared = locks();
  navigatorOf(t, { locks: shared });
  mock(t);
  shared.request("the worker's", () => new Promise(() => {})).catch(() => {});
  const dead = fakeWorker(
    t,
    ({ type }) =>
      type === "handshake" && { type: "ready", lock: "the worker's" },
  );
  const { Seam } = await newPage(t, () => dead);
  const seam = Seam.fromClientSessionToken(TOKEN, OPTIONS);
  const call = rejected(seam.devices.list());
  await waitUntil(() => dead.heard.some((it) => it.type === "call"));
  assert.equal(shared.held().length, 2);

  shared.steal("the worker's");
  await advance(t, 2_100, 100);

  const error = await call;
  assert.deepEqual(codeAndOutcome(error), ["client_crashed", "unknown"]);
  assert.match(error.message, /the worker has ended/);
  assert.deepEqual(shared.held(), []);
});
