// Abort signals: of another implementation than fetch's, shared by many calls, and with any
// reason.
import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { rejected } from "../support/errors.mjs";
import { PENDING, never, seamAt, withFetch } from "../support/clients.mjs";
import { json, serve } from "../support/server.mjs";
import { waitUntil, flushTasks } from "../support/waiting.mjs";
import { run } from "../support/process.mjs";

/** An AbortController as jsdom has it: its signals are none of the platform's. */
class ForeignSignal extends EventTarget {
  aborted = false;
  reason;
  throwIfAborted() {
    if (this.aborted) throw this.reason;
  }
}
class ForeignController {
  signal = new ForeignSignal();
  abort(reason) {
    this.signal.aborted = true;
    this.signal.reason = reason;
    this.signal.dispatchEvent(new Event("abort"));
  }
}

/** Has a test's globals be those of such an environment on Node 24, whichever Node this is. */
function useForeignSignals(t) {
  const { AbortController, AbortSignal, Request, fetch } = globalThis;
  t.after(() =>
    Object.assign(globalThis, { AbortController, AbortSignal, Request, fetch }),
  );
  const check = (init) => {
    const signal = init?.signal ?? undefined;
    if (signal !== undefined && !(signal instanceof AbortSignal)) {
      throw new TypeError(
        'RequestInit: Expected signal ("AbortSignal {}") to be an instance of AbortSignal.',
      );
    }
  };
  globalThis.AbortController = ForeignController;
  globalThis.AbortSignal = ForeignSignal;
  globalThis.Request = class extends Request {
    constructor(input, init) {
      check(init);
      super(input, init);
    }
  };
  globalThis.fetch = async (input, init) => {
    check(init);
    return fetch(input, init);
  };
}

test("calls work where fetch does not take the signals of AbortController", async (t) => {
  useForeignSignals(t);
  const { endpoint, requests } = await serve(t, (request, response) => {
    if (request.url === "/devices/list") {
      json(response, 200, { devices: [1], ok: true });
    } else {
      const action_attempt = { action_attempt_id: "a", status: "success" };
      json(response, 200, { action_attempt, ok: true });
    }
  });
  const seam = seamAt(endpoint);

  assert.deepEqual(await seam.devices.list(), [1]);
  const { signal } = new AbortController();
  assert.deepEqual(await seam.devices.list({}, { signal }), [1]);
  const attempt = await seam.locks.unlockDoor({ device_id: "d" });
  assert.equal(attempt.status, "success");
  assert.equal(requests.length, 3);
  for (const { method, headers, body } of requests) {
    assert.equal(method, "POST");
    assert.equal(headers["content-type"], "application/json");
    assert.match(headers.authorization, /^Bearer seam_/);
    assert.match(body, /^\{/);
  }
});

test("a list is watched where fetch does not take the signals of AbortController", async (t) => {
  useForeignSignals(t);
  const { endpoint } = await serve(t, (request, response) =>
    json(response, 200, {
      devices: [{ device_id: "d" }],
      client_session: { client_session_id: "s" },
      ok: true,
    }),
  );
  const controller = new AbortController();
  const list = seamAt(endpoint).devices.watch(
    {},
    { signal: controller.signal },
  );
  t.after(list.close);
  await waitUntil(() => list.status.state !== "loading");
  assert.equal(list.status.state, "live", String(list.status.reason));
  assert.deepEqual(list.ids(), ["d"]);
  controller.abort();
  assert.equal(list.status.state, "stopped");
});

test("without a signal that fetch takes, time limits and aborts still end a call", async (t) => {
  useForeignSignals(t);
  const { endpoint, requests } = await serve(t, () => {});
  const seam = seamAt(endpoint, { timeout: 100 });
  const reason = { any: "thing" };
  for (const [kind, call] of [
    ["a read", (options) => seam.devices.list({}, options)],
    [
      "an action",
      (options) => seam.locks.unlockDoor({ device_id: "d" }, options),
    ],
  ]) {
    const before = requests.length;
    const late = await rejected(call());
    assert.equal(late.code, "timeout", kind);
    // It cannot be called back, so it may be done yet.
    assert.equal(late.outcome, "unknown", kind);
    assert.equal(requests.length, before + 1, kind);

    const controller = new AbortController();
    const aborted = rejected(call({ signal: controller.signal }));
    await waitUntil(() => requests.length === before + 2);
    controller.abort(reason);
    assert.equal(await aborted, reason, kind);
  }
});

test("an action is sent once where fetch does not take its signal", async (t) => {
  useForeignSignals(t);
  let sent = 0;
  const seam = withFetch(
    async () => {
      sent += 1;
      throw new TypeError("fetch failed");
    },
    { maxRetries: 2 },
  );
  const error = await rejected(seam.locks.unlockDoor({ device_id: "d" }));
  assert.equal(error.code, "network_error");
  assert.equal(error.outcome, "unknown");
  assert.equal(sent, 1);
});

test("a caller's signal of another implementation ends its call", async () => {
  const controller = new ForeignController();
  const seam = withFetch(never);
  const { signal } = controller;
  const aborted = rejected(seam.devices.list({}, { signal }));
  await flushTasks();
  controller.abort("mine");
  assert.equal(await aborted, "mine");
  assert.equal(await rejected(seam.devices.list({}, { signal })), "mine");
});

const REASONS = [
  ["undefined", undefined],
  ["null", null],
  ["false", false],
  ["an empty text", ""],
  ["a number that is none", NaN],
  ["a symbol", Symbol("mine")],
  ["a frozen object", Object.freeze({ frozen: true })],
  ["a frozen error", Object.freeze(new Error("frozen"))],
  ["an object without a prototype", Object.create(null)],
  ["a promise that rejects", rejecting()],
  ["something that looks like a promise", { then: () => assert.fail() }],
  ["a function", () => assert.fail()],
  [
    "a proxy that throws whatever is done with it",
    new Proxy(
      {},
      new Proxy(
        {},
        {
          get() {
            throw new Error("touched");
          },
        },
      ),
    ),
  ],
];

function rejecting() {
  const promise = Promise.reject(new Error("mine"));
  promise.catch(() => {});
  return promise;
}

for (const [name, reason] of REASONS) {
  test(`an abort whose reason is ${name} rejects with just that`, async () => {
    const moments = {
      before: (abort) => (abort(), withFetch(never)),
      connecting: (abort) => withFetch(() => (setImmediate(abort), never())),
      reading: (abort) =>
        withFetch(async () => ({
          status: 200,
          headers: new Headers(),
          text: () => (setImmediate(abort), never()),
        })),
      waiting: (abort) =>
        withFetch(
          async () => (setImmediate(abort), new Response("", { status: 503 })),
          { maxRetries: 2 },
        ),
      polling: (abort) =>
        withFetch(async () => (setImmediate(abort), Response.json(PENDING))),
    };
    for (const [moment, make] of Object.entries(moments)) {
      const controller = new AbortController();
      const { signal } = controller;
      const seam = make(() => controller.abort(reason));
      const call =
        moment === "polling"
          ? seam.locks.unlockDoor({ device_id: "d" }, { signal })
          : seam.devices.list({}, { signal });
      let thrown;
      // Not by `rejected`, whose promise would take what looks like one for one.
      await call.then(
        () => assert.fail(moment),
        (error) => {
          thrown = { error };
        },
      );
      // The platform makes up a reason where there is none.
      assert.ok(Object.is(thrown.error, signal.reason), moment);
      if (reason !== undefined) assert.ok(Object.is(thrown.error, reason));
      else assert.equal(thrown.error.name, "AbortError");
      assert.ok(getEventListeners(signal, "abort").length <= 1, moment);
    }
  });
}

test("signals of AbortSignal.timeout and AbortSignal.any end a call with their own reason", async () => {
  const seam = withFetch(never);
  const late = AbortSignal.timeout(20);
  assert.equal(
    await rejected(seam.devices.list({}, { signal: late })),
    late.reason,
  );
  assert.equal(late.reason.name, "TimeoutError");
  const controller = new AbortController();
  const any = AbortSignal.any([
    controller.signal,
    new AbortController().signal,
  ]);
  const call = rejected(seam.devices.list({}, { signal: any }));
  await flushTasks();
  controller.abort("mine");
  assert.equal(await call, "mine");
});

test("a signal that aborts while a call begins for it ends that call, and no other", async () => {
  const controller = new AbortController();
  const { signal } = controller;
  let answer;
  const other = withFetch(() => new Promise((resolve) => (answer = resolve)))
    .devices.list()
    .execute();
  await waitUntil(() => answer !== undefined);
  // A listener of the caller's, which makes a call with the signal that has just aborted.
  let inside;
  signal.addEventListener("abort", () => {
    inside = rejected(withFetch(never).devices.list({}, { signal }));
  });
  const calls = Array.from({ length: 3 }, () =>
    rejected(withFetch(never).devices.list({}, { signal })),
  );
  await flushTasks();
  controller.abort("mine");
  assert.deepEqual(await Promise.all([...calls, inside]), [
    "mine",
    "mine",
    "mine",
    "mine",
  ]);
  answer(Response.json({ devices: [1], ok: true }));
  assert.deepEqual(await other, [1]);
  // The test's own, and at most one that all calls with the signal share.
  assert.ok(getEventListeners(signal, "abort").length <= 2);
});

test("sixty calls, lists and waits that share a signal cause no warning", async () => {
  const program = new URL("../support/one-signal.mjs", import.meta.url);
  const { stdout, stderr } = await run(
    process.execPath,
    [fileURLToPath(program)],
    { timeout: 60_000 },
  );
  assert.equal(stderr, "");
  assert.deepEqual(JSON.parse(stdout), {
    listed: 60,
    unlocked: 60,
    live: 20,
    warnings: [],
    listeners: { atMostOne: true, ofFetch: false },
  });
});

test("an error while one call is aborted does not keep the abort from other calls", async () => {
  const { clearTimeout } = globalThis;
  const controller = new AbortController();
  const { signal } = controller;
  let sent = 0;
  const seam = withFetch(() => {
    sent += 1;
    return new Promise(() => {});
  });
  const calls = [0, 1, 2].map(() =>
    rejected(seam.devices.list({}, { signal })),
  );
  await waitUntil(() => sent === 3);
  globalThis.clearTimeout = (timer) => {
    clearTimeout(timer);
    throw new Error("a broken clearTimeout");
  };
  const reason = new Error("the caller's own");
  try {
    controller.abort(reason);
  } finally {
    globalThis.clearTimeout = clearTimeout;
  }
  assert.deepEqual(await Promise.all(calls), [reason, reason, reason]);
});
