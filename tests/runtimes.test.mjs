// The same scenario in every runtime, each with the tarball installed in a
// project of its own.
import { execFile } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { startServers } from "./hosts/servers.mjs";
import { project } from "./support/project.mjs";

const run = promisify(execFile);
const bin = (name) =>
  fileURLToPath(new URL(`node_modules/.bin/${name}`, import.meta.url));

/** What runs which fixture; the fixture's argument is added, it prints its result. */
const RUNTIMES = [
  ["Node, as an ES module", process.execPath, [], "module.mjs"],
  ["Node, as CommonJS", process.execPath, [], "common.cjs"],
  [
    "Deno",
    bin("deno"),
    [
      "run",
      "--no-prompt",
      "--allow-net=127.0.0.1",
      "--node-modules-dir=manual",
    ],
    "module.mjs",
  ],
  ["Bun, as an ES module", bin("bun"), ["run"], "module.mjs"],
  ["Bun, as CommonJS", bin("bun"), ["run"], "common.cjs"],
];

for (const [name, program, args, file] of RUNTIMES) {
  test(`it lists, unlocks, and fails alike in ${name}`, async (t) => {
    const folder = await project(t, [
      "hosts/scenario.mjs",
      `fixtures/runtimes/${file}`,
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
