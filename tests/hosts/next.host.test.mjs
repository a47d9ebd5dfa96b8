// The packed package in Next.js with Turbopack and `cacheComponents`, which fails a build when a
// component reads the clock or a random number before it fetches: on the server, in the page and
// in the package's worker.
import assert from "node:assert/strict";
import { cpSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { after, before, test } from "node:test";

import { launch } from "../support/browser.mjs";
import { installTarball } from "../support/project.mjs";
import { startSandbox } from "../support/sandbox.mjs";
import { build, start } from "./project.mjs";
import { expectedInPage, expected } from "../support/scenarios/features.mjs";
import { run } from "../support/process.mjs";

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const folder = path("../../target/next/");

let browser;
before(async () => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  cpSync(path("next"), folder, { recursive: true });
  cpSync(path("../support/scenarios/features.mjs"), `${folder}features.mjs`);
  writeFileSync(`${folder}package.json`, '{ "private": true }\n');
  await installTarball(folder);
  for (const name of ["next", "react", "react-dom"])
    symlinkSync(path(`node_modules/${name}`), `${folder}node_modules/${name}`);
  browser = await launch();
});
after(() => browser?.close());

test(
  "it renders, lists and watches in Next.js with cacheComponents",
  { timeout: 240_000 },
  async (t) => {
    const info = await startSandbox(t);
    const at = {
      endpoint: info.endpoint,
      token: info.client_session_token,
      other: info.device_ids.at(-1),
    };
    const AT = JSON.stringify({ ...at, apiKey: info.api_key });
    await build("next", ["next", "build"], folder, { AT });
    const address = await start(
      t,
      ["next", "start", "-H", "127.0.0.1", "-p", "0"],
      { AT },
      folder,
    );
    const page = await browser.newPage();
    t.after(() => page.close());
    await page.goto(address);
    await page.waitForFunction(() => "run" in globalThis);
    assert.deepEqual(
      await page.evaluate((it) => globalThis.run(it), at),
      expectedInPage,
    );
    assert.equal(await page.locator("p").textContent(), "1 listed");
    assert.deepEqual(
      JSON.parse(await page.locator("pre").textContent()),
      expected,
    );

    // The token handler as a route: nothing of it was rendered in the build or is cached.
    const ask = (user) =>
      page.evaluate(async (cookie) => {
        document.cookie = cookie;
        const response = await fetch("/api/seam-token", { method: "POST" });
        return {
          status: response.status,
          cache: response.headers.get("cache-control"),
          token: (await response.json()).token,
        };
      }, `user=${user}; path=/`);
    const cache = "no-store";
    assert.deepEqual(await ask(info.user_identity_id), {
      ...{ status: 200, cache },
      token: info.client_session_token,
    });
    assert.deepEqual(await ask("; max-age=0"), { status: 403, cache });
    assert.equal((await fetch(`${address}/api/seam-token`)).status, 405);
  },
);
