// seam-session/worker in a real Chromium: pages of one browser share what one
// worker asks, and users do not meet.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { launch } from "./support/browser.mjs";
import { workerSite } from "./support/worker-site.mjs";

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

/** What never answers, as a worker that does not start, is a failure. */
const LIMIT = { timeout: 60_000 };

/** A browser of its own on the site; `tab(token)` opens a page with a client. */
async function visit(t, options) {
  const site = await workerSite(t, options);
  const context = await browser.newContext();
  t.after(() => context.close());
  const strange = [];
  t.after(() => assert.deepEqual(strange, [], "no error on any page"));
  const { endpoint, info } = site;
  const tab = async (token = info.client_session_token, before) => {
    const page = await context.newPage();
    page.on("pageerror", (error) => strange.push(String(error)));
    if (before) await page.addInitScript(before);
    await page.goto(endpoint);
    await page.evaluate(
      async ([token, endpoint]) => {
        const { Seam } = await import("/app/worker.js");
        globalThis.seam = Seam.fromClientSessionToken(token, { endpoint });
        globalThis.live = (list) =>
          new Promise((resolve) => {
            const look = () => list.status.state === "live" && resolve(list);
            list.subscribe(look);
            look();
          });
      },
      [token, endpoint],
    );
    return page;
  };
  return { ...site, context, tab };
}

test(
  "two tabs share one worker, which alone makes requests",
  LIMIT,
  async (t) => {
    const { tab, asked, info } = await visit(t);
    const tabs = [await tab(), await tab()];

    const lists = await Promise.all(
      tabs.map((it) => it.evaluate(() => globalThis.seam.devices.list())),
    );

    assert.ok(lists[0].length > 0);
    assert.deepEqual(lists[0], lists[1]);
    assert.equal(asked.length, 2);
    for (const { referer, token } of asked) {
      assert.match(referer, /\/app\/worker-run\.js$/);
      assert.equal(token, info.client_session_token);
    }
  },
);

test(
  "ten tabs that watch are one poll, and each shows the list",
  LIMIT,
  async (t) => {
    const { tab, count } = await visit(t);
    const tabs = [];
    for (let nth = 0; nth < 10; nth += 1) tabs.push(await tab());

    const sizes = await Promise.all(
      tabs.map((it) =>
        it.evaluate(async () => {
          globalThis.list = await globalThis.live(
            globalThis.seam.devices.watch(),
          );
          return globalThis.list.getSnapshot().length;
        }),
      ),
    );

    assert.ok(sizes[0] > 0);
    assert.equal(new Set(sizes).size, 1);
    assert.equal(count("/devices/list"), 1);
    assert.equal(count("/client_sessions/get"), 1);
  },
);
