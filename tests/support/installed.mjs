// The packed package as a user has it: installed from the tarball into an
// empty project. `cargo xtask test` packs and installs it.
import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";

/** The empty project. */
export const app = new URL("../../target/package/app/", import.meta.url);

const resolve = createRequire(new URL("index.js", app)).resolve;

/** The URL of one of the package's entries. */
export function entry(name) {
  return pathToFileURL(resolve(name)).href;
}

/** The package's folder. */
export const folder = fileURLToPath(new URL("node_modules/seam-session/", app));

export const client = await import(entry("seam-session"));
export const { Seam } = client;
export const { Sandbox } = await import(entry("seam-session/sandbox"));
