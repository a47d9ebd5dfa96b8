// The package in tests that Vitest runs: in Node, and in jsdom and happy-dom.
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

import { startServers } from "../support/scenarios/servers.mjs";
import { project } from "../support/project.mjs";
import { run } from "../support/process.mjs";

const modules = fileURLToPath(new URL("node_modules/", import.meta.url));

for (const environment of ["node", "jsdom", "happy-dom"]) {
  test(
    `it lists, unlocks, watches and has a scope in Vitest, environment ${environment}`,
    { timeout: 120_000 },
    async (t) => {
      const folder = await project(t, [
        "support/scenarios/features.mjs",
        "hosts/vitest/features.spec.mjs",
      ]);
      symlinkSync(`${modules}vitest`, join(folder, "node_modules/vitest"));
      const { at } = await startServers(t);
      const { stdout } = await run(
        process.execPath,
        [
          `${modules}vitest/vitest.mjs`,
          ...["run", "--environment", environment, "--reporter", "json"],
        ],
        {
          cwd: folder,
          env: {
            ...process.env,
            AT: JSON.stringify(at),
            NODE_ENV: undefined,
            NODE_TEST_CONTEXT: undefined,
          },
        },
      ).catch((error) => error);
      const { testResults } = JSON.parse(stdout.slice(stdout.indexOf("{")));
      const results = testResults.flatMap((file) => [
        ...[file.message].filter(Boolean),
        ...file.assertionResults.map(({ status, failureMessages }) =>
          [status, ...failureMessages].join(" "),
        ),
      ]);
      assert.deepEqual(results, ["passed", "passed", "passed"]);
    },
  );
}
