// The client's face: requests before they are made, pages, credentials, errors
// across copies of the package.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";

import { rejected } from "../support/errors.mjs";
import { client, entry, folder, Sandbox, Seam } from "../support/installed.mjs";

const PENDING = {
  action_attempt: { action_attempt_id: "a-1", status: "pending" },
  ok: true,
};
const SUCCESS = {
  action_attempt: { action_attempt_id: "a-1", status: "success" },
  ok: true,
};

/** A client over a fetch that notes each request and answers by its path. */
function recording(answers, options = {}) {
  const requests = [];
  const seam = new Seam({
    clientSessionToken: "seam_cst1a_b",
    endpoint: "https://seam.test",
    fetch: async (request) => {
      const path = new URL(request.url).pathname;
      requests.push({
        path,
        headers: request.headers,
        body: await request.json(),
      });
      const answer = answers[path];
      return Response.json(
        typeof answer === "function" ? answer(requests) : answer,
      );
    },
    ...options,
  });
  return { seam, requests };
}

async function sandboxed(options = {}) {
  const { info, fetch } = await Sandbox.create(options);
  return { info, options: { endpoint: info.endpoint, fetch } };
}

test("a request tells all about itself before it is made", () => {
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

test("fetchResponse gives the whole answer, does not wait, and acts once with what is awaited after it", async () => {
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

test("a request that was awaited gives fetchResponse without another one", async () => {
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

test("pages are walked to the end, each device once", async () => {
  const { info, options } = await sandboxed({ devices: 23 });
  const seam = Seam.fromApiKey(info.api_key, options);
  const pages = seam.createPaginator(seam.devices.list({ limit: 5 }));
  const all = await pages.flattenToArray();
  assert.deepEqual(
    all.map((device) => device.device_id),
    info.device_ids,
  );
  const one = [];
  for await (const device of pages.flatten()) one.push(device.device_id);
  assert.deepEqual(one, info.device_ids);
  const sizes = [];
  for await (const page of pages) sizes.push(page.length);
  assert.deepEqual(sizes, [5, 5, 5, 5, 3]);
});

test("a walk can be taken up again from a cursor that was kept", async () => {
  const { info, options } = await sandboxed({ devices: 7 });
  const first = Seam.fromApiKey(info.api_key, options);
  const params = { limit: 4 };
  const [, { hasNextPage, nextPageCursor }] = await first
    .createPaginator(first.devices.list(params))
    .firstPage();
  assert.equal(hasNextPage, true);
  const later = Seam.fromApiKey(info.api_key, options);
  const [rest, end] = await later
    .createPaginator(later.devices.list(JSON.parse(JSON.stringify(params))))
    .nextPage(String(nextPageCursor));
  assert.equal(rest.length, 3);
  assert.deepEqual([end.hasNextPage, end.nextPageCursor], [false, null]);
  assert.equal(
    (await rejected(later.createPaginator(later.devices.list()).nextPage(null)))
      .code,
    "invalid_options",
  );
});

test("a cursor that comes again ends the walk", async () => {
  const { seam, requests } = recording({
    "/devices/list": {
      devices: [1],
      pagination: { has_next_page: true, next_page_cursor: "same" },
      ok: true,
    },
  });
  assert.deepEqual(
    await seam.createPaginator(seam.devices.list()).flattenToArray(),
    [1, 1],
  );
  assert.equal(requests.length, 2);
});

test("a route that is not paginated is refused by name", () => {
  const { seam } = recording({});
  assert.throws(() => seam.createPaginator(seam.locks.list()), {
    code: "no_pagination",
    message: /\/locks\/list/,
  });
});

test("a list that ends at the server's own limit warns once and names createPaginator", async (t) => {
  const warnings = t.mock.method(console, "warn", () => {});
  const answer = {
    connect_webviews: [],
    pagination: { has_next_page: true, next_page_cursor: "c" },
    ok: true,
  };
  const { seam } = recording({ "/connect_webviews/list": answer });
  await seam.connectWebviews.list({ limit: 1 });
  await seam.createPaginator(seam.connectWebviews.list()).firstPage();
  assert.equal(warnings.mock.callCount(), 0);
  await seam.connectWebviews.list();
  await seam.connectWebviews.list();
  assert.equal(warnings.mock.callCount(), 1);
  assert.match(
    warnings.mock.calls[0].arguments[0],
    /\/connect_webviews\/list.*createPaginator/,
  );
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

test("a publishable key gets or creates the session that a key names", async (t) => {
  const warnings = t.mock.method(console, "warn", () => {});
  const { info, options } = await sandboxed();
  const key = "3b0d5a9c-6f0e-4f07-9f43-6d1f9b8e2c11";
  const seam = await Seam.fromPublishableKey(
    info.publishable_key,
    key,
    options,
  );
  assert.deepEqual(await seam.devices.list(), []);
  const { client_session_id, user_identifier_key } =
    await seam.clientSessions.get();
  assert.equal(user_identifier_key, key);
  const again = await Seam.fromPublishableKey(
    info.publishable_key,
    key,
    options,
  );
  assert.equal(
    (await again.clientSessions.get()).client_session_id,
    client_session_id,
  );
  assert.equal(warnings.mock.callCount(), 0);
  await Seam.fromPublishableKey(
    info.publishable_key,
    "ada@example.com",
    options,
  );
  assert.equal(warnings.mock.callCount(), 1);
  assert.match(warnings.mock.calls[0].arguments[0], /email/);
  assert.equal(
    (await rejected(Seam.fromPublishableKey("seam_cst1a_b", key, options)))
      .code,
    "invalid_token",
  );
});

test("a personal access token goes with its workspace, or to the routes that need none", async () => {
  const seen = [];
  const fetch = async (request) => {
    seen.push([
      new URL(request.url).pathname,
      request.headers.get("authorization"),
      request.headers.get("seam-workspace"),
    ]);
    return Response.json({
      devices: [],
      workspaces: [],
      workspace: {},
      ok: true,
    });
  };
  const token = "seam_at1a_b";
  await Seam.fromPersonalAccessToken(token, "ws-1", { fetch }).devices.list();
  const free = client.SeamWithoutWorkspace.fromPersonalAccessToken(token, {
    fetch,
  });
  await free.workspaces.create({
    name: "Hotel",
    connect_partner_name: "Hotel",
  });
  await free.workspaces.list();
  assert.deepEqual(seen, [
    ["/devices/list", "Bearer seam_at1a_b", "ws-1"],
    ["/workspaces/create", "Bearer seam_at1a_b", null],
    ["/workspaces/list", "Bearer seam_at1a_b", null],
  ]);
  const bare = new Seam({ personalAccessToken: token, fetch });
  const error = await rejected(bare.devices.list());
  assert.equal(error.code, "invalid_options");
  assert.match(error.message, /workspaceId/);
});

test("the environment is read as the official SDK reads it", async () => {
  const script = (options) => `
    const { Seam } = await import(${JSON.stringify(entry("seam-session"))});
    const fetch = (request) => { console.log(request.headers.get("authorization"), request.headers.get("seam-workspace")); throw 0; };
    try { await new Seam({ fetch, maxRetries: 0, ...${options} }).devices.list(); } catch (error) { if (error.code !== "network_error") console.log(error.code); }`;
  const key = { SEAM_API_KEY: "seam_a_key" };
  const pat = {
    SEAM_PERSONAL_ACCESS_TOKEN: "seam_at1_pat",
    SEAM_WORKSPACE_ID: "ws-env",
  };
  const cases = [
    [key, "{}", "Bearer seam_a_key null"],
    [pat, "{}", "Bearer seam_at1_pat ws-env"],
    [{ ...key, ...pat }, "{}", "invalid_options"],
    [
      { ...key, ...pat },
      '{ apiKey: "seam_a_given" }',
      "Bearer seam_a_given null",
    ],
    [
      { ...key, ...pat },
      '{ personalAccessToken: "seam_at1_given" }',
      "Bearer seam_at1_given ws-env",
    ],
    [
      { ...key, ...pat },
      '{ clientSessionToken: "seam_cst1_given" }',
      "Bearer seam_cst1_given null",
    ],
    [{ ...key, ...pat }, "{ apiKey: undefined }", "Bearer seam_at1_pat ws-env"],
    [pat, "{ workspaceId: undefined }", "invalid_options"],
    [pat, '{ workspaceId: "ws-given" }', "Bearer seam_at1_pat ws-given"],
  ];
  for (const [env, options, expected] of cases) {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ["--input-type=module", "-e", script(options)],
      {
        env: { PATH: process.env.PATH, ...env },
      },
    );
    assert.equal(stdout.trim(), expected, `${JSON.stringify(env)} ${options}`);
  }
});

test("an option that is not taken is refused by its name, and docs/migrating.md has each of the official SDK's", () => {
  const guide = readFileSync(`${folder}docs/migrating.md`, "utf8");
  for (const name of [
    "axiosOptions",
    "axiosRetryOptions",
    "client",
    "consoleSessionToken",
  ]) {
    assert.throws(() => new Seam({ apiKey: "seam_a_b", [name]: {} }), {
      code: "invalid_options",
      message: new RegExp(`${name} is not an option: use apiKey`),
    });
    assert.ok(guide.includes(`\`${name}\``), name);
  }
});

test("errors are known across two copies of the package", async (t) => {
  const other = mkdtempSync(join(tmpdir(), "seam-session-"));
  t.after(() => rmSync(other, { recursive: true }));
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

test("names that are not there are a normal TypeError", () => {
  const { seam } = recording({});
  assert.throws(() => seam.robots.list(), TypeError);
  assert.throws(() => seam.devices.dance(), TypeError);
});

test("what is large or deep is the right answer, and the next call works", async () => {
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

test("another token counts for the calls that begin after it, and is asked about at once", async () => {
  const { info, options } = await sandboxed();
  const backEnd = Seam.fromApiKey(info.api_key, options);
  const { token } = await backEnd.clientSessions.create({
    user_identifier_key: "somebody-else",
  });
  const seam = Seam.fromClientSessionToken(info.client_session_token, options);
  const before = seam.devices.list().execute();
  const change = seam.updateClientSessionToken(token);
  const after = seam.devices.list();
  assert.equal((await before).length, 1);
  assert.deepEqual(await after, []);
  await change;
  assert.equal((await seam.clientSessions.get()).token, token);

  const dead = await rejected(
    seam.updateClientSessionToken("seam_cst1dead_dead"),
  );
  assert.equal(dead.reason, "token_refused");
  assert.equal(
    (await rejected(seam.updateClientSessionToken("seam_a_key"))).code,
    "invalid_token",
  );
  assert.equal(
    (await rejected(backEnd.updateClientSessionToken(token))).code,
    "invalid_options",
  );
});

test("a thousand changes of token leave the module no larger", async () => {
  const script = `
    const { Instance } = WebAssembly;
    let memory;
    WebAssembly.Instance = function (module, imports) { const it = new Instance(module, imports); memory = Object.values(it.exports).find((e) => e instanceof WebAssembly.Memory) ?? memory; return it; };
    const { Seam } = await import(${JSON.stringify(entry("seam-session"))});
    const seam = new Seam({ clientSessionToken: "seam_cst1a_b", fetch: async () => Response.json({ client_session: {}, ok: true }) });
    const change = async (n) => { for (let i = 0; i < n; i += 1) await seam.updateClientSessionToken("seam_cst1a_" + i); return memory.buffer.byteLength; };
    console.log(JSON.stringify([await change(100), await change(1000)]));`;
  const { stdout } = await promisify(execFile)(process.execPath, [
    "--input-type=module",
    "-e",
    script,
  ]);
  const [before, after] = JSON.parse(stdout);
  assert.equal(after, before);
});

test("actionAttempts.get waits as the call that began the attempt does, or not if it is told so", async () => {
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

test("whether to wait is the client's to say, and a call's to say otherwise", async () => {
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

test("an attempt that is followed after fetchResponse is not lost, nor asked for without need", async () => {
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

test("a page that is none is an error of its own", async () => {
  for (const answer of [
    { devices: null, pagination: {}, ok: true },
    { devices: {}, pagination: {}, ok: true },
    { devices: [], ok: true },
    { devices: [], pagination: null, ok: true },
  ]) {
    const { seam } = recording({ "/devices/list": answer });
    const error = await rejected(
      seam.createPaginator(seam.devices.list()).flattenToArray(),
    );
    assert.equal(error.code, "invalid_response", JSON.stringify(answer));
  }
});

test("a request shows, and pages with, the parameters that it was made up with", async () => {
  const { seam, requests } = recording({
    "/devices/list": { devices: [], pagination: {}, ok: true },
  });
  const params = { limit: 1, device_ids: ["a"] };
  const list = seam.devices.list(params);
  const pages = seam.createPaginator(list);
  params.limit = 2;
  params.device_ids.push("b");
  assert.deepEqual(list.body, { limit: 1, device_ids: ["a"] });
  await pages.firstPage();
  assert.deepEqual(requests[0].body, { limit: 1, device_ids: ["a"] });
});

test("what is no plain object does not pass for one without options", () => {
  for (const options of [null, 5, true, [], new Map(), () => {}]) {
    assert.throws(() => new Seam(options), { code: "invalid_options" });
  }
});

test("a client that works in no workspace takes nothing of one", () => {
  const personalAccessToken = "seam_at1a_b";
  for (const more of [
    { apiKey: "seam_a_b" },
    { workspaceId: "w" },
    { clientSessionToken: "seam_cst1a_b" },
  ]) {
    assert.throws(
      () => new client.SeamWithoutWorkspace({ personalAccessToken, ...more }),
      { code: "invalid_options" },
    );
  }
});

test("static makers can be taken off the class, and a test can replace a namespace", async () => {
  const { fromApiKey } = Seam;
  const seam = fromApiKey("seam_a_b");
  assert.ok(seam instanceof Seam);
  Object.defineProperty(seam, "devices", { value: { list: () => "mine" } });
  assert.equal(seam.devices.list(), "mine");
});

test("a guard gives an answer for whatever it is asked", () => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  assert.equal(client.isSeamHttpApiError(proxy), false);
});

test("the endpoint that a request shows before there is a module is the core's own", () => {
  const core = readFileSync(
    new URL("../../src/endpoint.rs", import.meta.url),
    "utf8",
  );
  const [, endpoint] = core.match(/DEFAULT_ENDPOINT: &str = "([^"]+)"/);
  const seam = Seam.fromClientSessionToken("seam_cst1a_b");
  assert.equal(seam.devices.list().url.href, `${endpoint}/devices/list`);
});
