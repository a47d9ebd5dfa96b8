// Errors where a page, a policy or an origin lets no worker start, in Chromium.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";

import { launch } from "../support/browser.mjs";
import { serve } from "../support/server.mjs";
import { workerSite } from "../support/worker-site.mjs";
import { temporaryFolder } from "../support/temporary-folder.mjs";

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

const LIMIT = { timeout: 60_000 };
const CORS = { "access-control-allow-origin": "*" };

/** A module that leaves what a list rejects with, with the package's files at `app`. */
const script = (app, { endpoint, client_session_token: token }, more = "") => `
  import { Seam, setWorker } from "${app}worker.js";
  ${more}
  const seam = Seam.fromClientSessionToken("${token}", { endpoint: "${endpoint}" });
  seam.devices.list().catch((error) => {
    globalThis.error = [error.name, error.code, error.outcome, error.message];
  });`;

const html = (module) =>
  `<!doctype html><link rel="icon" href="data:,"><script type="module">${module}</script>`;

/** A server of one page, beside the site's; gives its address. */
async function page(t, body, headers = {}) {
  const { endpoint } = await serve(t, (request, response) =>
    response
      .writeHead(200, { "content-type": "text/html", ...headers })
      .end(body),
  );
  return endpoint;
}

/** What the page, or its one frame, at `address` has left. */
async function errorAt(t, address) {
  const tab = await browser.newPage();
  t.after(() => tab.close());
  await tab.goto(address);
  const frame = tab.frames().at(-1);
  await frame.waitForFunction(() => "error" in globalThis);
  return await frame.evaluate(() => globalThis.error);
}

const refused = (remedy) => [
  "SeamWasmError",
  "wasm_unavailable",
  "not_sent",
  `the worker did not start: ${remedy}`,
];

test(
  "the error names a policy that forbids the worker, with its directive",
  LIMIT,
  async (t) => {
    const { endpoint, info } = await workerSite(t, {
      pageHeaders: { ...CORS, "content-security-policy": "worker-src 'none'" },
    });
    const tab = await browser.newPage();
    t.after(() => tab.close());
    await tab.goto(endpoint);
    await tab.addScriptTag({
      type: "module",
      content: script("/app/", { ...info, endpoint }),
    });
    await tab.waitForFunction(() => "error" in globalThis);

    assert.deepEqual(
      await tab.evaluate(() => globalThis.error),
      refused(
        "the page's Content-Security-Policy forbids its script: allow that in worker-src",
      ),
    );
  },
);

test(
  "the error says that the package is served from another origin",
  LIMIT,
  async (t) => {
    const { endpoint, info } = await workerSite(t, { pageHeaders: CORS });
    const address = await page(t, html(script(`${endpoint}/app/`, info)));

    assert.deepEqual(
      await errorAt(t, address),
      refused(
        "a page can only start a script of its own origin: serve the package's files from there, or use setWorker",
      ),
    );
  },
);

const NO_ORIGIN = refused(
  "a page without an origin, as one of file: or in a sandboxed iframe, has no workers: serve it over http, add allow-same-origin to the iframe's sandbox, or use Seam of seam-session",
);

test(
  "the error says that a sandboxed iframe has no origin",
  LIMIT,
  async (t) => {
    const { endpoint, info } = await workerSite(t, { pageHeaders: CORS });
    const inner = await page(t, html(script(`${endpoint}/app/`, info)));
    const outer = await page(
      t,
      `<!doctype html><link rel="icon" href="data:,"><iframe sandbox="allow-scripts" src="${inner}"></iframe>`,
    );

    assert.deepEqual(await errorAt(t, outer), NO_ORIGIN);
  },
);

test("the error says that a page of a file has no origin", LIMIT, async (t) => {
  const { endpoint, info } = await workerSite(t, { pageHeaders: CORS });
  const folder = temporaryFolder(t);
  const file = join(folder, "page.html");
  writeFileSync(file, html(script(`${endpoint}/app/`, info)));

  assert.deepEqual(await errorAt(t, pathToFileURL(file).href), NO_ORIGIN);
});

test(
  "the error says that the worker's script was not found, with the remedy",
  LIMIT,
  async (t) => {
    const { endpoint, info } = await workerSite(t);
    const at = { ...info, endpoint };
    const own = `setWorker((name) => new Worker("/missing.js", { type: "module", name }));`;
    for (const [more, remedy] of [
      [own, "the script that setWorker names was not found"],
      [
        "",
        'its script was not found: in Vite 7 and older set optimizeDeps: { exclude: ["seam-session"] }; elsewhere use setWorker',
      ],
    ]) {
      const tab = await browser.newPage();
      t.after(() => tab.close());
      await tab.route(/missing|worker-(run|url|thread)/, (route) =>
        route.fulfill({ status: 404 }),
      );
      await tab.goto(endpoint);
      await tab.addScriptTag({
        type: "module",
        content: script("/app/", at, more),
      });
      await tab.waitForFunction(() => "error" in globalThis);
      assert.deepEqual(
        await tab.evaluate(() => globalThis.error),
        refused(remedy),
      );
    }
  },
);
