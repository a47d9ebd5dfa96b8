// The workspace of frameworks, with the tarball installed: tests/hosts/frameworks/ is its source, and
// `cargo xtask test hosts` has its packages installed in target/frameworks/.
import assert from "node:assert/strict";
import { cpSync, existsSync, mkdirSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { tarball } from "../support/project.mjs";
import { run } from "../support/process.mjs";

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));

/** The workspace's folder. */
export const workspace = path("../../target/frameworks/");

/** Copies the sources anew, and unpacks the tarball as npm does. */
export async function install() {
  assert.ok(
    existsSync(`${workspace}node_modules`),
    "the frameworks are installed by `cargo xtask test hosts`",
  );
  cpSync(path("frameworks"), workspace, { recursive: true });
  cpSync(
    path("../support/scenarios/features.mjs"),
    `${workspace}shared/features.mjs`,
  );
  const folder = `${workspace}node_modules/seam-session`;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  await run("tar", ["xzf", tarball, "-C", folder, "--strip-components=1"]);
}
