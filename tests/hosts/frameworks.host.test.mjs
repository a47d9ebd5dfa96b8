// The packed package in every framework and bundler that has its own development server: on the
// server, in the page and in the package's worker, without configuration for it.
import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { launch } from "../support/browser.mjs";
import { startSandbox } from "../support/sandbox.mjs";
import { build, serveFiles, start } from "./project.mjs";
import { expectedInPage, expected } from "../support/scenarios/features.mjs";
import { install, workspace } from "./workspace.mjs";
import { freePort } from "../support/server.mjs";

const LOOPBACK = ["--host", "127.0.0.1", "--port"];
const VITE = {
  dev: ["vite", ...LOOPBACK, "0"],
  build: ["vite", "build", "--outDir", "OUT"],
};

/**
 * `dev` starts a development server, on PORT if it takes no 0, and `build` makes a page into the
 * folder OUT, or into `out` below the project. That is served as files, unless `serve` starts a
 * server. `before` makes what the build takes as it is. Where a server `renders`, it runs the package
 * too.
 */
const FRAMEWORKS = [
  { name: "Vite 5", folder: "vite-5", ...VITE },
  { name: "Vite 6", folder: "vite-6", ...VITE },
  { name: "Vite 7", folder: "vite-7", ...VITE },
  {
    name: "SvelteKit",
    folder: "sveltekit",
    dev: ["vite", "dev", ...LOOPBACK, "0"],
    build: ["vite", "build"],
    serve: ["node", "build/index.js"],
    renders: true,
  },
  {
    name: "Nuxt",
    folder: "nuxt",
    dev: ["nuxt", "dev", ...LOOPBACK, "PORT"],
    build: ["nuxt", "build"],
    serve: ["node", ".output/server/index.mjs"],
    renders: true,
  },
  {
    name: "Astro",
    folder: "astro",
    dev: ["astro", "dev", ...LOOPBACK, "PORT"],
    build: ["astro", "build"],
    serve: ["node", "dist/server/entry.mjs"],
    renders: true,
  },
  {
    name: "React Router",
    folder: "react-router",
    dev: ["react-router", "dev", ...LOOPBACK, "PORT"],
    build: ["react-router", "build"],
    serve: ["react-router-serve", "build/server/index.js"],
    renders: true,
  },
  {
    name: "Angular",
    folder: "angular",
    dev: ["ng", "serve", ...LOOPBACK, "0"],
    build: ["ng", "build"],
    out: "dist/app/browser",
  },
  {
    name: "Rsbuild",
    folder: "rsbuild",
    dev: ["rsbuild", "dev", ...LOOPBACK, "PORT"],
    build: ["rsbuild", "build"],
    out: "dist",
  },
  {
    name: "Rspack",
    folder: "rsbuild",
    build: ["rspack", "build", "--mode", "production", "-o", "OUT"],
  },
  {
    name: "Farm",
    folder: "farm",
    before: [
      ...["esbuild", "seam-worker.js", "--bundle", "--format=esm"],
      "--outfile=public/seam-worker.js",
    ],
    build: ["farm", "build"],
    out: "dist",
  },
];

/** What never answers is a failure. */
const LIMIT = { timeout: 240_000 };
/** What is made of a package, and of the last tarball. */
const MADE = [
  ...["node_modules/.vite", "node_modules/.cache", "node_modules/.astro"],
  ...["node_modules/.farm", ".angular", ".astro", ".nuxt", ".svelte-kit"],
];

let browser;
before(async () => {
  await install();
  browser = await launch();
});
after(() => browser?.close());

for (const framework of FRAMEWORKS) {
  const { name, dev, before, serve, out } = framework;
  const folder = join(workspace, framework.folder);
  const clean = () => {
    for (const made of MADE)
      rmSync(join(folder, made), { recursive: true, force: true });
  };

  const inDevelopment = dev === undefined ? () => {} : test;
  inDevelopment(
    `${name}'s development server runs it in the page and in the worker`,
    LIMIT,
    async (t) => {
      clean();
      const at = await sandbox(t);
      const port = `${await freePort()}`;
      const address = await start(
        t,
        dev.map((it) => (it === "PORT" ? port : it)),
        { AT: JSON.stringify(at) },
        folder,
      );
      await look(t, framework, at, address);
    },
  );

  test(
    `${name}'s build runs it in the page and in the worker`,
    LIMIT,
    async (t) => {
      clean();
      const at = await sandbox(t);
      if (before) await build(name, before, folder);
      const built = await build(name, framework.build, folder);
      const environment = {
        AT: JSON.stringify(at),
        HOST: "127.0.0.1",
        PORT: `${await freePort()}`,
      };
      const address = serve
        ? await start(t, serve, environment, folder)
        : await serveFiles(t, out ? join(folder, out) : built);
      await look(t, framework, at, address);
    },
  );
}

async function sandbox(t) {
  const info = await startSandbox(t);
  return {
    endpoint: info.endpoint,
    token: info.client_session_token,
    other: info.device_ids.at(-1),
  };
}

/** Opens the page and checks what it does, and what its server has rendered. */
async function look(t, { renders }, at, address) {
  if (renders) {
    const html = await (await fetch(address)).text();
    const [, text] = /<pre[^>]*>(.*?)<\/pre>/s.exec(html) ?? [];
    assert.ok(text, `the server has rendered it: ${html}`);
    assert.deepEqual(JSON.parse(text.replaceAll("&quot;", '"')), expected);
  }
  const page = await browser.newPage();
  t.after(() => page.close());
  const errors = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  await page.goto(address);
  const done = await ran(page, at).catch((error) => {
    throw new Error(`${error.message}\n${errors.join("\n")}`);
  });
  assert.deepEqual(done, expectedInPage);
}

/** A development server that finds another package to prepare loads the page once more. */
async function ran(page, at, reloads = 3) {
  await page.waitForFunction(() => "run" in globalThis, undefined, {
    timeout: 90_000,
  });
  try {
    return await page.evaluate((it) => globalThis.run(it), at);
  } catch (error) {
    const isReloaded = /context was destroyed/.test(error.message);
    if (!isReloaded || reloads === 0) throw error;
    return await ran(page, at, reloads - 1);
  }
}
