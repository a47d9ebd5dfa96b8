// The source files of a folder.

import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

const SKIPPED = new Set(["node_modules", "target", "dist"]);

/**
 * Returns the files below a folder whose names match, as sorted paths relative to `root` with `/`.
 *
 * @param {string} root
 * @param {string} folder
 * @param {RegExp} name
 * @returns {string[]}
 * @throws if there is no such file: a check of nothing would pass
 */
export function sourceFiles(root, folder, name) {
  const found = [];
  const walk = (path) => {
    for (const entry of readdirSync(join(root, path), {
      withFileTypes: true,
    })) {
      const child = `${path}/${entry.name}`;
      if (entry.isDirectory()) {
        if (!SKIPPED.has(entry.name)) walk(child);
      } else if (name.test(entry.name)) {
        found.push(child);
      }
    }
  };
  if (existsSync(join(root, folder))) walk(folder);
  if (found.length === 0) throw new Error(`${folder}/ has no source files.`);
  return found.sort();
}
