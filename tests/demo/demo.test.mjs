// The demo command and its back end. Its page is tested in page.browser.test.mjs.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { request } from "node:http";
import { connect, createServer } from "node:net";
import { after, before, describe, test } from "node:test";

import { demo, startDemo } from "../support/demo.mjs";
import { waitUntil } from "../support/waiting.mjs";

const STORY = [
  "creates the user identity user-1",
  "grants it one device, the Front Door",
  "creates its client session",
  "lists its devices: exactly the one",
  "unlocks the Front Door, and waits",
  "asks for the Back Door: refused",
  "tries to unlock the Back Door: refused, and nothing changed",
  "a second grant, the Back Door: two",
  "the first grant revoked, the Front Door: one",
];

function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test("--once prints each step of the story and exits with 0", async () => {
  const { code, out, err } = await demo(["--once"]).ended;
  assert.equal(err, "");
  assert.equal(code, 0);
  const steps = [...out.matchAll(/^ {2}✓ +\d+ {2}(.+)$/gm)].map(([, it]) => it);
  assert.deepEqual(steps, STORY);
  for (const came of [
    "1: Front Door",
    "action attempt success",
    "404 device_not_found, outcome refused; the back end sees locked: true, as before",
    "2: Back Door, Front Door",
    "1: Back Door",
  ])
    assert.ok(out.includes(came), `${came} in ${out}`);
  assert.doesNotMatch(out, /seam_\w{8,}/, "no key, and no whole token");
  const [, pid] = /process (\d+)/.exec(out);
  assert.equal(isRunning(Number(pid)), false, "the sandbox has ended too");
});

for (const [option, port] of [
  ["--port", "the page's"],
  ["--sandbox-port", "the sandbox's"],
]) {
  test(`a port in use for ${port} is one sentence with the remedy`, async (t) => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    t.after(() => other.close());
    const taken = String(other.address().port);
    const args = option === "--port" ? [] : ["--port", "0"];
    const { code, out, err } = await demo([...args, option, taken]).ended;
    assert.equal(code, 1);
    assert.equal(out, "");
    assert.equal(err.trim().split("\n").length, 1);
    assert.match(err, new RegExp(`port ${taken} is in use: .*${option}`, "i"));
  });
}

test("an unknown option or an invalid port is reported without a stack", async () => {
  for (const args of [
    ["--ports", "1"],
    ["--port", "70000"],
    ["--port"],
    ["--port", "0", "--random-seed", "x"],
    ["--port", "0", "--devices", "x"],
  ]) {
    const { code, err } = await demo(args).ended;
    assert.equal(code, 1);
    assert.match(err, /^demo: .*--(random-seed|port|devices)/);
    assert.doesNotMatch(err, /\n {4}at /);
  }
});

for (const [what, by] of [
  ["Ctrl-C", "SIGINT"],
  ["SIGTERM", "SIGTERM"],
  ["a closed terminal", "SIGHUP"],
]) {
  test(`${what} ends the demo with 0 and leaves no sandbox behind`, async (t) => {
    const { sandbox, stop } = await startDemo(t);
    assert.equal(isRunning(sandbox), true);
    const { code, signal, err } = await stop(by);
    assert.deepEqual({ code, signal, err }, { code: 0, signal: null, err: "" });
    assert.equal(isRunning(sandbox), false);
  });
}

test("when a test file is stopped, its demo and sandbox stop too", async (t) => {
  const support = new URL("../support/demo.mjs", import.meta.url);
  const file = spawn(process.execPath, [
    "--input-type=module",
    "--eval",
    `import { startDemo } from ${JSON.stringify(support.href)};
    const { address, endpoint } = await startDemo();
    console.log(JSON.stringify([address, endpoint]));`,
  ]);
  t.after(() => file.kill());
  file.stderr.pipe(process.stderr);
  const [line] = await once(file.stdout.setEncoding("utf8"), "data");
  const [address, endpoint] = JSON.parse(line);
  assert.equal((await fetch(address)).status, 200);
  file.kill("SIGTERM");
  assert.deepEqual(await once(file, "close"), [143, null]);
  for (const each of [address, endpoint]) {
    const refuses = () =>
      fetch(each).then(
        () => false,
        () => true,
      );
    await waitUntil(refuses);
  }
});

test("the demo reports a sandbox that dies and does not exit with 0", async (t) => {
  const { sandbox, address, printed, stop } = await startDemo(t);
  process.kill(sandbox, "SIGKILL");
  await printed(/The sandbox \(process \d+\) has ended: ended by SIGKILL/);
  const answer = await fetch(`${address}/api/workspace`);
  assert.equal(answer.status, 502);
  assert.equal((await answer.json()).error.code, "sandbox_gone");
  assert.equal((await stop()).code, 1);
});

describe("the back end", () => {
  let running;
  before(async () => (running = await startDemo()));
  after(() => running.stop());

  /** Sends exactly these headers, which `fetch` would not. */
  async function send(method, path, headers = {}, body = "") {
    const sent = request(`${running.address}${path}`, { method, headers });
    sent.end(body);
    const [response] = await once(sent, "response");
    let text = "";
    for await (const chunk of response.setEncoding("utf8")) text += chunk;
    return { status: response.statusCode, headers: response.headers, text };
  }

  const put = (value, headers) =>
    sendJson("PUT", "/api/grants", value, headers);
  const session = (value, headers) =>
    sendJson("POST", "/api/session", value, headers);

  /** As the page sends it. */
  const sendJson = (method, path, value, headers = {}) =>
    send(
      method,
      path,
      {
        origin: running.address,
        "content-type": "application/json",
        ...headers,
      },
      typeof value === "string" ? value : JSON.stringify(value),
    );

  async function workspace() {
    return JSON.parse((await send("GET", "/api/workspace")).text);
  }

  test("grants and revokes access in the workspace", async () => {
    const { devices } = await workspace();
    const { device_id } = devices.find(
      ({ display_name }) => display_name === "Pool Gate",
    );
    for (const granted of [true, true, false, false]) {
      const { status } = await put({ user: "user-2", device_id, granted });
      assert.equal(status, 200);
      const { users } = await workspace();
      const { device_ids } = users.find(({ key }) => key === "user-2");
      assert.equal(device_ids.includes(device_id), granted);
    }
  });

  test("gives a user's app an endpoint and a client session token, and no more", async () => {
    const { status, headers, text } = await session({ user: "user-1" });
    assert.equal(status, 200);
    assert.equal(headers["cache-control"], "no-store");
    const { endpoint, client_session_token, ...rest } = JSON.parse(text);
    assert.equal(endpoint, running.endpoint);
    assert.match(client_session_token, /^seam_cst/);
    assert.deepEqual(rest, {});
  });

  test("refuses what another site's page sends, and changes nothing", async () => {
    const before = (await workspace()).users;
    const { device_id } = (await workspace()).devices[0];
    const value = { user: "user-1", device_id, granted: true };
    for (const headers of [
      { origin: "https://elsewhere.example" },
      { origin: "null" },
      { origin: running.endpoint },
      { host: "elsewhere.example" },
    ]) {
      for (const ask of [put, session]) {
        const { status, text } = await ask(value, headers);
        assert.ok([403, 421].includes(status), `${status} ${text}`);
        assert.doesNotMatch(text, /seam_/);
      }
    }
    for (const [method, path] of [
      ["PUT", "/api/grants"],
      ["POST", "/api/session"],
    ]) {
      const bare = await send(method, path, {}, JSON.stringify(value));
      assert.equal(bare.status, 403);
    }
    const rebound = await session(value, {
      host: `elsewhere.example:${running.port}`,
    });
    assert.equal(rebound.status, 421);
    assert.doesNotMatch(rebound.text, /seam_/);
    assert.deepEqual((await workspace()).users, before);
  });

  test("is at its own address, however that is written", async () => {
    const { port } = running;
    for (const [host, wanted] of [
      [`localhost:${port}`, 200],
      [`LOCALHOST:${port}`, 200],
      ["localhost", 421],
      [`127.0.0.1:${port}`, 421],
      [`elsewhere.example@localhost:${port}`, 421],
      [`localhost:${port}#`, 421],
      ["[", 421],
    ]) {
      const { status } = await send("GET", "/", { host });
      assert.equal(status, wanted, host);
    }
  });

  test("responds to a malformed target with a client error", async () => {
    for (const target of ["//", "http://[", "http://"]) {
      const socket = connect(running.port, "127.0.0.1");
      socket.end(
        `GET ${target} HTTP/1.1\r\nHost: localhost:${running.port}\r\nConnection: close\r\n\r\n`,
      );
      let text = "";
      for await (const chunk of socket.setEncoding("utf8")) text += chunk;
      assert.match(text, /^HTTP\/1\.1 400 /, target);
    }
  });

  test("answers bad input with its own error, in JSON and without a stack", async () => {
    const device_id = "00000000-0000-4000-8000-000000000000";
    const good = { user: "user-1", device_id, granted: true };
    const cases = [
      [await put(good), 404, "device_not_found"],
      [await put({ ...good, user: "user-9" }), 404, "user_not_found"],
      [await put({ ...good, user: "__proto__" }), 404, "user_not_found"],
      [await put({ ...good, device_id: "../x" }), 400, "invalid_input"],
      [await put({ ...good, device_id: 7 }), 400, "invalid_input"],
      [await put({ ...good, granted: "yes" }), 400, "invalid_input"],
      [await put("{"), 400, "invalid_input"],
      [await put("[]"), 400, "invalid_input"],
      [await put("null"), 400, "invalid_input"],
      [await put(" ".repeat(5_000)), 413, "too_large"],
      [await put(good, { "content-type": "text/plain" }), 415, "not_json"],
      [await send("GET", "//"), 400, "invalid_target"],
      [await session({}), 404, "user_not_found"],
      [await session({ user: "x" }), 404, "user_not_found"],
      [await send("GET", "/api/session"), 405, "method_not_allowed"],
      [await send("DELETE", "/api/workspace"), 405, "method_not_allowed"],
      [await send("POST", "/"), 405, "method_not_allowed"],
      [await send("GET", "/api/nothing"), 404, "not_found"],
      [await send("GET", "/../demo.mjs"), 404, "not_found"],
      [await send("GET", "/%2e%2e/demo.mjs"), 404, "not_found"],
    ];
    for (const [{ status, headers, text }, wanted, code] of cases) {
      assert.equal(status, wanted, text);
      assert.equal(headers["content-type"], "application/json");
      const { error, ...rest } = JSON.parse(text);
      assert.deepEqual(Object.keys(error), ["code", "message"]);
      assert.equal(error.code, code);
      assert.deepEqual(rest, {});
    }
  });

  test("its page may run its own script and wasm, and talk to itself and the sandbox", async () => {
    const { status, headers } = await send("GET", "/");
    assert.equal(status, 200);
    const policy = headers["content-security-policy"].split("; ");
    for (const rule of [
      "default-src 'none'",
      "script-src 'self' 'wasm-unsafe-eval'",
      "style-src 'self'",
      `connect-src 'self' ${running.endpoint}`,
      "frame-ancestors 'none'",
    ])
      assert.ok(policy.includes(rule), rule);
    assert.equal(headers["x-content-type-options"], "nosniff");
  });
});
