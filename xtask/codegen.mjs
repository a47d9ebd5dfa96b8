// Writes the generated files from the OpenAPI that @seamapi/types ships.
//
//   node xtask/codegen.mjs           writes them
//   node xtask/codegen.mjs --check   writes nothing, exits 1 if one is out of date
//
// Only facts cross over: names, types, limits, credentials. The descriptions stay behind.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

import { coreTable } from "./codegen/core.mjs";
import { fail } from "./codegen/fail.mjs";
import { withOfficial } from "./codegen/official.mjs";
import { documentedRoutes } from "./codegen/openapi.mjs";
import { sandboxTable } from "./codegen/sandbox.mjs";
import { typescriptTable } from "./codegen/table.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const modules = join(root, "tests", "node_modules");

const { openapi } = await import(pathToFileURL(installed()).href);
// The package does not export its own package.json, so it is read as a file.
const { version } = JSON.parse(
  readFileSync(join(modules, "@seamapi/types/package.json"), "utf8"),
);
const documented = documentedRoutes(openapi);
const api = { openapi, version, routes: withOfficial(documented, modules) };

/** Each generated file and its text. */
const files = new Map([
  ["sandbox/src/schema/table.rs", sandboxTable({ ...api, routes: documented })],
  ["src/route/table.rs", coreTable(api)],
  ["pkg/src/generated/routes.ts", typescriptTable(api)],
]);

const check = process.argv.includes("--check");
const stale = [];
for (const [file, wanted] of files) {
  const path = join(root, file);
  if (read(path) === wanted) continue;
  stale.push(file);
  if (check) continue;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, wanted);
}
if (check && stale.length > 0) {
  console.error(
    `out of date: ${stale.join(", ")}; run: node xtask/codegen.mjs`,
  );
  process.exitCode = 1;
}

function read(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}

function installed() {
  try {
    return createRequire(join(root, "tests", "package.json")).resolve(
      "@seamapi/types/connect",
    );
  } catch {
    return fail("@seamapi/types is not installed; run: npm ci --prefix tests");
  }
}
