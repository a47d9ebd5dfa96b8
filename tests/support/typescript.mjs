// TypeScript, as a user's project runs it.
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Compilers by version, oldest first. */
export const COMPILERS = {
  5.5: `${root}tests/node_modules/typescript-5.5`,
  5.8: `${root}tests/node_modules/typescript-5.8`,
  "6.0": `${root}tests/node_modules/typescript`,
  newest: `${root}node_modules/typescript`,
};

/** Where `types: ["node"]` is found. */
export const typeRoots = [`${root}node_modules/@types`];

/** The settings of a page's project, with everything strict that people turn on. */
export const STRICT = {
  target: "es2022",
  lib: ["esnext", "dom", "dom.iterable"],
  module: "esnext",
  moduleResolution: "bundler",
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  skipLibCheck: true,
  noEmit: true,
};

/**
 * Checks `files` in a folder with these compiler options. Returns what the compiler prints, which is
 * nothing when all types are right.
 */
export function typeCheck(
  folder,
  files,
  compilerOptions,
  { compiler = COMPILERS.newest, config = "tsconfig.json", args = [] } = {},
) {
  writeFileSync(
    join(folder, config),
    JSON.stringify({ compilerOptions, files }),
  );
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [
        join(compiler, "bin/tsc"),
        ...["--project", join(folder, config), "--pretty", "false", ...args],
      ],
      { cwd: folder, maxBuffer: 1 << 26 },
      (error, stdout, stderr) => {
        // An exit code means that the compiler ran.
        if (error && typeof error.code !== "number") reject(error);
        else resolve(stdout + stderr);
      },
    );
  });
}
