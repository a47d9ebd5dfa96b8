// The README's React component in a server-rendered page, in StrictMode.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { readFileSync } from "node:fs";

import { launch } from "../support/browser.mjs";
import { folder } from "../support/installed.mjs";
import { bundle } from "../support/react-snippet.mjs";
import { startSandbox } from "../support/sandbox.mjs";
import { serve } from "../support/server.mjs";

let browser;
let script;
before(async () => {
  [browser, script] = await Promise.all([
    launch(),
    bundle(
      `import { createElement, StrictMode } from "react";
       import { hydrateRoot } from "react-dom/client";
       import { Devices } from "readme";
       export const hydrate = (at, onRecoverableError) =>
         hydrateRoot(
           at,
           createElement(StrictMode, null, createElement(Devices)),
           { onRecoverableError },
         );`,
    ),
  ]);
});
after(() => browser?.close());

/** What the server renders: snippets.test.mjs holds it to that. */
const HTML = '<section><p role="status">loading</p><ul></ul></section>';

test("the component, hydrated in StrictMode, shows devices and an outage, and closes its list when it is unmounted", async (t) => {
  const { endpoint, api_key, client_session_token } = await startSandbox(t);
  const control = (method, body) =>
    fetch(`${endpoint}/_sandbox/faults`, {
      method,
      headers: {
        authorization: `Bearer ${api_key}`,
        "content-type": "application/json",
      },
      body: JSON.stringify(body),
    }).then(({ status }) => assert.equal(status, 200));
  const site = await serve(t, ({ url }, response) => {
    if (url === "/favicon.ico") return response.writeHead(204).end();
    const isPage = url === "/";
    response.writeHead(200, {
      "content-type": `text/${isPage ? "html" : "javascript"}; charset=utf-8`,
    });
    response.end(
      isPage
        ? `<!doctype html><title>readme</title><div id="root">${HTML}</div>`
        : url === "/page.js"
          ? script
          : readFileSync(`${folder}dist${url}`),
    );
  });
  const page = await browser.newPage();
  t.after(() => page.close());
  const said = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type()))
      said.push(message.text());
  });
  page.on("pageerror", (error) => said.push(String(error)));
  await page.goto(site.endpoint);
  await page.evaluate(
    async ([endpoint, token]) => {
      const { Seam } = await import("/index.js");
      const { hydrate } = await import("/page.js");
      const seam = Seam.fromClientSessionToken(token, {
        endpoint,
        maxRetries: 0,
      });
      // The component's own lists, to see that they are closed.
      const lists = [];
      const { devices } = seam;
      globalThis.seam = {
        devices: {
          watch: () => {
            const list = devices.watch();
            lists.push(list);
            return list;
          },
        },
      };
      const errors = [];
      const root = hydrate(document.querySelector("#root"), (error) =>
        errors.push(String(error)),
      );
      // Shares its rounds with the component's.
      const other = devices.watch();
      Object.assign(globalThis, { lists, errors, root, other });
    },
    [endpoint, client_session_token],
  );
  const status = (text) =>
    page.locator('p[role="status"]', { hasText: text }).waitFor();

  await status("live");
  assert.equal(await page.locator("li").count(), 1);

  await control("POST", { fault: "outage" });
  await page.evaluate(() => globalThis.other.refresh());
  await status("stale");
  assert.equal(await page.locator("li").count(), 1, "the devices stay");
  await control("DELETE", {});
  await page.evaluate(() => globalThis.other.refresh());
  await status("live");

  const { states, errors } = await page.evaluate(async () => {
    const { lists, errors, root } = globalThis;
    const open = lists.map(({ status }) => status.state);
    root.unmount();
    const closed = lists.map(({ status }) => status.state);
    return { states: { open, closed }, errors };
  });
  assert.deepEqual(states, {
    // StrictMode ran the first effect and its cleanup.
    open: ["stopped", "live"],
    closed: ["stopped", "stopped"],
  });
  assert.deepEqual(errors, []);
  // The outage that was asked for is the only thing that the console told of.
  assert.deepEqual(
    said.filter((text) => !/503/.test(text)),
    [],
  );
});
