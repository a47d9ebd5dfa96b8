// The packed package in Jest projects with default configurations, in two major versions.
import assert from "node:assert/strict";
import {
  cpSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { fileURLToPath } from "node:url";

import { folder } from "../support/installed.mjs";
import { startSandbox } from "../support/sandbox.mjs";
import { run } from "../support/process.mjs";

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));

/** Jest finds what is installed in tests/jest/ above each project. */
const root = path("../../target/jest/");

before(() => {
  rmSync(root, { recursive: true, force: true });
  mkdirSync(join(root, "jest-29"), { recursive: true });
  for (const name of ["", "jest-29/"]) {
    symlinkSync(
      path(`../jest/${name}node_modules`),
      join(root, name, "node_modules"),
    );
  }
});

/** A project with these files of tests/jest/project/ and others, by their names and text. */
function make(name, files, more = {}) {
  const at = join(root, name);
  mkdirSync(join(at, "node_modules"), { recursive: true });
  cpSync(folder, join(at, "node_modules/seam-session"), { recursive: true });
  for (const file of ["scenario.cjs", ...files]) {
    cpSync(path(`../jest/project/${file}`), join(at, file));
  }
  const texts = { "package.json": "{}", ...more };
  for (const [file, text] of Object.entries(texts)) {
    writeFileSync(join(at, file), text);
  }
  return at;
}

const BABEL = `module.exports = {
  presets: [["@babel/preset-env", { targets: { node: "current" } }]],
};`;
const JSDOM = `{ "jest": { "testEnvironment": "jest-fixed-jsdom" } }`;
const TS_JEST = `{ "jest": { "preset": "ts-jest" } }`;
const MAPPED = `{
  "jest": { "moduleNameMapper": { "^seam-session/worker$": "seam-session" } }
}`;

const MODULE = `{ "type": "module", "jest": { "transform": {} } }`;
const VM_MODULES = "--experimental-vm-modules";

/**
 * The folder and Jest of a project, its test file, what else it consists of, its number of tests,
 * and the flag that Node is given.
 */
const PROJECTS = [
  ["plain", 30, "require.test.js", {}, 4],
  ["babel-jest", 30, "import.test.js", { "babel.config.js": BABEL }, 2],
  ["ts-jest", 30, "typed.test.ts", { "package.json": TS_JEST }, 3],
  ["jsdom", 30, "require.test.js", { "package.json": JSDOM }, 4],
  ["mapped", 30, "mapped.test.js", { "package.json": MAPPED }, 2],
  ["modules", 30, "import.test.js", { "package.json": MODULE }, 2, VM_MODULES],
  ["vm-modules", 30, "require.test.js", {}, 4, VM_MODULES],
  ["jest-29/plain", 29, "require.test.js", {}, 4],
  ["jest-29/babel-jest", 29, "import.test.js", { "babel.config.js": BABEL }, 2],
  ["jest-29/ts-jest", 29, "typed.test.ts", { "package.json": TS_JEST }, 3],
];

for (const [name, version, file, more, count, flag] of PROJECTS) {
  test(`the project ${name} passes its tests in Jest ${version}`, async (t) => {
    const info = await startSandbox(t);
    const at = make(name, [file], more);
    const jest = join(at, "../node_modules/jest");
    const { version: found } = JSON.parse(
      readFileSync(join(jest, "package.json"), "utf8"),
    );
    assert.equal(Number.parseInt(found), version);

    const { stdout } = await run(
      process.execPath,
      [
        ...(flag ? [flag] : []),
        join(jest, "bin/jest.js"),
        "--json",
        "--no-cache",
      ],
      {
        cwd: at,
        env: {
          ...process.env,
          // The test runner's, which would change what Jest does.
          NODE_ENV: undefined,
          NODE_OPTIONS: undefined,
          NODE_TEST_CONTEXT: undefined,
          SEAM_AT: JSON.stringify({
            endpoint: info.endpoint,
            token: info.client_session_token,
            other: info.device_ids.at(-1),
          }),
        },
      },
    ).catch((error) => error);

    const { numPassedTests, testResults } = JSON.parse(stdout);
    const messages = testResults.map(({ message }) => message);
    assert.deepEqual(messages, [""]);
    assert.equal(numPassedTests, count);
  });
}
