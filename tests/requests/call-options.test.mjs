// Options of a client and of a single call, hooks, the logger, and requests that nobody awaits.
import assert from "node:assert/strict";
import { test } from "node:test";

import { allTextOf, rejected, thrownBy } from "../support/errors.mjs";
import { Seam } from "../support/installed.mjs";
import { mockSeam, tokenOf } from "../support/mock-seam.mjs";
import { runModule } from "../support/process.mjs";
import { entry } from "../support/installed.mjs";
import { nextTask } from "../support/waiting.mjs";

const DEVICE = { device_id: "a-0" };
const unavailable = () =>
  Response.json(
    { error: { type: "unavailable", message: "later" }, ok: false },
    { status: 503, headers: { "seam-request-id": "r1" } },
  );

function client(server, options = {}) {
  return Seam.fromClientSessionToken(tokenOf("a"), {
    endpoint: "https://seam.test",
    fetch: server.fetch,
    ...options,
  });
}

/** A server that records the headers of its requests. */
function recording() {
  const server = mockSeam();
  const headers = [];
  server.answer = (_, request) => void headers.push(request.headers);
  return { server, headers };
}

test("headers of the client and of a call are sent, and replace none of the client's own", async () => {
  const { server, headers } = recording();
  const seam = client(server, { headers: { "x-app": "one", "x-tenant": "t" } });
  await seam.devices.list(
    {},
    { headers: { "x-app": "two", "client-session-token": "another" } },
  );
  await seam.devices.list();
  assert.deepEqual(
    headers.map((it) => [it.get("x-app"), it.get("x-tenant")]),
    [
      ["two", "t"],
      ["one", "t"],
    ],
  );
  for (const sent of headers)
    assert.equal(sent.get("client-session-token"), tokenOf("a"));
});

test("maxRetries of a call counts instead of the client's", async () => {
  for (const [ofClient, ofCall, requests] of [
    [0, 1, 2],
    [1, 0, 1],
    [1, undefined, 2],
  ]) {
    const server = mockSeam();
    server.answer = unavailable;
    const seam = client(server, { maxRetries: ofClient });
    const options = ofCall === undefined ? {} : { maxRetries: ofCall };
    const error = await rejected(seam.devices.list({}, options));
    assert.equal(error.statusCode, 503);
    assert.equal(server.requests.length, requests, `${ofClient}, ${ofCall}`);
  }
});

test("timeout of a call counts instead of the client's", async () => {
  const server = mockSeam();
  server.answer = () => new Promise(() => {});
  const seam = client(server, { maxRetries: 0 });
  const error = await rejected(seam.devices.list({}, { timeout: 1 }));
  assert.equal(error.code, "timeout");
});

test("the signal of a client aborts every call with its reason", async () => {
  const server = mockSeam();
  server.answer = () => new Promise(() => {});
  const controller = new AbortController();
  const seam = client(server, { signal: controller.signal });
  const own = new AbortController();
  const both = [
    seam.devices.list().execute(),
    seam.devices.list({}, { signal: own.signal }).execute(),
  ];
  const reason = new Error("the page was left");
  const settled = Promise.all(both.map(rejected));
  controller.abort(reason);
  assert.deepEqual(await settled, [reason, reason]);
  assert.equal(await rejected(seam.devices.list()), reason, "later calls");
});

for (const [name, value] of [
  ["timeout", 0],
  ["timeout", "1"],
  ["maxRetries", 11],
  ["maxRetries", 0.5],
  ["headers", { "not a name": "x" }],
  ["headers", { "x-text": "\n\u0000" }],
  ["signal", {}],
]) {
  test(`${name}: ${JSON.stringify(value)} is refused for a client and for a call`, async () => {
    const server = mockSeam();
    const ofClient = await thrownBy(() => client(server, { [name]: value }));
    const ofCall = await rejected(
      client(server).devices.list({}, { [name]: value }),
    );
    for (const error of [ofClient, ofCall]) {
      assert.equal(error.code, "invalid_options");
      assert.ok(error.message.startsWith(name), error.message);
    }
    assert.deepEqual(server.requests, []);
  });
}

test("hooks get each request, response and retry, and no secret", async () => {
  const server = mockSeam();
  let nth = 0;
  server.answer = () => ((nth += 1) === 1 ? unavailable() : undefined);
  const events = [];
  const hook = (name) => (event) => void events.push([name, event]);
  const seam = client(server, {
    hooks: {
      onRequest: hook("request"),
      onResponse: hook("response"),
      onRetry: hook("retry"),
    },
  });
  await seam.devices.list();
  const url = "https://seam.test/devices/list";
  assert.deepEqual(
    events.map(([name, { url, attempt, status, requestId }]) => [
      ...[name, url, attempt, status, requestId],
    ]),
    [
      ["request", url, 1, undefined, undefined],
      ["response", url, 1, 503, "r1"],
      ["retry", url, 1, undefined, undefined],
      ["request", url, 2, undefined, undefined],
      ["response", url, 2, 200, undefined],
    ],
  );
  const [, response, retry] = events.map(([, event]) => event);
  assert.ok(response.durationMs >= 0);
  assert.ok(retry.delayMs > 0);
  assert.equal(response.method, "POST");
  assert.ok(!allTextOf(events).includes(tokenOf("a")));
});

test("a request that gets no response has no status; a poll of an action attempt is no retry", async () => {
  const server = mockSeam();
  const events = [];
  const statuses = [];
  const seam = client(server, {
    maxRetries: 0,
    waitForActionAttempt: { pollingInterval: 1 },
    hooks: {
      onResponse: ({ status }) => void statuses.push(status),
      onRetry: (event) => void events.push(event),
    },
  });
  server.answer = () => {
    throw new TypeError("no network");
  };
  await rejected(seam.devices.list());
  assert.deepEqual(statuses, [undefined]);
  let polls = 0;
  server.answer = ({ path }) => {
    const status =
      path === "/action_attempts/get" && (polls += 1) > 1
        ? "success"
        : "pending";
    const action_attempt = { action_attempt_id: "x", status, result: {} };
    return Response.json({ action_attempt, ok: true });
  };
  await seam.locks.unlockDoor(DEVICE);
  assert.ok(polls > 1);
  assert.deepEqual(events, []);
});

test("headers that onRequest returns are sent, as tracing needs", async () => {
  const { server, headers } = recording();
  const seam = client(server, {
    hooks: { onRequest: ({ attempt }) => ({ traceparent: `00-${attempt}` }) },
  });
  await seam.devices.list();
  assert.equal(headers[0].get("traceparent"), "00-1");
});

test("a hook that throws, or returns no headers, affects no call", async () => {
  const broken = () => {
    throw new Error("a hook broke");
  };
  for (const hooks of [
    { onRequest: broken, onResponse: broken, onRetry: broken },
    { onRequest: () => ({ "not a name": "x" }) },
    { onRequest: () => 5 },
  ]) {
    const server = mockSeam();
    const seam = client(server, { hooks, headers: { "x-app": "one" } });
    assert.equal((await seam.devices.list()).length, 2);
  }
});

test("the logger gets warnings in place of the console", async (t) => {
  const warn = t.mock.method(console, "warn", () => {});
  const server = mockSeam({ size: 6 });
  const messages = [];
  const logger = { warn: (message) => void messages.push(message) };
  await client(server, { logger }).devices.list({});
  await client(server, { logger: {} })
    .events.list({})
    .catch(() => {});
  assert.equal(messages.length, 1);
  assert.match(messages[0], /^seam-session: \/devices\/list has more/);
  assert.equal(warn.mock.callCount(), 0);
  const broken = () => {
    throw new Error("a logger broke");
  };
  const seam = client(server, { logger: { warn: broken } });
  void seam.locks.unlockDoor(DEVICE);
  await nextTask();
  await nextTask();
});

test("a request that is not awaited by the next task is warned of", async () => {
  const server = mockSeam();
  const messages = [];
  const seam = client(server, {
    logger: { warn: (message) => void messages.push(message) },
  });
  const later = seam.devices.get(DEVICE);
  void seam.locks.unlockDoor(DEVICE);
  seam.createPaginator(seam.devices.list());
  void seam.devices.list().then(() => {});
  await new Promise((resolve) => setTimeout(resolve));
  await nextTask();
  assert.deepEqual(messages, [
    "seam-session: /devices/get was not sent, because its request was not awaited",
    "seam-session: /locks/unlock_door was not sent, because its request was not awaited",
  ]);
  assert.ok(server.requests.every(({ path }) => path === "/devices/list"));
  await later;
});

test("in production no request is warned of", async () => {
  const script = `
    import { Seam } from ${JSON.stringify(entry("seam-session"))};
    const seam = Seam.fromClientSessionToken("seam_cst1abc_def");
    void seam.locks.unlockDoor({ device_id: "a" });
    setTimeout(() => setTimeout(() => console.log("done")));`;
  const warned = async (NODE_ENV) => {
    const { stderr, stdout } = await runModule(script, {
      env: { ...process.env, NODE_ENV },
    });
    assert.match(stdout, /done/);
    return /was not awaited/.test(stderr);
  };
  assert.equal(await warned("production"), false);
  assert.equal(await warned("development"), true);
});
