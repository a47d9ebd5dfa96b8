// The same scenario in every runtime, each in a project of its own with the tarball installed.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

import { startServers } from "../support/scenarios/servers.mjs";
import { expected } from "../support/scenarios/features.mjs";
import { killOnExit } from "../support/children.mjs";
import { project } from "../support/project.mjs";
import { run } from "../support/process.mjs";

const bin = (name) =>
  fileURLToPath(new URL(`../node_modules/.bin/${name}`, import.meta.url));

const DENO = [
  ...["run", "--no-prompt", "--allow-net=127.0.0.1"],
  "--node-modules-dir=manual",
];

/** What runs which fixture; the fixture's argument is added, it prints its result. */
const RUNTIMES = [
  ["Node, as an ES module", process.execPath, [], "module.mjs"],
  ["Node, as CommonJS", process.execPath, [], "common.cjs"],
  ["Node, slim", process.execPath, [], "slim.mjs"],
  ["Deno", bin("deno"), DENO, "module.mjs"],
  ["Deno, as CommonJS", bin("deno"), [...DENO, "--allow-read=."], "common.cjs"],
  ["Deno, slim", bin("deno"), [...DENO, "--allow-read=."], "slim.mjs"],
  ["Bun, as an ES module", bin("bun"), ["run"], "module.mjs"],
  ["Bun, as CommonJS", bin("bun"), ["run"], "common.cjs"],
  ["Bun, slim", bin("bun"), ["run"], "slim.mjs"],
];

/** The same as a worker of workerd. */
const WORKERS = [
  ["workerd", "worker.mjs"],
  ["workerd, slim", "slim-worker.mjs"],
];

for (const [name, program, args, file] of RUNTIMES) {
  test(`it lists, unlocks, and fails alike in ${name}`, async (t) => {
    const folder = await project(t, [
      "support/scenarios/calls.mjs",
      `hosts/runtimes/${file}`,
    ]);
    const { at, check } = await startServers(t);
    const { stdout } = await run(program, [...args, file, JSON.stringify(at)], {
      cwd: folder,
      env: { ...process.env, DENO_NO_UPDATE_CHECK: "1" },
      timeout: 60_000,
    });
    check(JSON.parse(stdout));
  });
}

for (const [name, file] of WORKERS) {
  test(`it lists, unlocks, and fails alike in ${name}`, async (t) => {
    const folder = await project(t, [
      "support/scenarios/calls.mjs",
      `hosts/runtimes/${file}`,
      "hosts/runtimes/config.capnp",
    ]);
    // As wrangler does it: its conditions, and the module as a file of its own.
    await build({
      entryPoints: [join(folder, file)],
      outfile: join(folder, "worker.js"),
      bundle: true,
      format: "esm",
      target: "es2022",
      conditions: ["workerd", "worker", "browser"],
      loader: { ".wasm": "copy" },
      assetNames: "[name]",
      logLevel: "warning",
    });
    const { at, check } = await startServers(t);
    const response = await fetch(await serveWorker(t, folder), {
      method: "POST",
      body: JSON.stringify(at),
    });
    check(await response.json());
  });
}

test("Deno without permission to read the environment finds the endpoint by default", async (t) => {
  const file = "default-endpoint.mjs";
  const folder = await project(t, [`hosts/runtimes/${file}`]);
  const { stdout } = await run(
    bin("deno"),
    ["run", "--no-prompt", "--allow-net", "--node-modules-dir=manual", file],
    {
      cwd: folder,
      env: { ...process.env, DENO_NO_UPDATE_CHECK: "1" },
      timeout: 60_000,
    },
  );
  assert.deepEqual(JSON.parse(stdout), {
    asked: ["https://connect.getseam.com/devices/list"],
    listed: 0,
  });
});

test("the client is in a worker in an executable that Bun compiles", async (t) => {
  const folder = await project(t, [
    "support/scenarios/features.mjs",
    "hosts/project/own-worker/seam-worker.js",
    "hosts/runtimes/compiled.mjs",
  ]);
  const { at } = await startServers(t);
  const compile = ["compiled.mjs", "seam-worker.js", "--outfile", "app"];
  const options = { cwd: folder, timeout: 120_000 };
  await run(bin("bun"), ["build", "--compile", ...compile], options);
  const { stdout } = await run(
    join(folder, "app"),
    [JSON.stringify(at)],
    options,
  );
  assert.deepEqual(JSON.parse(stdout), expected);
});

/** Runs the worker of config.capnp for the running test; gives its address. */
async function serveWorker(t, folder) {
  const worker = spawn(
    bin("workerd"),
    "serve config.capnp --socket-addr http=127.0.0.1:0 --control-fd 1".split(
      " ",
    ),
    { cwd: folder, stdio: ["ignore", "pipe", "inherit"] },
  );
  killOnExit(worker);
  t.after(() => worker.kill());
  const [line] = await once(createInterface({ input: worker.stdout }), "line");
  return `http://127.0.0.1:${JSON.parse(line).port}/`;
}
