// The recipe of docs/testing.md for Playwright, run as a reader copies it.
import assert from "node:assert/strict";
import { symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { once } from "node:events";
import { dirname, join } from "node:path";
import { createRequire } from "node:module";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

import { CHROMIUM_ARGUMENTS } from "../support/browser.mjs";
import { filesOf } from "../support/documents.mjs";
import { app, Sandbox } from "../support/installed.mjs";
import { run } from "../support/process.mjs";
import { project } from "../support/project.mjs";
import { serve } from "../support/server.mjs";

const require = createRequire(import.meta.url);
const PLAYWRIGHT = dirname(require.resolve("@playwright/test/package.json"));

/** Returns a port that is free now. */
async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A reader's app, whose endpoint is the sandbox. */
const page = (port) => `
  import { Seam } from "seam-session";
  import { createTokenFunction } from "seam-session/token-function";
  const seam = Seam.fromClientSessionToken(
    createTokenFunction("/api/seam-token"),
    { endpoint: "http://127.0.0.1:${port}" },
  );
  for (const { device_id, display_name } of await seam.devices.list()) {
    const button = document.createElement("button");
    button.textContent = "Unlock";
    button.onclick = async () => {
      await seam.locks.unlockDoor({ device_id });
      document.body.append(display_name + " is unlocked");
    };
    document.body.append(button);
  }`;

test("the recipe for Playwright passes", { timeout: 120_000 }, async (t) => {
  const port = await freePort();
  const { outputFiles } = await build({
    stdin: { contents: page(port), resolveDir: fileURLToPath(app) },
    bundle: true,
    splitting: true,
    format: "esm",
    outdir: "/",
    write: false,
    charset: "utf8",
  });
  const files = new Map(
    outputFiles.map(({ path, contents }) => [path, contents]),
  );
  const { endpoint } = await serve(t, ({ url }, response) => {
    const file = files.get(url);
    const type = file ? "text/javascript" : "text/html";
    response.writeHead(200, { "content-type": `${type}; charset=utf-8` });
    response.end(file ?? '<script type="module" src="/stdin.js"></script>');
  });

  const folder = await project(t, []);
  symlinkSync(dirname(PLAYWRIGHT), join(folder, "node_modules", "@playwright"));
  const recipe = filesOf("docs/testing.md", "Playwright");
  assert.deepEqual(Object.keys(recipe), [
    "playwright.config.ts",
    "doors.spec.ts",
  ]);
  const { info } = await Sandbox.create({ randomSeed: 1 });
  assert.ok(recipe["doors.spec.ts"].includes(`Bearer ${info.api_key}"`));
  for (const [name, text] of Object.entries(recipe)) {
    const here = text
      .replaceAll("3020", `${port}`)
      .replaceAll("http://127.0.0.1:5173", endpoint);
    writeFileSync(join(folder, name), here);
  }
  // The reader has installed Playwright's own browsers.
  writeFileSync(
    join(folder, "here.config.ts"),
    `import config from "./playwright.config";
     const executablePath = ${JSON.stringify(process.env.CHROMIUM || "/usr/bin/chromium")};
     const args = ${JSON.stringify(CHROMIUM_ARGUMENTS)};
     const launchOptions = { executablePath, args };
     export default { ...config, use: { ...config.use, launchOptions } };`,
  );
  const { stdout } = await run(
    process.execPath,
    [
      join(PLAYWRIGHT, "cli.js"),
      ...["test", "--config", "here.config.ts", "--reporter", "json"],
    ],
    { cwd: folder, env: { ...process.env, NODE_TEST_CONTEXT: undefined } },
  ).catch((error) => assert.fail(error.stdout + error.stderr));
  const { stats } = JSON.parse(stdout.slice(stdout.indexOf("{")));
  assert.deepEqual([stats.expected, stats.unexpected], [1, 0]);
});
