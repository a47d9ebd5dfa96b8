// The declarations in users' compilers: from the installed tarball, and checked themselves
// (`skipLibCheck` off).
import assert from "node:assert/strict";
import { copyFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { before, test } from "node:test";

import { project } from "../support/project.mjs";
import { COMPILERS, typeCheck, typeRoots } from "../support/typescript.mjs";

const BUNDLER = { module: "esnext", moduleResolution: "bundler" };
const NODE = { module: "nodenext", moduleResolution: "nodenext" };
const NODE16 = { module: "node16", moduleResolution: "node16" };
// What `module: "commonjs"` means to TypeScript 5.
const COMMONJS = { module: "commonjs", moduleResolution: "node10" };
const OLD = { ignoreDeprecations: "6.0" };

// What a project knows of its host: a page, a server, or both.
const PAGE = { lib: ["es2022", "dom", "dom.iterable"], types: [] };
const SERVER = { lib: ["es2022"], types: ["node"] };
const BOTH = { lib: ["es2022", "dom", "dom.iterable"], types: ["node"] };
const NEWEST = { lib: ["esnext", "dom", "dom.iterable"], types: [] };

/** The compiler, its options and the fixture that it checks. */
const CASES = [
  ["5.5", BUNDLER, PAGE, "use.ts"],
  ["5.5", BUNDLER, SERVER, "use.ts"],
  ["5.8", NODE, PAGE, "use.ts"],
  ["5.8", NODE, SERVER, "use.ts"],
  ["5.8", NODE, SERVER, "use.cts"],
  ["newest", BUNDLER, PAGE, "use.ts"],
  ["newest", NODE, BOTH, "use.ts"],
  ["newest", NODE, SERVER, "use.cts"],
  ["5.5", COMMONJS, PAGE, "every.ts"],
  ["5.5", COMMONJS, SERVER, "use.cts"],
  ["5.5", NODE16, PAGE, "every.ts"],
  ["5.5", NODE16, PAGE, "every.cts"],
  ["6.0", { ...COMMONJS, ...OLD }, PAGE, "every.ts"],
  ["newest", BUNDLER, PAGE, "every.ts"],
  ["newest", NODE, PAGE, "every.cts"],
  ["5.5", BUNDLER, NEWEST, "disposable.ts"],
  ["newest", NODE, NEWEST, "disposable.ts"],
];

let folder;
before(async (t) => {
  folder = await project(t, [
    "types/compilers/use.ts",
    "types/compilers/use.cts",
    "types/compilers/every.ts",
    "types/compilers/disposable.ts",
  ]);
  copyFileSync(join(folder, "every.ts"), join(folder, "every.cts"));
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }\n');
});

for (const [version, resolution, { lib, types }, file] of CASES) {
  const { module, moduleResolution } = resolution;
  test(`TypeScript ${version}, module ${module}, moduleResolution ${moduleResolution}, with [${[...lib, ...types].slice(1)}], compiles ${file}`, async () => {
    const options = {
      ...resolution,
      lib,
      types,
      typeRoots,
      target: "es2022",
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: false,
      noEmit: true,
    };
    const output = await typeCheck(folder, [file], options, {
      compiler: COMPILERS[version],
      config: `${version}-${module}-${moduleResolution}-${[...lib, ...types]}-${file}.json`,
    });
    // The fixture's expected errors are missed when the types do not arrive.
    assert.equal(output, "");
  });
}

test("typescript-eslint reports a request that nobody awaits, with its rule as it comes", async () => {
  const require = createRequire(
    new URL("../jest/package.json", import.meta.url),
  );
  const { ESLint } = require("eslint");
  const { parser, plugin } = require("typescript-eslint");
  const file = "floating.ts";
  const lines = [
    `import { Seam } from "seam-session";`,
    `export async function unlock(seam: Seam, device_id: string) {`,
    `  seam.locks.unlockDoor({ device_id });`,
    `  seam.request("/devices/list");`,
    `  await seam.locks.unlockDoor({ device_id });`,
    `  seam.devices.watch();`,
    `  return seam.devices.list();`,
    `}`,
  ];
  writeFileSync(join(folder, file), lines.join("\n"));
  const config = join(folder, "tsconfig.json");
  const compilerOptions = { ...NODE, ...PAGE, strict: true };
  writeFileSync(config, JSON.stringify({ compilerOptions, files: [file] }));
  const eslint = new ESLint({
    cwd: folder,
    overrideConfigFile: true,
    overrideConfig: [
      {
        files: ["*.ts"],
        languageOptions: { parser, parserOptions: { project: config } },
        plugins: { "@typescript-eslint": plugin },
        rules: { "@typescript-eslint/no-floating-promises": "error" },
      },
    ],
  });

  const [{ messages }] = await eslint.lintFiles([file]);

  assert.deepEqual(
    messages.map(({ ruleId, line }) => [ruleId, line]),
    [3, 4].map((line) => ["@typescript-eslint/no-floating-promises", line]),
  );
});
