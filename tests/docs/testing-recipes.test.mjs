// The recipes of docs/testing.md, run as a reader copies them: in Vitest, in Jest and in pytest.
// testing-recipes.browser.test.mjs runs the one for Playwright.
import assert from "node:assert/strict";
import { symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { test } from "node:test";

import { filesOf } from "../support/documents.mjs";
import { run } from "../support/process.mjs";
import { project } from "../support/project.mjs";

const require = createRequire(import.meta.url);
const VITEST = dirname(require.resolve("vitest/package.json"));
const JEST = dirname(require.resolve("jest/package.json"));

/** A project with the files of a section of the guide; `links` are more packages. */
async function recipe(t, section, links = {}) {
  const folder = await project(t, []);
  for (const [name, text] of Object.entries(
    filesOf("docs/testing.md", section),
  ))
    writeFileSync(join(folder, name), text);
  for (const [name, to] of Object.entries(links))
    symlinkSync(to, join(folder, "node_modules", name));
  return folder;
}

/** The environment of a reader: without what this test runner has set. */
const environment = () => ({
  ...process.env,
  NODE_ENV: undefined,
  NODE_OPTIONS: undefined,
  NODE_TEST_CONTEXT: undefined,
  SEAM_API_KEY: undefined,
  SEAM_ENDPOINT: undefined,
});

test("the recipe for Vitest passes, in process and with a server for all tests", async (t) => {
  const folder = await recipe(t, "Vitest", { vitest: VITEST });
  const { stdout } = await run(
    process.execPath,
    [join(VITEST, "vitest.mjs"), "run", "--reporter", "json"],
    { cwd: folder, env: environment() },
  ).catch((error) => assert.fail(error.stdout + error.stderr));
  const result = JSON.parse(stdout.slice(stdout.indexOf("{")));
  assert.deepEqual([result.numPassedTests, result.numTotalTests], [2, 2]);
});

test("the recipe for Jest passes with a server for all tests, which it ends", async (t) => {
  const folder = await recipe(t, "Jest");
  writeFileSync(
    join(folder, "back-end.test.js"),
    `const { Seam } = require("seam-session");
     test("the workspace has locks", async () => {
       expect(await new Seam().locks.list()).not.toHaveLength(0);
     });`,
  );
  const { stdout } = await run(
    process.execPath,
    [join(JEST, "bin/jest.js"), "--json", "--no-cache"],
    { cwd: folder, env: environment() },
  ).catch((error) => assert.fail(error.stdout + error.stderr));
  const { numPassedTests, numTotalTests } = JSON.parse(stdout);
  assert.deepEqual([numPassedTests, numTotalTests], [1, 1]);
});

test("the recipe for pytest passes", async (t) => {
  const folder = await recipe(t, "pytest");
  const { PYTHON } = process.env;
  assert.ok(PYTHON, "PYTHON names a Python that has pytest and Seam's SDK");
  const { stdout } = await run(PYTHON, ["-m", "pytest", "-q"], {
    cwd: folder,
    env: environment(),
  }).catch((error) => assert.fail(error.stdout + error.stderr));
  assert.match(stdout, /^1 passed in /m);
});
