// Checks that each layer of pkg/src imports only from itself and from earlier layers, types included.
//
//   node xtask/lint/layers.mjs
//
// Within a layer any file may import any other; import-cycles.mjs finds the cycles.

import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { imports } from "./import-cycles.mjs";

const SOURCE = "pkg/src";

/**
 * The layers, each of which may import from those before it. A layer is a list of folders (with `/` at the end) and files. The
 * longest match counts, so that a part of a folder can be in another layer than the rest.
 */
export const LAYERS = [
  // The helper types that generated code uses.
  ["core/utility-types.ts"],
  ["generated/"],
  ["core/"],
  ["wasm/"],
  ["transport/"],
  ["token/"],
  ["lists/"],
  // The generated interfaces of the namespaces return the requests of client/.
  ["client/", "generated/namespaces/"],
  ["worker/protocol/"],
  ["worker/page/"],
  ["worker/thread/"],
  ["seam-components/"],
  ["react/"],
  ["vue/"],
  ["server/"],
  ["sandbox/"],
  ["cli/"],
  // The entries, at the root of pkg/src.
  [""],
];

/** Imports against the order: `importer -> imported`, each with its reason. There are none. */
export const EXCEPTIONS = new Map();

/**
 * Returns the layer of a file, as an index into `layers`.
 *
 * @param {string} file the path below pkg/src
 * @param {string[][]} layers
 * @returns {number | undefined} `undefined` if the file is in no layer
 */
export function layerOf(file, layers) {
  const isEntry = !file.includes("/");
  const matches = layers
    .flatMap((paths, index) => paths.map((path) => ({ path, index })))
    .filter(({ path }) =>
      path === ""
        ? isEntry
        : path === file || (path.endsWith("/") && file.startsWith(path)),
    )
    .sort((a, b) => b.path.length - a.path.length);
  return matches[0]?.index;
}

/**
 * Returns what is wrong, a sentence each.
 *
 * @param {[importer: string, imported: string][]} pairs paths below pkg/src
 * @param {string[][]} layers
 * @param {Map<string, string>} exceptions
 * @returns {string[]}
 */
export function problems(pairs, layers, exceptions) {
  const found = [];
  const used = new Set();
  const homeless = new Set();
  for (const [importer, imported] of pairs) {
    const [from, to] = [importer, imported].map((it) => layerOf(it, layers));
    if (from === undefined) homeless.add(importer);
    if (to === undefined) homeless.add(imported);
    if (from === undefined || to === undefined || to <= from) continue;
    const line = `${importer} -> ${imported}`;
    if (exceptions.has(line)) used.add(line);
    else {
      found.push(
        `${SOURCE}/${importer} imports ${imported}, which is in a later layer: declare an interface in the importer, or move what both need down.`,
      );
    }
  }
  for (const file of homeless) {
    found.push(
      `${SOURCE}/${file} is in no layer: add its folder to LAYERS in xtask/lint/layers.mjs.`,
    );
  }
  for (const line of exceptions.keys()) {
    if (!used.has(line)) {
      found.push(
        `The exception ${line} is not needed: remove it from EXCEPTIONS.`,
      );
    }
  }
  return found;
}

function main() {
  const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
  const below = (path) => path.slice(SOURCE.length + 1);
  const pairs = imports(root, [SOURCE]).map((pair) => pair.map(below));
  const wrong = problems(pairs, LAYERS, EXCEPTIONS);
  for (const problem of wrong) console.error(`error: ${problem}`);
  console.log(`${LAYERS.length} layers, ${wrong.length} problems.`);
  return wrong.length > 0 ? 1 : 0;
}

if (resolve(process.argv[1] ?? "") === fileURLToPath(import.meta.url)) {
  process.exitCode = main();
}
