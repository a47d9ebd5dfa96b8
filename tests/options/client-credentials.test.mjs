// Each way to make a client, the environment, options that do not exist, and a new token.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { rejected } from "../support/errors.mjs";
import { client, entry, folder, Seam } from "../support/installed.mjs";
import { sandboxed } from "../support/recording-client.mjs";
import { runModule } from "../support/process.mjs";

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
    const { stdout } = await runModule(script(options), {
      env: { PATH: process.env.PATH, ...env },
    });
    assert.equal(stdout, expected, `${JSON.stringify(env)} ${options}`);
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

test("a new token is used by the calls that start after it, and is checked at once", async () => {
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
  const { stdout } = await runModule(script);
  const [before, after] = JSON.parse(stdout);
  assert.equal(after, before);
});

test("a value that is no plain object is refused as options", () => {
  for (const options of [null, 5, true, [], new Map(), () => {}]) {
    assert.throws(() => new Seam(options), { code: "invalid_options" });
  }
});

test("a client without a workspace refuses options of a workspace", () => {
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

test("the endpoint that a request shows before there is a module is the core's own", () => {
  const core = readFileSync(
    new URL("../../src/endpoint.rs", import.meta.url),
    "utf8",
  );
  const [, endpoint] = core.match(/DEFAULT_ENDPOINT: &str = "([^"]+)"/);
  const seam = Seam.fromClientSessionToken("seam_cst1a_b");
  assert.equal(seam.devices.list().url.href, `${endpoint}/devices/list`);
});
