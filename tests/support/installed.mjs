// The packed package as a user has it: installed from the tarball into an empty project, by `cargo
// xtask pack`.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The empty project. */
export const app = new URL("../../target/package/app/", import.meta.url);

const at = new URL("node_modules/seam-session/", app);

/** The package's folder. */
export const folder = fileURLToPath(at);

const { exports } = JSON.parse(readFileSync(`${folder}package.json`, "utf8"));

/** Returns the URL of one of the package's entries, as `import` resolves it in Node. */
export function entry(name) {
  const { default: file } = exports[name.replace("seam-session", ".")];
  return new URL(file, at).href;
}

export const client = await import(entry("seam-session"));
export const { Seam } = client;
export const { Sandbox } = await import(entry("seam-session/sandbox"));
