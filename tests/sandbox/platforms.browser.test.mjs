// A sandbox in a page whose policy forbids WebAssembly, or allows it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";

import { launch } from "../support/browser.mjs";
import { folder } from "../support/installed.mjs";
import { servePage } from "../support/plain-page.mjs";

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

/** How many devices a sandbox has that is made in a page under `policy`, or its error. */
async function madeUnder(t, policy) {
  const site = await servePage(pathToFileURL(folder), { policy });
  t.after(() => site.close());
  const page = await browser.newPage();
  t.after(() => page.close());
  await page.goto(site.url);
  return await page.evaluate(async () => {
    const { Sandbox } = await import("/dist/sandbox.js");
    return await Sandbox.create().then(
      ({ info }) => info.device_ids.length,
      ({ name, code, outcome, message }) => [name, code, outcome, message],
    );
  });
}

test("a policy that forbids WebAssembly is named in the error, with what to add", async (t) => {
  assert.deepEqual(await madeUnder(t, "script-src 'self'"), [
    "SeamWasmError",
    "wasm_unavailable",
    "not_sent",
    "the page's Content-Security-Policy forbids WebAssembly: add 'wasm-unsafe-eval' to its script-src",
  ]);
});

test("a policy with 'wasm-unsafe-eval' is enough", async (t) => {
  const policy = "script-src 'self' 'wasm-unsafe-eval'";
  assert.equal(await madeUnder(t, policy), 8);
});
