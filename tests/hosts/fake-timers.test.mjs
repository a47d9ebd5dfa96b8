// Calls under fake timers behave like a plain fetch, and nothing hangs when the real timers are
// restored. Each case runs in its own process, because fake timers are global.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { expectedOf } from "./fake-timers/timers.mjs";
import { TIMERS } from "./fake-timers/timers-in-node.mjs";
import { project } from "../support/project.mjs";
import { json, serve } from "../support/server.mjs";
import { run } from "../support/process.mjs";

const require = createRequire(import.meta.url);
const program = fileURLToPath(
  new URL("fake-timers/timers-in-node.mjs", import.meta.url),
);

const serveNoDevices = (t) =>
  serve(t, (_, response) => json(response, 200, { devices: [], ok: true }));

for (const [name, make] of Object.entries(TIMERS)) {
  test(`calls work under ${name}, and afterwards`, async (t) => {
    const { endpoint } = await serveNoDevices(t);
    const { stdout } = await run(process.execPath, [program, name, endpoint], {
      timeout: 60_000,
    });
    // By way of JSON, which leaves out what never came.
    const expected = JSON.stringify(expectedOf(await make()));
    assert.deepEqual(JSON.parse(stdout), JSON.parse(expected));
  });
}

/** Runs one test file in a project of its own; gives what the runner's JSON reporter prints. */
async function runIn(t, file, args) {
  const folder = await project(t, [
    "hosts/fake-timers/timers.mjs",
    `hosts/fake-timers/${file}`,
  ]);
  const { endpoint } = await serveNoDevices(t);
  const { stdout } = await run(process.execPath, args(folder), {
    cwd: folder,
    env: { ...process.env, NODE_OPTIONS: "", SEAM_TEST_ENDPOINT: endpoint },
    timeout: 120_000,
  }).catch((error) => assert.fail(error.stdout + error.stderr));
  return JSON.parse(stdout.slice(stdout.indexOf("{")));
}

test("calls work under Jest's fake timers in Jest, and in the test after it", async (t) => {
  const result = await runIn(t, "jest.test.mjs", (folder) => [
    "--experimental-vm-modules",
    require.resolve("jest/bin/jest"),
    ...["--json", "--rootDir", folder],
  ]);
  assert.equal(result.numPassedTests, 2);
});

test("calls work under Vitest's fake timers in Vitest, and in the test after it", async (t) => {
  const vitest = dirname(require.resolve("vitest/package.json"));
  const result = await runIn(t, "vitest.test.mjs", (folder) => [
    join(vitest, "vitest.mjs"),
    ...["run", "--root", folder, "--globals"],
    // In a child process Vitest cannot fake nextTick.
    ...["--pool", "threads", "--reporter", "json"],
  ]);
  assert.equal(result.numPassedTests, 4);
});
