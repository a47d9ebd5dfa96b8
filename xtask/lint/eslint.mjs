// Lints pkg/src with typescript-eslint: promises that nobody awaits, and what goes with them.
//
//   node xtask/lint/eslint.mjs
//
// typescript-eslint does not support the TypeScript that compiles the package, so it runs with that
// of tests/jest, whose packages it is one of.

import { createRequire } from "node:module";
import process from "node:process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const require = createRequire(`${root}tests/jest/package.json`);
const { ESLint } = require("eslint");
const { parser, plugin } = require("typescript-eslint");

/** What the app, its `fetch` or its signal has thrown is passed on, whatever it is. */
const passedOn = { allowThrowingAny: true, allowThrowingUnknown: true };

const rules = {
  "await-thenable": "error",
  "no-floating-promises": ["error", { ignoreVoid: true }],
  // A listener may return a promise that rejects nowhere else.
  "no-misused-promises": ["error", { checksVoidReturn: true }],
  "only-throw-error": ["error", passedOn],
  "prefer-promise-reject-errors": ["error", passedOn],
  "return-await": ["error", "error-handling-correctness-only"],
};

export const eslint = new ESLint({
  cwd: root,
  overrideConfigFile: true,
  overrideConfig: [
    {
      files: ["pkg/src/**/*.ts"],
      ignores: ["pkg/src/generated/**"],
      languageOptions: {
        parser,
        parserOptions: {
          project: "pkg/tsconfig.json",
          tsconfigRootDir: root,
          // In CI the parser would take a file from the disk, not the text that it is given.
          disallowAutomaticSingleRunInference: true,
        },
      },
      plugins: { "@typescript-eslint": plugin },
      linterOptions: { reportUnusedDisableDirectives: "error" },
      rules: Object.fromEntries(
        Object.entries(rules).map(([name, level]) => [
          `@typescript-eslint/${name}`,
          level,
        ]),
      ),
    },
  ],
});

/** Returns a line for each problem in the results of ESLint. */
export function problemsIn(results) {
  return results.flatMap(({ filePath, messages }) =>
    messages.map(
      ({ line, message, ruleId }) =>
        `${filePath.slice(root.length)}:${line}: ${message} (${ruleId})`,
    ),
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const results = await eslint.lintFiles(["pkg/src/**/*.ts"]);
  const problems = problemsIn(results);
  for (const problem of problems) console.error(`error: ${problem}`);
  console.log(`${results.length} files, ${problems.length} problems.`);
  process.exitCode = problems.length > 0 ? 1 : 0;
}
