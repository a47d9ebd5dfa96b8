// The types as users' compilers read them: from the installed tarball, and with
// the declarations themselves checked (`skipLibCheck` off).
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { project } from "./support/project.mjs";

const run = promisify(execFile);
const path = (name) => fileURLToPath(new URL(name, import.meta.url));

const COMPILERS = {
  5.5: path("node_modules/typescript-5.5"),
  5.8: path("node_modules/typescript-5.8"),
  newest: path("../node_modules/typescript"),
};

const BUNDLER = { module: "esnext", moduleResolution: "bundler" };
const NODE = { module: "nodenext", moduleResolution: "nodenext" };

// What a project knows of its host: a page, a server, or both.
const PAGE = { lib: ["es2022", "dom", "dom.iterable"], types: [] };
const SERVER = { lib: ["es2022"], types: ["node"] };
const BOTH = { lib: ["es2022", "dom", "dom.iterable"], types: ["node"] };

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
];

let folder;
before(async (t) => {
  folder = await project(t, [
    "fixtures/compilers/use.ts",
    "fixtures/compilers/use.cts",
  ]);
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }\n');
});

for (const [version, resolution, { lib, types }, file] of CASES) {
  test(`TypeScript ${version}, ${resolution.moduleResolution}, with [${[...lib, ...types].slice(1)}], compiles ${file}`, async () => {
    const compiler = COMPILERS[version];
    const config = join(
      folder,
      `${version}-${resolution.moduleResolution}-${types}-${lib.length}.json`,
    );
    writeFileSync(
      config,
      JSON.stringify({
        compilerOptions: {
          ...resolution,
          lib,
          types,
          typeRoots: [path("../node_modules/@types")],
          target: "es2022",
          strict: true,
          exactOptionalPropertyTypes: true,
          skipLibCheck: false,
          noEmit: true,
        },
        files: [file],
      }),
    );
    const { stdout } = await run(process.execPath, [
      join(compiler, "bin/tsc"),
      "--project",
      config,
    ]).catch((error) => {
      if (error.stdout) return error;
      throw error;
    });
    // The fixture's expected errors are missed when the types do not arrive.
    assert.equal(stdout, "");
  });
}
