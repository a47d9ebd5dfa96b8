// The packed package in bundlers, frameworks and every kind of script of a page, without
// configuration for it, in Chromium.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { expected as acrossTabs } from "../support/scenarios/worker-features.mjs";
import { build, install, project, serveFiles, start } from "./project.mjs";
import { startServers } from "../support/scenarios/servers.mjs";
import { count, scriptsIn, wordsOf } from "./module-text.mjs";
import { askServiceWorker, askSharedWorker } from "./workers.mjs";
import { launch } from "../support/browser.mjs";

const ESBUILD = ["--bundle", "--minify", "--format=esm", "--outdir=OUT"];
const policy = (sources) => ({
  "content-security-policy": `script-src 'self' ${sources}`,
});

/**
 * `build` makes a page into the folder OUT, and `serve` serves it, if that is
 * not left to a server of files. `scripts` is where the page's scripts are, if
 * not in OUT, `server` those that render it, and `edge` a path that answers with
 * what the scenario gave there. The page itself runs the scenario, or `ask` has
 * it run.
 */
const HOSTS = [
  { name: "Vite", build: ["vite", "build", "page", "--outDir", "OUT"] },
  {
    name: "Vite's development server",
    serve: ["vite", "page", "--host", "127.0.0.1", "--port", "0"],
    scripts: `${project}node_modules/.vite/deps`,
  },
  {
    name: "webpack",
    build: ["webpack", "./page/main.js", "--mode=production", "-o", "OUT"],
  },
  {
    name: "Rollup",
    build: ["rollup", "page/main.js", "-p", "node-resolve", "-d", "OUT"],
  },
  { name: "esbuild", build: ["esbuild", "page/main.js", ...ESBUILD] },
  {
    name: "Parcel",
    build: ["parcel", "build", "page/index.html", "--dist-dir", "OUT"],
  },
  {
    name: "Next.js, in a server and in a client component, and in the edge runtime",
    build: ["next", "build"],
    serve: ["next", "start", "-H", "127.0.0.1", "-p", "0"],
    scripts: `${project}.next/static`,
    server: `${project}.next/server`,
    edge: "/edge",
  },
  { name: "a page with an import map", page: "page/import-map.html" },
  { name: "a page with relative paths", page: "page/relative.html" },
  {
    name: "a worker that Vite bundles",
    build: ["vite", "build", "worker", "--outDir", "OUT"],
  },
  {
    name: "a worker that webpack bundles",
    build: ["webpack", "./worker/main.js", "--mode=production", "-o", "OUT"],
  },
  {
    name: "a worker that Parcel bundles",
    build: ["parcel", "build", "worker/index.html", "--dist-dir", "OUT"],
  },
  {
    name: "a worker that esbuild bundles",
    build: ["esbuild", "worker/main.js", "worker/worker.js", ...ESBUILD],
  },
  {
    name: "a shared worker",
    build: ["esbuild", "worker/worker.js", ...ESBUILD],
    ask: askSharedWorker,
  },
  {
    name: "a service worker",
    build: ["esbuild", "worker/worker.js", ...ESBUILD],
    ask: askServiceWorker,
  },
  {
    name: "a page whose policy allows WebAssembly",
    build: ["esbuild", "page/main.js", ...ESBUILD],
    headers: policy("'wasm-unsafe-eval'"),
  },
];

const client = wordsOf("client-bytes.js");
const module = wordsOf("client.wasm");
const sandbox = wordsOf("sandbox-bytes.js");

/** What never answers, as a worker that does not start, is a failure. */
const LIMIT = { timeout: 120_000 };

let browser;
before(async () => {
  await install();
  browser = await launch();
});
after(() => browser?.close());

for (const host of HOSTS) {
  test(
    `it lists, unlocks, and fails alike in ${host.name}`,
    LIMIT,
    async (t) => {
      const { at, check } = await startServers(t);
      const { page, out } = await open(t, host, { AT: JSON.stringify(at) });

      check(await page.evaluate(host.ask ?? ((it) => globalThis.run(it)), at));
      if (host.page !== undefined) return;
      const scripts = scriptsIn(host.scripts ?? out);
      for (const word of client) assert.equal(count(scripts, word), 1, word);
      for (const word of sandbox) assert.equal(count(scripts, word), 0, word);

      if (host.server === undefined) return;
      check(JSON.parse(await page.locator("pre").textContent()));
      const onServer = scriptsIn(host.server);
      for (const word of sandbox) assert.equal(count(onServer, word), 0, word);
      const body = JSON.stringify(at);
      const edge = new URL(host.edge, page.url());
      check(await (await fetch(edge, { method: "POST", body })).json());
      // Vercel forbids there to compile bytes, which `next start` lets pass: the
      // module must be in a file that is imported, and nowhere else.
      const onEdge = scriptsIn(`${host.server}/edge`);
      assert.equal(count(onEdge, "\0asm"), 1);
      for (const word of module) assert.equal(count(onEdge, word), 1, word);
    },
  );
}

/** Pages whose client is in a worker: the package's own, or one that they make. */
const WITH_WORKER = [
  {
    name: "Vite",
    build: ["vite", "build", "worker-client", "--outDir", "OUT"],
  },
  {
    name: "Vite's development server",
    serve: ["vite", "worker-client", "--host", "127.0.0.1", "--port", "0"],
  },
  {
    name: "webpack",
    build: [
      "webpack",
      "./worker-client/main.js",
      "--mode=production",
      "-o",
      "OUT",
    ],
  },
  {
    name: "Parcel",
    build: ["parcel", "build", "worker-client/index.html", "--dist-dir", "OUT"],
  },
  {
    name: "Rollup",
    build: [
      "rollup",
      "worker-client/main.js",
      "-p",
      "node-resolve",
      "-d",
      "OUT",
    ],
  },
  {
    name: "esbuild, with splitting",
    build: ["esbuild", "worker-client/main.js", ...ESBUILD, "--splitting"],
  },
  { name: "a page with an import map", page: "worker-client/import-map.html" },
  {
    name: "Vite, the worker its own",
    build: ["vite", "build", "own-worker", "--outDir", "OUT"],
  },
  {
    name: "Vite's development server, the worker its own",
    serve: ["vite", "own-worker", "--host", "127.0.0.1", "--port", "0"],
  },
  {
    name: "webpack, the worker its own",
    build: [
      "webpack",
      "./own-worker/main.js",
      "--mode=production",
      "-o",
      "OUT",
    ],
  },
  {
    name: "esbuild, the worker its own",
    build: [
      ...["esbuild", "own-worker/main.js", "own-worker/seam-worker.js"],
      ...ESBUILD,
    ],
  },
];

for (const host of WITH_WORKER) {
  test(`the client is in a worker in ${host.name}`, LIMIT, async (t) => {
    const { at } = await startServers(t);
    const { page } = await open(t, {
      ...host,
      name: `worker-client ${host.name}`,
    });
    assert.deepEqual(
      await page.evaluate((it) => globalThis.run(it), at),
      acrossTabs,
    );
  });
}

test(
  "the slim client, the sandbox and the components' client work in a page that Parcel bundles",
  LIMIT,
  async (t) => {
    const { at, check } = await startServers(t);
    const { page, out } = await open(t, {
      name: "entries Parcel",
      build: ["parcel", "build", "entries/index.html", "--dist-dir", "OUT"],
    });

    const { slim, ...rest } = await page.evaluate(
      (it) => globalThis.run(it),
      at,
    );

    check(slim);
    assert.deepEqual(rest, { inThePage: 1, refused: true });
    const scripts = scriptsIn(out);
    // The module as it is, and not as text, which has words that the module has not.
    assert.ok(client.some((word) => count(scripts, word) === 0));
    for (const word of module) assert.equal(count(scripts, word), 1, word);
    for (const word of sandbox) assert.equal(count(scripts, word), 1, word);
  },
);

test(
  "a policy that forbids WebAssembly is named in the error, with what to add",
  LIMIT,
  async (t) => {
    const { at } = await startServers(t);
    const { page } = await open(t, {
      name: "a page whose policy forbids WebAssembly",
      build: ["esbuild", "page/main.js", ...ESBUILD],
      headers: policy(""),
    });
    const error = await page.evaluate(
      (it) =>
        globalThis
          .run(it)
          .catch(({ name, code, outcome, message }) => [
            ...[name, code, outcome, message],
          ]),
      at,
    );
    assert.deepEqual(error, [
      "SeamWasmError",
      "wasm_unavailable",
      "not_sent",
      "the page's Content-Security-Policy forbids WebAssembly: add 'wasm-unsafe-eval' to its script-src (/devices/list)",
    ]);
  },
);

/** Builds and serves what the row says and opens it; gives the page, and OUT. */
async function open(t, host, environment) {
  const out = host.build ? await build(host.name, host.build) : project;
  const address = host.serve
    ? await start(t, host.serve, environment)
    : await serveFiles(t, out, host.headers);
  const page = await browser.newPage();
  const strange = [];
  page.on("pageerror", (error) => strange.push(String(error)));
  page.on("request", (request) => {
    const { origin } = new URL(request.url());
    if (!origin.startsWith("http://127.0.0.1:")) strange.push(request.url());
  });
  t.after(async () => {
    await page.close();
    assert.deepEqual(strange, [], "no error on the page, and loopback only");
  });
  await page.goto(`${address}/${host.page ?? ""}`);
  if (!host.ask) await page.waitForFunction(() => "run" in globalThis);
  return { page, out };
}
