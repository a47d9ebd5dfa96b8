// The packed package loaded with `require`: in Node, also where `require` cannot load ES modules,
// under Yarn Plug'n'Play, and in bundles. jest.test.mjs has Jest's projects.
import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { before, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";

import { build } from "esbuild";

import { app, client, entry } from "../support/installed.mjs";
import { project, tarball } from "../support/project.mjs";
import { run } from "../support/process.mjs";
import { temporaryFolder } from "../support/temporary-folder.mjs";

const installed = (name) =>
  fileURLToPath(new URL(`../jest/node_modules/${name}`, import.meta.url));

/** Older than process.getBuiltinModule, and than a `require` that takes ES modules. */
const NODE_20_11 = installed("node/bin/node");

/** What hosts/commonjs/all.cjs prints, wherever it runs. */
const ALL = {
  unlocked: "success",
  watched: ["live", 1],
  scope: 1,
  refused: ["SeamHttpApiError", "device_not_found", "refused"],
  known: [true, true],
};

let folder;
before(async (t) => {
  folder = await project(t, [
    "hosts/commonjs/all.cjs",
    "hosts/commonjs/slim.cjs",
    "hosts/commonjs/slim.mjs",
  ]);
});

/** An empty folder, which goes with the test. */
function empty(t) {
  const path = temporaryFolder(t);
  return path;
}

/** Runs a script and reads the JSON that it prints. */
async function json(program, args, options) {
  const { stdout } = await run(program, args, options);
  return JSON.parse(stdout);
}

const NODES = { "this Node": process.execPath, "Node 20.11": NODE_20_11 };

test("the older Node is one that cannot require ES modules", async () => {
  const code = `[process.version, typeof process.getBuiltinModule, typeof process.features.require_module]`;
  const [version, ...types] = await json(NODE_20_11, [
    ...["-p", `JSON.stringify(${code})`],
  ]);
  assert.match(version, /^v20\.11\./);
  assert.deepEqual(types, ["undefined", "undefined"]);
});

for (const [name, program] of Object.entries(NODES)) {
  test(`the client and the sandbox work in ${name} when required`, async () => {
    assert.deepEqual(await json(program, [join(folder, "all.cjs")]), ALL);
  });

  test(`setWasm takes the URL of a file in ${name}, required and imported`, async () => {
    for (const file of ["slim.cjs", "slim.mjs"]) {
      assert.equal(await json(program, [join(folder, file)]), 1, file);
    }
  });
}

test("what is required and what is imported have the same names", async () => {
  const require = createRequire(new URL("index.js", app));
  for (const name of ["", "/seam-components", "/sandbox", "/slim", "/worker"]) {
    const path = `seam-session${name}`;
    assert.notEqual(pathToFileURL(require.resolve(path)).href, entry(path));
    const imported = Object.keys(await import(entry(path))).sort();
    assert.deepEqual(Object.keys(require(path)).sort(), imported, path);
    assert.ok(imported.length > 0);
  }
  const { serve } = require("seam-session/worker/thread");
  assert.throws(serve, { name: "SeamWasmError", code: "wasm_unavailable" });
});

test("each module format recognises errors of the other", async () => {
  const required = createRequire(new URL("index.js", app))("seam-session");
  const fetch = () => Promise.reject(new Error("away"));
  for (const [made, other] of [
    [client, required],
    [required, client],
  ]) {
    const seam = made.Seam.fromApiKey("seam_test_key", {
      fetch,
      maxRetries: 0,
    });
    const error = await seam.devices.list().then(assert.fail, (it) => it);
    assert.notEqual(made.SeamHttpNetworkError, other.SeamHttpNetworkError);
    assert.ok(error instanceof other.SeamHttpNetworkError);
    assert.ok(error instanceof other.SeamError);
    assert.ok(!(error instanceof other.SeamHttpApiError));
  }
});

test("it works under Yarn Plug'n'Play, required", async (t) => {
  const at = empty(t);
  copyFileSync(tarball, join(at, "seam-session.tgz"));
  copyFileSync(join(folder, "all.cjs"), join(at, "all.cjs"));
  const dependencies = { "seam-session": "file:./seam-session.tgz" };
  writeFileSync(join(at, "package.json"), JSON.stringify({ dependencies }));
  writeFileSync(join(at, "yarn.lock"), "");
  const yarn = installed("@yarnpkg/cli-dist/bin/yarn.js");
  const options = {
    cwd: at,
    env: {
      ...process.env,
      YARN_ENABLE_GLOBAL_CACHE: "0",
      YARN_ENABLE_IMMUTABLE_INSTALLS: "0",
      YARN_ENABLE_NETWORK: "0",
      YARN_ENABLE_TELEMETRY: "0",
      YARN_NODE_LINKER: "pnp",
    },
  };
  await run(process.execPath, [yarn, "install"], options);
  assert.ok(readdirSync(at).includes(".pnp.cjs"));
  assert.ok(!readdirSync(at).includes("node_modules"));

  for (const program of Object.values(NODES)) {
    const args = [yarn, "node", "all.cjs"];
    assert.deepEqual(await json(program, args, options), ALL);
  }
});

/** What makes one script of all.cjs, with the package in it, at `out`. */
const BUNDLERS = {
  esbuild: (out) =>
    build({
      entryPoints: [join(folder, "all.cjs")],
      outfile: join(out, "index.js"),
      bundle: true,
      platform: "node",
      format: "cjs",
      logLevel: "error",
    }),
  // Where one gives conditions of one's own, the condition `module` is not among them.
  "esbuild, from the CommonJS build,": async (out) => {
    const { metafile } = await build({
      entryPoints: [join(folder, "all.cjs")],
      outfile: join(out, "index.js"),
      bundle: true,
      minify: true,
      metafile: true,
      platform: "node",
      format: "cjs",
      conditions: ["node"],
      logLevel: "error",
    });
    const files = Object.keys(metafile.inputs);
    assert.ok(files.some((file) => file.endsWith("dist/cjs/sandbox.js")));
    assert.ok(!files.some((file) => file.endsWith("dist/sandbox.js")));
  },
  ncc: (out) =>
    run(
      process.execPath,
      [
        installed("@vercel/ncc/dist/ncc/cli.js"),
        ...["build", "all.cjs", "--out", out, "--no-cache", "--quiet"],
      ],
      { cwd: folder },
    ),
};

for (const [name, bundle] of Object.entries(BUNDLERS)) {
  test(`a CommonJS bundle of ${name} works on its own`, async (t) => {
    const out = join(empty(t), "out");
    mkdirSync(out);
    await bundle(out);
    const [script] = readdirSync(out).filter((file) => /^index/.test(file));
    assert.deepEqual(await json(process.execPath, [join(out, script)]), ALL);
  });
}
