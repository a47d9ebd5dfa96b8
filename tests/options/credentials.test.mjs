// Credentials that are refused before a module is loaded: tokens of the wrong kind, an API key in
// a browser. TypeScript and the core both implement this rule; these tests check that they agree.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { rejected } from "../support/errors.mjs";
import { client, entry, Seam } from "../support/installed.mjs";
import { runModule } from "../support/process.mjs";

const wasm = new URL("../../target/wasm/client/", import.meta.url);

/** The core's own verdict, through the raw module. */
async function core() {
  const glue = await import(new URL("client_bg.js", wasm));
  const module = new WebAssembly.Module(
    readFileSync(new URL("client_bg.wasm", wasm)),
  );
  const { exports } = new WebAssembly.Instance(module, {
    "./client_bg.js": glue,
  });
  glue.__wbg_set_wasm(exports);
  exports.__wbindgen_start?.();
  return (kind, token) => {
    let verdict;
    glue.call(
      {
        // The path is refused only after the token has been taken.
        text: (name) => ({ kind, token, path: "//" })[name],
        fail: (error, outcome, reason, [code]) => (verdict = code),
      },
      255,
      0,
      undefined,
      0,
      0,
    );
    return verdict === "invalid_path" ? "taken" : verdict;
  };
}

const TOKENS = [
  "seam_test2bMS_94SrGUXuNR2JmJkjtvBQDg5c",
  "seam_apikey1_token",
  "seam_cst1891oqCmE_6dBwV8PJ2Ffoe9dWYVyMfVHq",
  "seam_pk1J0Bgui_oYEuzDhOqUzSBkrPmrNsUuKL",
  "seam_at1J0Bgui_oYEuzDhOqUzSBkrPmrNsUuKL",
  "eyJhbGciOiJIUzI1NiJ9.e30.x",
  "",
  " ",
  "seam_",
  "seam",
  "SEAM_cst1abc",
  "seam_cst1abc def",
  " seam_cst1abcdef",
  "seam_cst1abcdef\n",
  "seam_cst1abc\r\nx: y",
  "seam_cst1abc\tdef",
  "seam_cst1abc\0def",
  "seam_cst1abcdéf",
  "seam_cst1abc\u{1f511}",
  "seam_cst1abc\ud800",
  "seam_cst1abc\u007f",
  "hello",
];

test("TypeScript and the core accept and refuse the same tokens for the same options", async () => {
  const verdictOfCore = await core();
  for (const kind of ["clientSessionToken", "apiKey", "personalAccessToken"]) {
    for (const token of TOKENS) {
      let verdict = "taken";
      try {
        new Seam({ [kind]: token });
      } catch (error) {
        verdict = error.code;
        assert.ok(error instanceof client.SeamHttpInvalidTokenError);
        assert.equal(error.outcome, "not_sent");
        if (token.trim().length > 8)
          assert.ok(!error.message.includes(token.trim()));
      }
      // An empty key is no key: the environment is asked.
      assert.equal(
        verdict,
        verdictOfCore(kind, token),
        `${kind} ${JSON.stringify(token)}`,
      );
    }
  }
});

test("the error names each wrong kind of token", () => {
  const cases = [
    ["seam_pk1J0Bgui_oYEuzDhOq", /publishableKey/],
    ["seam_at1J0Bgui_oYEuzDhOq", /personalAccessToken/],
    ["seam_test2bMS_94SrGUXuNR", /apiKey/],
    ["eyJhbGciOiJIUzI1NiJ9", /JWT/],
    ["seam_cst1abc def", /white space/],
  ];
  for (const [token, message] of cases) {
    assert.throws(() => Seam.fromClientSessionToken(token), {
      code: "invalid_token",
      message,
    });
  }
});

test("a token that is no string is refused", () => {
  for (const token of [7, {}, [], true]) {
    assert.throws(() => new Seam({ clientSessionToken: token }), {
      code: "invalid_token",
    });
    assert.throws(() => new Seam({ apiKey: token }), { code: "invalid_token" });
  }
});

test("a missing client session token is never replaced by the API key in the environment", async () => {
  const script = `
    for (const make of [
      () => Seam.fromClientSessionToken(undefined),
      () => Seam.fromClientSessionToken(null),
      () => Seam.fromClientSessionToken(""),
      () => new Seam({ clientSessionToken: undefined }),
    ]) {
      try { make(); console.log("taken"); } catch (error) { console.log(error.code); }
    }`;
  assert.equal(
    await runScript(script, { SEAM_API_KEY: "seam_env_key" }),
    Array(4).fill("invalid_token").join("\n"),
  );
});

test("no credential, two credentials, and kinds that are not taken are refused", () => {
  const cases = [
    {},
    { apiKey: "seam_a_b", clientSessionToken: "seam_cst1a_b" },
    { publishableKey: "seam_pk1a_b" },
    { apiKey: "seam_a_b", personalAccessToken: "seam_at1a_b" },
    { consoleSessionToken: "ey" },
  ];
  for (const options of cases) {
    assert.throws(() => new Seam(options), {
      code: "invalid_options",
      outcome: "not_sent",
    });
  }
});

// A developer's own key must not decide what these tests see.
delete process.env.SEAM_API_KEY;
delete process.env.SEAM_ENDPOINT;
delete process.env.SEAM_PERSONAL_ACCESS_TOKEN;
delete process.env.SEAM_WORKSPACE_ID;

/** Runs a script that has `Seam`, in a Node of its own; returns what it prints. */
async function runScript(script, env = {}) {
  const { stdout } = await runModule(
    `const { Seam } = await import(${JSON.stringify(entry("seam-session"))}); ${script}`,
    { env: { ...process.env, ...env } },
  );
  return stdout;
}

test("an API key in a page or its worker is refused without dangerouslyAllowBrowser", async () => {
  const worker = `
    globalThis.importScripts = () => {};
    try { Seam.fromApiKey("seam_a_b"); console.log("taken"); }
    catch (error) { console.log(error.code); }`;
  assert.equal(await runScript(worker), "key_in_browser");
  const script = `
    globalThis.window = globalThis; globalThis.document = {};
    for (const options of [{}, { dangerouslyAllowBrowser: true }]) {
      try { Seam.fromApiKey("seam_a_b", options); console.log("taken"); }
      catch (error) { console.log(error.code); }
    }`;
  assert.equal(await runScript(script), "key_in_browser\ntaken");
});

test("SEAM_API_KEY and SEAM_ENDPOINT are read where nothing else is given", async () => {
  const script = (options) => `
    const fetch = (request) => { console.log(request.url, request.headers.get("authorization")); throw 0; };
    await new Seam({ fetch, maxRetries: 0, ...${JSON.stringify(options)} }).devices.list().catch(() => {});`;
  const env = {
    SEAM_API_KEY: "seam_env_key",
    SEAM_ENDPOINT: "http://localhost:9",
  };
  assert.equal(
    await runScript(script({}), env),
    "http://localhost:9/devices/list Bearer seam_env_key",
  );
  assert.equal(
    await runScript(
      script({
        clientSessionToken: "seam_cst1a_b",
        endpoint: "https://seam.test",
      }),
      env,
    ),
    "https://seam.test/devices/list Bearer seam_cst1a_b",
  );
});

test("importing the package does nothing", async () => {
  const { stdout } =
    await runModule(`const refuse = () => { throw new Error("it did something"); };
     globalThis.WebAssembly = new Proxy({}, { get: refuse });
     for (const name of ["fetch", "setTimeout", "queueMicrotask", "Request"]) globalThis[name] = refuse;
     await import(${JSON.stringify(entry("seam-session"))});
     console.log("imported");`);
  assert.equal(stdout, "imported");
});

test("without WebAssembly the call rejects with an error that says so", async () => {
  const script = `
    delete globalThis.WebAssembly;
    const request = Seam.fromApiKey("seam_a_b").devices.list();
    await request.catch((error) => console.log(error.name, error.code, error.message));`;
  assert.match(
    await runScript(script),
    /^SeamWasmError wasm_unavailable there is no WebAssembly here/,
  );
});

test("a failure of the loader is an error with a remedy, and is not cached", async () => {
  const script = `
    const { Module } = WebAssembly;
    WebAssembly.Module = class { constructor() { throw new WebAssembly.CompileError("violates the following Content Security Policy directive because 'unsafe-eval' is not allowed"); } };
    const seam = Seam.fromApiKey("seam_a_b", { fetch: async () => Response.json({ devices: [], ok: true }) });
    await seam.devices.list().catch((error) => console.log(error.name, error.code, error.outcome, error.message));
    WebAssembly.Module = Module;
    console.log((await seam.devices.list()).length);`;
  const [failed, works] = (await runScript(script)).split("\n");
  assert.match(
    failed,
    /^SeamWasmError wasm_unavailable not_sent .*'wasm-unsafe-eval'/,
  );
  assert.equal(works, "0");
});

test("where synchronous compilation is limited, as in older Chromium, the module is compiled asynchronously", async () => {
  const script = `
    WebAssembly.Module = class { constructor() { throw new RangeError("WebAssembly.Compile is disallowed on the main thread, if the buffer size is larger than 4KB"); } };
    const seam = Seam.fromApiKey("seam_a_b", { fetch: async () => Response.json({ devices: [], ok: true }) });
    console.log((await seam.devices.list()).length);`;
  assert.equal(await runScript(script), "0");
});

test("rejected() itself fails when nothing is rejected", async () => {
  assert.equal(
    (await rejected(rejected(Promise.resolve()))).code,
    "ERR_ASSERTION",
  );
});
