// Readiness probes: how tools that start a server for a test find out that the sandbox is up.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { test } from "node:test";

import { command, startSandbox } from "../support/sandbox.mjs";

for (const path of ["/", "/health", "/health?from=test"]) {
  test(`GET and HEAD of ${path} answer 200 without a credential`, async (t) => {
    const { endpoint } = await startSandbox(t);
    const answer = await fetch(endpoint + path);
    assert.equal(answer.status, 200);
    assert.deepEqual(await answer.json(), { ok: true });
    const head = await fetch(endpoint + path, { method: "HEAD" });
    assert.equal(head.status, 200);
    assert.equal(await head.text(), "");
  });
}

test("no other method and no other path is a probe", async (t) => {
  const { endpoint } = await startSandbox(t);
  for (const [method, path] of [
    ["POST", "/health"],
    ["DELETE", "/"],
    ["GET", "/healthy"],
    ["GET", "//"],
  ]) {
    const { status } = await fetch(endpoint + path, { method });
    assert.equal(status, 404, `${method} ${path}`);
  }
});

test("a fault does not affect a probe, nor does a probe use up a fault", async (t) => {
  const { endpoint, api_key } = await startSandbox(t, [
    "--fault",
    '{ "fault": "outage", "times": 1 }',
  ]);
  assert.equal((await fetch(`${endpoint}/health`)).status, 200);
  const headers = { authorization: `Bearer ${api_key}` };
  const list = async () =>
    (await fetch(`${endpoint}/devices/list`, { method: "POST", headers }))
      .status;
  assert.deepEqual([await list(), await list()], [503, 200]);
});

test("the log names a probe by its path", async (t) => {
  const { child, ended } = command([
    "sandbox",
    "--port",
    "0",
    "--json",
    "--log",
  ]);
  t.after(() => (child.kill(), ended));
  const [text] = await once(createInterface({ input: child.stdout }), "line");
  const logged = once(createInterface({ input: child.stderr }), "line");
  await fetch(`${JSON.parse(text).endpoint}/health`);
  assert.match((await logged)[0], / GET \/health 200 /);
});
