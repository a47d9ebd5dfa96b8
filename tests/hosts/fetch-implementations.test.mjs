// One scenario with every implementation of `fetch`: all give the same results and send the same
// requests.
import assert from "node:assert/strict";
import { test } from "node:test";

import { MockAgent, fetch as undiciFetch } from "undici";

import { IMPLEMENTATIONS } from "../support/fetch-implementations.mjs";
import { expected, scenario } from "../support/scenarios/fetch.mjs";
import { MISBEHAVING, makeUpstream } from "../support/upstream.mjs";
import { rejected } from "../support/errors.mjs";
import { seamAt, withFetch } from "../support/clients.mjs";
import { waitUntil } from "../support/waiting.mjs";

/** The requests of the scenario, in their order. */
function expectedRequests({ info, device_id, attempt }) {
  const token = info.client_session_token;
  const headers = {
    accept: "application/json",
    authorization: `Bearer ${token}`,
    "client-session-token": token,
    "content-type": "application/json",
    "seam-sdk-name": "seam-session",
    "seam-sdk-version": "0.1.0",
  };
  const awkward = (row, path) => [path, { device_id: MISBEHAVING[row][1] }];
  return [
    ["/devices/list", {}],
    ["/locks/unlock_door", { device_id }],
    ["/action_attempts/get", { action_attempt_id: attempt }],
    ["/devices/list", {}],
    ["/client_sessions/get", {}],
    ["/devices/list", {}],
    ["/devices/list", {}],
    ["/locks/get", { device_id: info.device_ids.at(-1) }],
    awkward("abortedDuring", "/locks/get"),
    awkward("abortedReading", "/locks/get"),
    awkward("timedOut", "/devices/get"),
    awkward("timedOutReading", "/devices/get"),
    awkward("dropped", "/devices/get"),
    awkward("droppedAction", "/locks/unlock_door"),
    awkward("severed", "/devices/get"),
    awkward("retried", "/devices/get"),
    awkward("retried", "/devices/get"),
    awkward("redirected", "/devices/get"),
  ].map(([path, body]) => ({
    method: "POST",
    path,
    headers,
    body: JSON.stringify(body),
  }));
}

for (const { name, use, cancels } of IMPLEMENTATIONS) {
  test(`every kind of call works alike and sends the same with ${name}`, async (t) => {
    const upstream = await makeUpstream();
    const { endpoint, fetch } = await use(t, upstream);
    const { requests, info } = upstream;

    const result = await scenario({ upstream, endpoint, fetch });

    assert.deepEqual(result, expected);
    const bodyOf = (path) =>
      JSON.parse(requests.find((it) => it.path === path).body);
    assert.deepEqual(
      requests.map(({ cancelled, ...request }) => request),
      expectedRequests({
        info,
        device_id: bodyOf("/locks/unlock_door").device_id,
        attempt: bodyOf("/action_attempts/get").action_attempt_id,
      }),
    );
    if (!cancels) return;
    const given = ["abortedDuring", "abortedReading", "timedOut"];
    for (const row of [...given, "timedOutReading"]) {
      const [, device_id] = MISBEHAVING[row];
      const request = requests.find(({ body }) => body.includes(device_id));
      await waitUntil(() => request.cancelled);
    }
  });
}

/** Fails unless both arguments of `fetch` hold all of the request, and only once. */
async function checkComplete([request, init, ...rest]) {
  assert.deepEqual(rest, []);
  assert.ok(request instanceof Request);
  assert.equal(`${request}`, request.url);
  assert.equal(request.url, "https://seam.test/devices/list");
  assert.equal(init.method, "POST");
  assert.equal(request.method, "POST");
  const headers = [...new Headers(init.headers)];
  assert.deepEqual(headers, [...request.headers]);
  assert.equal(new Headers(headers).get("content-type"), "application/json");
  assert.equal(init.body, '{"limit":7}');
  assert.equal(await request.text(), '{"limit":7}');
  assert.equal(init.redirect, "manual");
  assert.equal(request.redirect, "manual");
  assert.equal(init.credentials, "omit");
  assert.equal(request.credentials, "omit");
  assert.ok(init.signal instanceof AbortSignal);
  assert.deepEqual([init.signal.aborted, request.signal.aborted], [true, true]);
}

test("a fetch option receives the complete request in either argument", async () => {
  let args;
  const controller = new AbortController();
  const call = withFetch((...given) => {
    args = given;
    return new Promise(() => {});
  }).devices.list({ limit: 7 }, { signal: controller.signal });
  const settled = rejected(call);
  await waitUntil(() => args !== undefined);
  assert.equal(args[1].signal.aborted, false);
  assert.equal(args[0].signal.aborted, false);

  controller.abort();

  assert.equal((await settled).name, "AbortError");
  await checkComplete(args);
});

test("the global fetch receives the complete request in either argument", async (t) => {
  let args;
  t.mock.method(globalThis, "fetch", (...given) => {
    args = given;
    return new Promise(() => {});
  });
  const controller = new AbortController();
  const call = seamAt("https://seam.test").devices.list(
    { limit: 7 },
    { signal: controller.signal },
  );
  const settled = rejected(call);
  await waitUntil(() => args !== undefined);

  controller.abort();

  assert.equal((await settled).name, "AbortError");
  await checkComplete(args);
});

test("a MockAgent of npm's undici can mock success, refusal and failure", async (t) => {
  const dispatcher = new MockAgent();
  dispatcher.disableNetConnect();
  t.after(() => dispatcher.close());
  const mock = dispatcher.get("https://seam.test");
  const seam = withFetch((url, init) =>
    undiciFetch(url, { ...init, dispatcher }),
  );
  const list = { path: "/devices/list", method: "POST", body: "{}" };
  const json = { headers: { "content-type": "application/json" } };
  const refusal = { error: { type: "device_not_found", message: "m" } };

  mock.intercept(list).reply(200, { devices: [1, 2], ok: true }, json);
  assert.deepEqual(await seam.devices.list(), [1, 2]);
  mock.intercept(list).reply(404, refusal, json);
  assert.equal((await rejected(seam.devices.list())).code, "device_not_found");
  mock.intercept(list).replyWithError(new Error("the mock's own"));
  const failed = await rejected(seam.devices.list());
  assert.equal(failed.code, "network_error");
  assert.equal(failed.cause.cause.message, "the mock's own");
  // Nothing is left that it would answer.
  const unknown = await rejected(seam.devices.list());
  assert.equal(unknown.code, "network_error");
  assert.match(unknown.cause.cause.message, /^Mock dispatch not matched/);
});

test("an error before fetch is called has the outcome not_sent and its own cause", async (t) => {
  class Unwilling {
    constructor() {
      throw new TypeError("no request is built here");
    }
  }
  const { Request } = globalThis;
  t.after(() => (globalThis.Request = Request));
  globalThis.Request = Unwilling;
  const seam = withFetch(() => assert.fail("it was sent"), { maxRetries: 2 });
  for (const call of [
    seam.devices.list(),
    seam.locks.unlockDoor({ device_id: "d" }),
  ]) {
    const error = await rejected(call);
    assert.equal(error.outcome, "not_sent");
    assert.notEqual(error.code, "invalid_endpoint");
    assert.equal(error.cause.message, "no request is built here");
  }
});
