// Lazily loaded modules in Chromium, when their server fails.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";

import { launch } from "../support/browser.mjs";
import { folder } from "../support/installed.mjs";
import { serve } from "../support/server.mjs";

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

/**
 * A page with the client, whose server fails for a script while `fails(path, nth)` says so: `nth`
 * counts the requests for that path. Gives the page and the paths that were asked for.
 */
async function visit(t, fails) {
  const counts = new Map();
  const { endpoint, requests } = await serve(t, ({ url }, response) => {
    if (url === "/") {
      response.writeHead(200, { "content-type": "text/html" });
      return void response.end("<!doctype html><title>Test</title>");
    }
    const nth = (counts.get(url) ?? 0) + 1;
    counts.set(url, nth);
    if (!url.endsWith(".js") || fails(url, nth)) {
      return void response.writeHead(503).end();
    }
    response.writeHead(200, { "content-type": "text/javascript" });
    response.end(readFileSync(`${folder}dist${url}`));
  });
  const page = await browser.newPage();
  t.after(() => page.close());
  await page.goto(endpoint);
  await page.evaluate(async () => {
    const { Seam } = await import("/index.js");
    const fetch = async () => Response.json({ devices: [], ok: true });
    const token = () => "seam_cst1abc_def";
    const seam = Seam.fromClientSessionToken(token, { fetch });
    globalThis.list = () =>
      seam.devices.list().then(
        (devices) => devices.length,
        ({ name, code, outcome }) => [name, code, outcome],
      );
  });
  const asked = () =>
    requests
      .map(({ path }) => path)
      .filter((path) => path.startsWith("/token"));
  return { list: () => page.evaluate(() => globalThis.list()), asked };
}

test("token refresh is loaded once where that works", async (t) => {
  const { list, asked } = await visit(t, () => false);

  assert.equal(await list(), 0);

  assert.deepEqual(asked(), ["/token.js", "/token-bytes.js"]);
});

test("one failed request for token refresh fails no call", async (t) => {
  const { list, asked } = await visit(
    t,
    (path, nth) => path === "/token.js" && nth === 1,
  );

  assert.equal(await list(), 0);
  assert.equal(await list(), 0);

  assert.deepEqual(asked(), ["/token.js", "/token-retry.js"]);
});

test("in a browser that caches a failed import, token refresh is loaded from the other file", async (t) => {
  // Whatever such a browser does: nothing comes from that address any more.
  const { list, asked } = await visit(t, (path) => path === "/token.js");

  assert.equal(await list(), 0);
  assert.equal(await list(), 0);

  assert.equal(asked().at(-1), "/token-retry.js");
});

test("token refresh is loaded from the other file when a dependency of the first cannot be loaded", async (t) => {
  const { list, asked } = await visit(t, (path) => path === "/token-bytes.js");

  assert.equal(await list(), 0);

  assert.deepEqual(asked(), [
    "/token.js",
    "/token-bytes.js",
    "/token-retry.js",
  ]);
});

test("when both files fail the call rejects, and a later one tries again", async (t) => {
  let isAway = true;
  const { list } = await visit(
    t,
    (path) => path.startsWith("/token") && isAway,
  );

  assert.deepEqual(await list(), [
    "SeamWasmError",
    "wasm_unavailable",
    "not_sent",
  ]);
  isAway = false;
  assert.equal(await list(), 0);
});
