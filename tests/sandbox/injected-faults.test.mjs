// Injected faults as a client meets them: over HTTP and in process.
import assert from "node:assert/strict";
import { Agent, request as ask } from "node:http";
import { test } from "node:test";

import { Sandbox, Seam } from "../support/installed.mjs";
import { command, startSandbox } from "../support/sandbox.mjs";

/** A sandbox behind HTTP, and one in process, each with the same face. */
const KINDS = {
  "over HTTP": async (t) => {
    const info = await startSandbox(t);
    return { info, fetch };
  },
  "in process": async () => {
    const { info, fetch } = await Sandbox.create();
    return { info, fetch };
  },
};

/** Asks as the back end. */
async function call({ info, fetch }, path, params, method = "POST") {
  return await fetch(`${info.endpoint}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${info.api_key}`,
      "content-type": "application/json",
    },
    body: params === undefined ? undefined : JSON.stringify(params),
  });
}

async function add(sandbox, fault) {
  const response = await call(sandbox, "/_sandbox/faults", fault);
  assert.equal(response.status, 200, await response.clone().text());
  return (await response.json()).fault;
}

async function locked({ info, fetch }, device_id) {
  const seam = Seam.fromApiKey(info.api_key, {
    endpoint: info.endpoint,
    fetch,
  });
  return (await seam.devices.get({ device_id })).properties.locked;
}

async function attempts(sandbox) {
  const response = await call(sandbox, "/_sandbox/state", undefined, "GET");
  return (await response.json()).state.workspace.attempts.length;
}

for (const [kind, start] of Object.entries(KINDS)) {
  test(`${kind}: an outage and a rate limit are answers`, async (t) => {
    const sandbox = await start(t);
    await add(sandbox, { fault: "outage", times: 1 });
    await add(sandbox, { fault: "rate_limit", retry_after: 3, times: 1 });
    const outage = await call(sandbox, "/devices/list");
    assert.deepEqual([outage.status, await outage.text()], [503, ""]);
    const limit = await call(sandbox, "/devices/list");
    assert.equal(limit.status, 429);
    assert.equal(limit.headers.get("retry-after"), "3");
    assert.equal((await limit.json()).error.type, "too_many_requests");
    assert.equal((await call(sandbox, "/devices/list")).status, 200);
  });

  test(`${kind}: a dropped connection is a network error, before or after the effect`, async (t) => {
    for (const [fault, reset, effect] of [
      ["drop_before", false, 0],
      ["drop_before", true, 0],
      ["drop_after", false, 1],
      ["drop_after", true, 1],
    ]) {
      const sandbox = await start(t);
      const [device_id] = sandbox.info.device_ids;
      const before = await attempts(sandbox);
      await add(sandbox, { fault, reset, times: 1, path: "/locks/*" });
      await assert.rejects(
        call(sandbox, "/locks/unlock_door", { device_id }),
        TypeError,
      );
      assert.equal((await attempts(sandbox)) - before, effect, fault);
    }
  });

  test(`${kind}: a truncated answer has its head and fails within its body`, async (t) => {
    const sandbox = await start(t);
    for (const after_bytes of [undefined, 0, 10]) {
      await add(sandbox, { fault: "truncate", times: 1, after_bytes });
      const response = await call(sandbox, "/devices/list");
      assert.equal(response.status, 200);
      await assert.rejects(response.text(), TypeError);
    }
  });

  test(`${kind}: latency holds the answer back, and an abort ends the wait`, async (t) => {
    const sandbox = await start(t);
    await add(sandbox, { fault: "latency", latency_ms: 200, times: 1 });
    const began = performance.now();
    assert.equal((await call(sandbox, "/devices/list")).status, 200);
    assert.ok(performance.now() - began >= 195);
    await add(sandbox, { fault: "latency", latency_ms: 600_000, times: 1 });
    const { info, fetch } = sandbox;
    const signal = AbortSignal.timeout(100);
    const headers = { authorization: `Bearer ${info.api_key}` };
    await assert.rejects(
      fetch(`${info.endpoint}/devices/list`, { headers, signal }),
      { name: "TimeoutError" },
    );
    assert.equal((await call(sandbox, "/devices/list")).status, 200);
  });

  test(`${kind}: an action whose connection broke is sent once and has the outcome unknown`, async (t) => {
    const sandbox = await start(t);
    const { info, fetch } = sandbox;
    const [device_id] = info.device_ids;
    const seam = Seam.fromApiKey(info.api_key, {
      endpoint: info.endpoint,
      fetch,
    });
    const before = await attempts(sandbox);
    await add(sandbox, { fault: "drop_after", path: "/locks/unlock_door" });
    await assert.rejects(seam.locks.unlockDoor({ device_id }), {
      outcome: "unknown",
    });
    assert.equal((await attempts(sandbox)) - before, 1);
  });
}

test("an attempt that fails is an error of our client's, with its type", async () => {
  const sandbox = await Sandbox.create();
  const { info, fetch } = sandbox;
  const seam = Seam.fromApiKey(info.api_key, {
    endpoint: info.endpoint,
    fetch,
  });
  const [device_id] = info.device_ids;
  const before = await locked(sandbox, device_id);
  const path = before ? "unlockDoor" : "lockDoor";
  sandbox.addFault({
    fault: "attempt_fails",
    device_id,
    error_type: "jammed",
    times: 1,
  });
  await assert.rejects(seam.locks[path]({ device_id }), (error) => {
    assert.equal(error.actionAttempt.error.type, "jammed");
    return true;
  });
  assert.equal(await locked(sandbox, device_id), before);
  sandbox.addFault({ fault: "attempt_hangs", times: 1 });
  await assert.rejects(
    seam.locks[path](
      { device_id },
      { waitForActionAttempt: { timeout: 300, pollingInterval: 50 } },
    ),
    { name: "SeamActionAttemptTimeoutError" },
  );
});

test("a device goes offline by Seam's own route", async () => {
  const sandbox = await Sandbox.create();
  const [device_id] = sandbox.info.device_ids;
  const off = await call(sandbox, "/devices/simulate/disconnect", {
    device_id,
  });
  assert.equal(off.status, 200, await off.text());
  const got = await call(sandbox, "/devices/get", { device_id });
  assert.equal((await got.json()).device.properties.online, false);
});

test("a fault of reused connections affects a warm connection and not a fresh one", async (t) => {
  const { endpoint, api_key } = await startSandbox(t, [
    "--fault",
    '{"fault":"drop_after","path":"/locks/list","reused_connection":true}',
  ]);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  t.after(() => agent.destroy());
  const send = () =>
    new Promise((resolve) => {
      const headers = { authorization: `Bearer ${api_key}` };
      const request = ask(`${endpoint}/locks/list`, { agent, headers });
      request.on("response", (response) => {
        response.resume().on("end", () => resolve(response.statusCode));
      });
      request.on("error", ({ code }) => resolve(code));
      request.end();
    });
  assert.deepEqual(
    [await send(), await send(), await send(), await send()],
    [200, "ECONNRESET", 200, "ECONNRESET"],
  );
});

test("in process the clock is moved, sessions end and faults are taken away", async () => {
  const sandbox = await Sandbox.create();
  const { info, fetch } = sandbox;
  const { client_session_token } = info;
  const status = async () =>
    (
      await fetch(`${info.endpoint}/devices/list`, {
        headers: { "client-session-token": client_session_token },
      })
    ).status;
  const { fault_id } = sandbox.addFault({ fault: "outage" });
  sandbox.addFault({ fault: "outage" });
  assert.equal(await status(), 503);
  sandbox.removeFaults(fault_id);
  assert.equal(sandbox.faults().length, 1);
  sandbox.removeFaults();
  assert.equal(await status(), 200);
  const { now } = sandbox.clock();
  const later = sandbox.advanceClock(60_000);
  assert.equal(later.ahead_ms, 60_000);
  assert.ok(Date.parse(later.now) - Date.parse(now) >= 60_000);
  sandbox.endSession({ client_session_token });
  assert.equal(await status(), 401);
  assert.throws(() => sandbox.addFault({ fault: "fire" }), /"fault"/);
  await assert.rejects(
    Sandbox.create({ faults: [{ fault: "fire" }] }),
    /fault 1: .*"fault"/,
  );
});

test("in process coverage can be asserted, and counted anew", async () => {
  const sandbox = await Sandbox.create();
  const { info, fetch } = sandbox;
  const seam = Seam.fromClientSessionToken(info.client_session_token, {
    endpoint: info.endpoint,
    fetch,
  });
  await seam.devices.list();
  const covered = () =>
    sandbox
      .coverage()
      .by_route.filter((it) => it.in_scope > 0)
      .map((it) => it.path);
  assert.deepEqual(covered(), ["/devices/list"]);
  assert.equal(sandbox.coverage().routes, 71);
  sandbox.resetCoverage();
  assert.deepEqual(covered(), []);
});

test("limits are those of the documentation, and can be left out", async (t) => {
  for (const [args, expected] of [
    [[], 429],
    [["--no-rate-limits"], 200],
  ]) {
    const info = await startSandbox(t, args);
    const [device_id] = info.device_ids;
    let last;
    for (let nth = 0; nth < 16; nth += 1)
      last = await call({ info, fetch }, "/locks/lock_door", { device_id });
    assert.equal(last.status, expected);
  }
});

test("an invalid fault is reported in one sentence", async () => {
  for (const [fault, named] of [
    ["{", /not JSON/],
    ["[]", /not a JSON object/],
    ['{"fault":"fire"}', /fault 1: .*"fault"/],
    ['{"fault":"outage","path":"/nowhere"}', /"path"/],
  ]) {
    const { code, err, out } = await command([
      ...["sandbox", "--port", "0", "--fault", fault],
    ]).ended;
    assert.deepEqual([code, out], [2, ""]);
    assert.match(err, /^seam-session: [^\n]+\n$/);
    assert.match(err, named);
  }
});
