// A user's project: an empty folder of its own with the tarball installed.
import { execFile } from "node:child_process";
import {
  cpSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
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
 * Makes a project for the running test, with copies of `files` in it, which are
 * paths under tests/. Gives its folder.
 */
export async function project(t, files) {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "seam-session-")));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
  for (const file of files) {
    cpSync(
      fileURLToPath(new URL(`../${file}`, import.meta.url)),
      join(folder, basename(file)),
    );
  }
  // Offline: the package has no dependencies, and if it had, this would say so.
  await run(
    "npm",
    ["install", "--offline", "--no-audit", "--no-fund", tarball],
    { cwd: folder },
  );
  return folder;
}
