// The packed package in a Chrome extension (Manifest V3): in its service worker, in a popup, and
// in the popup's worker.
import assert from "node:assert/strict";
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";
import { chromium } from "playwright-core";

import { startServers } from "../support/scenarios/servers.mjs";
import { expectedInPage, expected } from "../support/scenarios/features.mjs";
import { CHROMIUM_ARGUMENTS } from "../support/browser.mjs";
import { project } from "../support/project.mjs";

const LIMIT = { timeout: 90_000 };
const fixture = (name) =>
  fileURLToPath(new URL(`extension/${name}`, import.meta.url));

const MANIFEST = {
  manifest_version: 3,
  name: "An extension",
  version: "1",
  background: { service_worker: "background.js", type: "module" },
  action: { default_popup: "popup.html" },
  host_permissions: ["http://127.0.0.1/*"],
};

/** Without this, Chrome's own policy for extensions forbids WebAssembly. */
const ALLOWED = {
  content_security_policy: {
    extension_pages: "script-src 'self' 'wasm-unsafe-eval'; object-src 'self'",
  },
};

/** Bundles the extension and starts a browser with it; gives its service worker and a popup. */
async function load(t, more) {
  const folder = await project(t, [
    "support/scenarios/features.mjs",
    "hosts/extension/background.js",
    "hosts/extension/popup.js",
  ]);
  const out = join(folder, "extension");
  mkdirSync(out);
  const options = {
    absWorkingDir: folder,
    bundle: true,
    format: "esm",
    outdir: out,
    logLevel: "error",
  };
  await build({ ...options, entryPoints: ["background.js"] });
  await build({ ...options, entryPoints: ["popup.js"], splitting: true });
  cpSync(fixture("popup.html"), join(out, "popup.html"));
  writeFileSync(
    join(out, "manifest.json"),
    JSON.stringify({ ...MANIFEST, ...more }),
  );

  const context = await chromium.launchPersistentContext("", {
    executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
    // Without a window it is by an argument, for the library's own way has no extensions.
    headless: false,
    ignoreDefaultArgs: ["--disable-extensions"],
    args: [
      ...CHROMIUM_ARGUMENTS,
      `--load-extension=${out}`,
      "--disable-features=DisableLoadExtensionCommandLineSwitch",
    ],
  });
  t.after(() => context.close());
  const [background = await context.waitForEvent("serviceworker")] =
    context.serviceWorkers();
  const popup = await context.newPage();
  await popup.goto(new URL("popup.html", background.url()).href);
  await popup.waitForFunction(() => "run" in globalThis);
  return { background, popup };
}

test(
  "an extension that allows WebAssembly runs it in its service worker, a popup and the popup's worker",
  LIMIT,
  async (t) => {
    const { at } = await startServers(t);
    const { background, popup } = await load(t, ALLOWED);
    assert.deepEqual(
      await background.evaluate((it) => globalThis.run(it), at),
      expected,
    );
    assert.deepEqual(
      await popup.evaluate((it) => globalThis.run(it), at),
      expectedInPage,
    );
  },
);

test(
  "in an extension that does not, the errors say what its policy needs",
  LIMIT,
  async (t) => {
    const { at } = await startServers(t);
    const { background, popup } = await load(t, {});
    const message = (it) =>
      globalThis.run(it).catch(({ code, message }) => `${code}: ${message}`);
    for (const place of [background, popup]) {
      assert.match(
        await place.evaluate(message, at),
        /^wasm_unavailable: .*add 'wasm-unsafe-eval' to its script-src/,
      );
    }
  },
);
