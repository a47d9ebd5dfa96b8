// Requests and their responses, paths that have no method, and errors across copies of the package.
import assert from "node:assert/strict";
import { cpSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";

import { rejected } from "../support/errors.mjs";
import { client, folder, Seam } from "../support/installed.mjs";
import { recording } from "../support/recording-client.mjs";
import { temporaryFolder } from "../support/temporary-folder.mjs";
import { PENDING, SUCCESS } from "../support/clients.mjs";

test("a request shows its method, URL and body before it is sent", () => {
  const { seam, requests } = recording({});
  const list = seam.devices.list({ limit: 2 });
  assert.equal(list.url.href, "https://seam.test/devices/list");
  assert.equal(list.pathname, "/devices/list");
  assert.equal(list.method, "POST");
  assert.deepEqual(list.body, { limit: 2 });
  assert.equal(list.params, undefined);
  assert.equal(list.responseKey, "devices");
  assert.equal(list.hasPagination, true);
  assert.equal(seam.clientSessions.create().method, "PUT");
  assert.equal(seam.locks.unlockDoor({ device_id: "d" }).hasPagination, false);
  assert.equal(requests.length, 0);
});

test("fetchResponse resolves to the response without waiting, and awaiting the request afterwards sends nothing more", async () => {
  const { seam, requests } = recording({
    "/locks/unlock_door": PENDING,
    "/action_attempts/get": SUCCESS,
  });
  const unlock = seam.locks.unlockDoor({ device_id: "d" });
  assert.deepEqual(await unlock.fetchResponse(), PENDING);
  assert.equal((await unlock).status, "success");
  assert.deepEqual(await unlock.fetchResponse(), PENDING);
  assert.deepEqual(
    requests.map(({ path, body }) => [path, body]),
    [
      ["/locks/unlock_door", { device_id: "d" }],
      ["/action_attempts/get", { action_attempt_id: "a-1" }],
    ],
  );
});

test("fetchResponse of an awaited request sends nothing more", async () => {
  const { seam, requests } = recording({
    "/devices/list": { devices: [1], ok: true, more: "x" },
  });
  const list = seam.devices.list();
  assert.deepEqual(await list, [1]);
  assert.deepEqual(await list.fetchResponse(), {
    devices: [1],
    ok: true,
    more: "x",
  });
  assert.equal(requests.length, 1);
});

test("whatever the server adds arrives as JSON.parse gives it", async () => {
  const text =
    '{"devices":[{"__proto__":{"x":1},"big":12345678901234567890,"e":1e400,"u":"\\ud800\\u0000é😀","dup":1,"dup":2}],"ok":true}';
  const seam = new Seam({
    clientSessionToken: "seam_cst1a_b",
    fetch: async () => new Response(text),
  });
  assert.deepEqual(await seam.devices.list(), JSON.parse(text).devices);
});

test("a route that is not known yet can be called by its path, and is never sent twice", async () => {
  const { seam, requests } = recording({
    "/robots/dance": { anything: 1, ok: true },
  });
  assert.deepEqual(await seam.request("/robots/dance", { robot_id: "r" }), {
    anything: 1,
    ok: true,
  });
  assert.deepEqual(requests[0].body, { robot_id: "r" });
  let sent = 0;
  const failing = new Seam({
    clientSessionToken: "seam_cst1a_b",
    fetch: () => ((sent += 1), Promise.reject(new Error("gone"))),
  });
  await rejected(failing.request("/robots/dance"));
  assert.equal(sent, 1);
});

test("a path that could lead elsewhere is refused before anything is sent", async () => {
  const { seam, requests } = recording({});
  for (const path of [
    ".evil.test/x",
    "//evil.test",
    "\\\\evil.test",
    "/a/../b",
    "/a?b",
    "/A",
    "",
    "/a\nb",
    "https://evil.test/",
  ]) {
    const error = await rejected(seam.request(path));
    assert.equal(error.code, "invalid_path", path);
    assert.equal(error.outcome, "not_sent");
  }
  assert.equal(requests.length, 0);
});

test("errors are recognised across two copies of the package", async (t) => {
  const other = temporaryFolder(t);
  cpSync(folder, other, { recursive: true });
  const copy = await import(pathToFileURL(join(other, "dist/index.js")).href);
  assert.notEqual(copy.SeamError, client.SeamError);
  const seam = copy.Seam.fromClientSessionToken("seam_cst1a_b", {
    fetch: async () =>
      Response.json(
        { error: { type: "client_session_expired", message: "m" } },
        { status: 401 },
      ),
  });
  const error = await rejected(seam.devices.list());
  assert.ok(error instanceof client.SeamError);
  assert.ok(error instanceof client.SeamHttpApiError);
  assert.ok(error instanceof client.SeamHttpUnauthorizedError);
  assert.ok(!(error instanceof client.SeamHttpInvalidInputError));
  assert.ok(client.isSeamHttpApiError(error));
  assert.ok(client.isSeamHttpUnauthorizedError(error));
  assert.ok(!client.isSeamActionAttemptError(error));
  class Mine extends client.SeamError {}
  assert.ok(!(error instanceof Mine));
  for (const value of [null, undefined, 7, "x", {}, new Error("x")])
    assert.ok(!(value instanceof client.SeamError));
});

test("unknown namespaces and methods throw a normal TypeError", () => {
  const { seam } = recording({});
  assert.throws(() => seam.robots.list(), TypeError);
  assert.throws(() => seam.devices.dance(), TypeError);
});

test("large or deeply nested responses are parsed, and the next call works", async () => {
  const many = JSON.stringify({
    devices: Array.from({ length: 50_000 }, (_, n) => ({
      n,
      text: "x".repeat(1_000),
    })),
    ok: true,
  });
  const answers = [
    `{"devices":${"[".repeat(10_000)}${"]".repeat(10_000)},"ok":true}`,
    many,
    '{"devices":[1],"ok":true}',
  ];
  const seam = new Seam({
    clientSessionToken: "seam_cst1a_b",
    maxRetries: 0,
    fetch: async () => new Response(answers.shift()),
  });
  let depth = 0;
  for (let at = await seam.devices.list(); at; [at] = at) depth += 1;
  assert.equal(depth, 10_000);
  assert.equal((await seam.devices.list()).length, 50_000);
  assert.deepEqual(await seam.devices.list(), [1]);
});

test("actionAttempts.get waits for the attempt as the action does, unless an option says otherwise", async () => {
  let asked = 0;
  const { seam } = recording({
    "/action_attempts/get": () => ((asked += 1) < 3 ? PENDING : SUCCESS),
  });
  const id = { action_attempt_id: "a-1" };
  const wait = { timeout: 10_000, pollingInterval: 5 };
  assert.equal(
    (await seam.actionAttempts.get(id, { waitForActionAttempt: false })).status,
    "pending",
  );
  assert.equal(
    (await seam.actionAttempts.get(id, { waitForActionAttempt: wait })).status,
    "success",
  );
  assert.equal(asked, 3);
});

test("waitForActionAttempt is an option of the client, which a call can override", async () => {
  const { seam } = recording(
    { "/locks/unlock_door": PENDING, "/action_attempts/get": SUCCESS },
    { waitForActionAttempt: false },
  );
  assert.equal(
    (await seam.locks.unlockDoor({ device_id: "d" })).status,
    "pending",
  );
  assert.equal(
    (
      await seam.locks.unlockDoor(
        { device_id: "d" },
        { waitForActionAttempt: true },
      )
    ).status,
    "success",
  );
});

test("an attempt can be polled after fetchResponse, and is not polled without need", async () => {
  const refusals = {
    401: { error: { type: "unauthorized", message: "m" } },
    404: { error: { type: "device_not_found", message: "m" } },
  };
  for (const [status, refusal] of Object.entries(refusals)) {
    const seam = new Seam({
      apiKey: "seam_a_b",
      fetch: async (request) =>
        request.url.endsWith("unlock_door")
          ? Response.json(PENDING)
          : Response.json(refusal, { status: Number(status) }),
    });
    const unlock = seam.locks.unlockDoor({ device_id: "d" });
    await unlock.fetchResponse();
    const error = await rejected(unlock);
    assert.equal(error.outcome, "unknown");
    assert.equal(error.actionAttempt.action_attempt_id, "a-1");
  }
  const { seam, requests } = recording({ "/locks/unlock_door": PENDING });
  const unwaited = seam.locks.unlockDoor(
    { device_id: "d" },
    { waitForActionAttempt: false },
  );
  await unwaited.fetchResponse();
  assert.equal((await unwaited).status, "pending");
  const done = recording({ "/locks/unlock_door": SUCCESS });
  const unlocked = done.seam.locks.unlockDoor({ device_id: "d" });
  await unlocked.fetchResponse();
  assert.equal((await unlocked).status, "success");
  assert.deepEqual([requests.length, done.requests.length], [1, 1]);
});

test("static factory methods work detached from the class, and a test can replace a namespace", async () => {
  const { fromApiKey } = Seam;
  const seam = fromApiKey("seam_a_b");
  assert.ok(seam instanceof Seam);
  Object.defineProperty(seam, "devices", { value: { list: () => "mine" } });
  assert.equal(seam.devices.list(), "mine");
});

test("type guards accept any value", () => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  assert.equal(client.isSeamHttpApiError(proxy), false);
});
