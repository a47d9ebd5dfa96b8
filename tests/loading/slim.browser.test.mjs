// seam-session/slim in a page: paths are relative to the page, and a policy that forbids
// WebAssembly is reported as by the default entry.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";

import { expected } from "../support/scenarios/calls.mjs";
import { startServers } from "../support/scenarios/servers.mjs";
import { launch } from "../support/browser.mjs";
import { folder } from "../support/installed.mjs";
import { serve } from "../support/server.mjs";

const FILES = {
  "/app/slim.js": [`${folder}dist/slim.js`, "text/javascript"],
  "/app/client.wasm": [`${folder}dist/client.wasm`, "application/wasm"],
  "/app/calls.mjs": [
    new URL("../support/scenarios/calls.mjs", import.meta.url),
    "text/javascript",
  ],
};

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

/** Runs the scenario in a page under the policy, on the module at `wasm`. */
async function runIn(t, policy, wasm) {
  const { at } = await startServers(t);
  const { endpoint } = await serve(t, ({ url }, response) => {
    const [file, type] = FILES[url] ?? [undefined, "text/html"];
    response
      .writeHead(200, {
        "content-type": type,
        "content-security-policy": policy,
      })
      .end(file ? readFileSync(file) : "<!doctype html><title>slim</title>");
  });
  const page = await browser.newPage();
  t.after(() => page.close());
  await page.goto(`${endpoint}/app/`);
  return page.evaluate(
    async ([at, wasm]) => {
      const { Seam, setWasm } = await import("/app/slim.js");
      const { scenario } = await import("/app/calls.mjs");
      setWasm(wasm);
      return scenario(Seam, at).catch(({ code, message }) => [code, message]);
    },
    [at, wasm],
  );
}

test("it lists, unlocks, and fails alike on a path that is relative to the page", async (t) => {
  const policy = "script-src 'self' 'wasm-unsafe-eval'";
  assert.deepEqual(await runIn(t, policy, "client.wasm"), expected);
});

test("a policy that forbids WebAssembly is named in the error, with what to add", async (t) => {
  assert.deepEqual(await runIn(t, "script-src 'self'", "client.wasm"), [
    "wasm_unavailable",
    "the page's Content-Security-Policy forbids WebAssembly: add 'wasm-unsafe-eval' to its script-src (/devices/list)",
  ]);
});
