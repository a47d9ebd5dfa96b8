// The documents' code for pages, in Chromium: the React component of docs/lists.md in a server-rendered
// page, in StrictMode; the one of the README; and the page of docs/quickstart.md.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

import { launch } from "../support/browser.mjs";
import { blockWith } from "../support/documents.mjs";
import { app, folder } from "../support/installed.mjs";
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
       import { createRoot, hydrateRoot } from "react-dom/client";
       import { Devices } from "lists";
       import { Doors } from "readme";
       export const render = (at) =>
         createRoot(at).render(createElement(StrictMode, null, createElement(Doors)));
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

/** What the server renders: snippets.test.mjs checks that. */
const HTML = '<section><p role="status">loading</p><ul></ul></section>';

/** Serves a page, its files, and the package's. */
function serveFiles(t, files) {
  return serve(t, ({ url }, response) => {
    if (url === "/favicon.ico") return response.writeHead(204).end();
    response.writeHead(200, {
      "content-type": `text/${url === "/" ? "html" : "javascript"}; charset=utf-8`,
    });
    response.end(files[url] ?? readFileSync(`${folder}dist${url}`));
  });
}

/** Whether the sandbox's device is locked. */
async function isLocked({ endpoint, api_key }, device_id) {
  const response = await fetch(`${endpoint}/devices/get`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${api_key}`,
      "content-type": "application/json",
    },
    body: JSON.stringify({ device_id }),
  });
  const { device } = await response.json();
  return device.properties.locked;
}

/** The devices of the token that the sandbox prints. */
async function granted({ endpoint, client_session_token }) {
  const response = await fetch(`${endpoint}/devices/list`, {
    method: "POST",
    headers: { authorization: `Bearer ${client_session_token}` },
  });
  return (await response.json()).devices;
}

test("the page of the quickstart unlocks the one door that its user was granted", async (t) => {
  const info = await startSandbox(t);
  const [{ device_id, display_name }] = await granted(info);
  const { outputFiles } = await build({
    stdin: {
      contents: blockWith("Unlock ${display_name}")
        .replace("TOKEN", info.client_session_token)
        .replace("http://127.0.0.1:3020", info.endpoint),
      resolveDir: fileURLToPath(app),
    },
    bundle: true,
    write: false,
    format: "esm",
  });
  const site = await serveFiles(t, {
    "/": blockWith('src="/main.js"'),
    "/main.js": outputFiles[0].text,
  });
  const page = await browser.newPage();
  t.after(() => page.close());
  await page.goto(site.endpoint);
  const buttons = page.getByRole("button");
  await buttons.first().waitFor();
  assert.deepEqual(await buttons.allTextContents(), [`Unlock ${display_name}`]);
  await buttons.click();
  await page.getByText(`${display_name} is unlocked`).waitFor();
  assert.equal(await isLocked(info, device_id), false);
});

test("the README's component, in StrictMode, shows the user's door and unlocks it", async (t) => {
  const info = await startSandbox(t);
  const [{ device_id, display_name }] = await granted(info);
  const site = await serveFiles(t, {
    "/": '<!doctype html><title>readme</title><div id="root"></div>',
    "/page.js": script,
  });
  const page = await browser.newPage();
  t.after(() => page.close());
  await page.goto(site.endpoint);
  await page.evaluate(
    async ([endpoint, token]) => {
      const { Seam } = await import("/index.js");
      const { render } = await import("/page.js");
      globalThis.seam = Seam.fromClientSessionToken(token, { endpoint });
      render(document.querySelector("#root"));
    },
    [info.endpoint, info.client_session_token],
  );
  await page.getByRole("button", { name: display_name }).click();
  const deadline = performance.now() + 10_000;
  while (await isLocked(info, device_id))
    assert.ok(performance.now() < deadline, "the door stayed locked");
});

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
  const site = await serveFiles(t, {
    "/": `<!doctype html><title>lists</title><div id="root">${HTML}</div>`,
    "/page.js": script,
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
