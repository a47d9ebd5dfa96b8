// A user's project: an empty folder of its own with the tarball installed.
import { cpSync, readdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "./process.mjs";
import { temporaryFolder } from "./temporary-folder.mjs";

const packed = new URL("../../target/package/", import.meta.url);

/** The tarball that `cargo xtask test` packed. */
export const tarball =
  process.env.SEAM_SESSION_TARBALL ??
  fileURLToPath(
    new URL(
      readdirSync(packed).find((name) => name.endsWith(".tgz")),
      packed,
    ),
  );

/**
 * Makes a project for the running test, with copies of `files`, which are paths under tests/. Returns
 * its folder.
 */
export async function project(t, files) {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
  for (const file of files) {
    cpSync(
      fileURLToPath(new URL(`../${file}`, import.meta.url)),
      join(folder, basename(file)),
    );
  }
  await installTarball(folder);
  return folder;
}

/** Installs the tarball in a folder that has a package.json. */
export async function installTarball(folder) {
  // Offline: the package has no dependencies, and if it had, this would fail.
  await run(
    "npm",
    ["install", "--offline", "--no-audit", "--no-fund", tarball],
    { cwd: folder },
  );
}
