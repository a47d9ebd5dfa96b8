// Finds import cycles in pkg/src and www, type imports included.
//
//   node xtask/lint/import-cycles.mjs            fails if an import closes a cycle that is not in
//                                                the baseline, or if the baseline has one too many
//   node xtask/lint/import-cycles.mjs --list     prints the files of every cycle
//   node xtask/lint/import-cycles.mjs --update   writes the baseline
//
// The baseline, import-cycles.txt, has every import that is part of a cycle, so that a new import
// between files that already form one is noticed too. It may only get shorter.

import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join, posix, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { sourceFiles } from "./files.mjs";
import { tokens } from "./tokens.mjs";

const FOLDERS = ["pkg/src", "www"];
const SOURCE = /\.[cm]?[jt]sx?$/;
const HERE = dirname(fileURLToPath(import.meta.url));
const BASELINE = "xtask/lint/import-cycles.txt";
const HEADER = `# Imports that are part of a cycle. Written by \`node xtask/lint/import-cycles.mjs --update\`;
# it may only get shorter.
`;

/**
 * Returns what a file imports or exports from elsewhere, types and dynamic imports included.
 *
 * @param {string} text
 * @returns {string[]}
 */
export function importedPaths(text) {
  const all = tokens(text, "typescript");
  const is = (index, value) =>
    all[index]?.type !== "string" && all[index]?.value === value;
  const string = (index) =>
    all[index]?.type === "string" ? [all[index].value] : [];
  /** The string after `from`, before the statement ends or the next one begins. */
  const from = (start) => {
    for (let index = start; index < all.length; index += 1) {
      if (is(index, "from") && all[index + 1]?.type === "string") {
        return string(index + 1);
      }
      if ([";", "import", "export"].some((end) => is(index, end))) return [];
    }
    return [];
  };
  return all.flatMap((token, index) => {
    if (token.type !== "identifier" || is(index - 1, ".")) return [];
    const next = index + (is(index + 1, "type") ? 2 : 1);
    if (token.value === "import") {
      if (is(index + 1, "(")) return string(index + 2);
      if (is(index + 1, ".") || is(index + 1, ":")) return [];
      return all[index + 1]?.type === "string"
        ? string(index + 1)
        : from(index + 1);
    }
    if (token.value === "export" && (is(next, "{") || is(next, "*"))) {
      return from(next);
    }
    if (token.value === "require" && is(index + 1, "(")) {
      return string(index + 2);
    }
    return [];
  });
}

/**
 * Returns which file imports which, as sorted pairs of paths relative to `root`.
 *
 * @param {string} root
 * @param {string[]} folders
 * @returns {[importer: string, imported: string][]}
 */
export function imports(root, folders) {
  const files = new Set(
    folders.flatMap((folder) => sourceFiles(root, folder, SOURCE)),
  );
  const find = (importer, path) => {
    const target = posix.join(posix.dirname(importer), path);
    const stem = target.replace(/\.([cm]?)jsx?$/, "");
    const m = target.match(/\.([cm])js$/)?.[1] ?? "";
    return [
      target,
      ...[`.${m}ts`, ".tsx", `.d.${m}ts`].map((end) => stem + end),
      ...[".js", ".jsx", ".mjs", ".ts", ".tsx"].map((end) => target + end),
      ...[".ts", ".tsx", ".js", ".mjs"].map((end) => `${target}/index${end}`),
    ].find((path) => files.has(path));
  };
  const pairs = new Map();
  for (const file of files) {
    for (const path of importedPaths(readFileSync(join(root, file), "utf8"))) {
      if (!/^\.\.?(\/|$)/.test(path)) continue;
      const imported = find(file, path);
      if (imported) pairs.set(`${file} ${imported}`, [file, imported]);
    }
  }
  return [...pairs.keys()].sort().map((key) => pairs.get(key));
}

/**
 * Returns the cycles: sets of files of which each can be reached from each other, and files that
 * import themselves. (The strongly connected components, by Tarjan.)
 *
 * @param {[string, string][]} pairs
 * @returns {string[][]}
 */
export function cycles(pairs) {
  const imported = graph(pairs);
  const order = new Map();
  const lowest = new Map();
  const stack = [];
  const found = [];
  const visit = (file) => {
    order.set(file, order.size);
    lowest.set(file, order.get(file));
    stack.push(file);
    for (const next of imported.get(file) ?? []) {
      if (!order.has(next)) {
        visit(next);
        lowest.set(file, Math.min(lowest.get(file), lowest.get(next)));
      } else if (stack.includes(next)) {
        lowest.set(file, Math.min(lowest.get(file), order.get(next)));
      }
    }
    if (lowest.get(file) !== order.get(file)) return;
    const members = stack.splice(stack.indexOf(file)).sort();
    if (members.length > 1 || imported.get(file)?.includes(file)) {
      found.push(members);
    }
  };
  for (const file of imported.keys()) {
    if (!order.has(file)) visit(file);
  }
  return found.sort((a, b) => (a[0] < b[0] ? -1 : 1));
}

/** Returns the imports that are part of a cycle, one a line as in the baseline. */
export function cyclicImports(pairs) {
  const cycleOf = new Map();
  for (const members of cycles(pairs)) {
    for (const file of members) cycleOf.set(file, members);
  }
  return pairs
    .filter(([a, b]) => cycleOf.has(a) && cycleOf.get(a) === cycleOf.get(b))
    .map(([a, b]) => `${a} -> ${b}`);
}

/** How many new cycles are printed: one import may make hundreds of others part of a cycle. */
const PRINTED = 5;

/**
 * Returns what is wrong, a paragraph each: the shortest cycles with an import that is not in the
 * baseline, and imports of the baseline that are no longer part of a cycle.
 *
 * @param {[string, string][]} pairs
 * @param {string} baseline the text of the baseline
 * @returns {string[]}
 */
export function problems(pairs, baseline) {
  const known = baseline
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));
  const now = cyclicImports(pairs);
  const added = now.filter((line) => !known.includes(line));
  /** By the files of the cycle, so that its imports give it only once. */
  const shortest = new Map();
  for (const line of added) {
    const [importer, imported] = line.split(" -> ");
    const cycle = [importer, ...shortestPath(pairs, imported, importer)];
    const key = [...new Set(cycle)].sort().join(" ");
    if (!shortest.has(key)) shortest.set(key, cycle);
  }
  const problems = [...shortest.values()]
    .sort((a, b) => a.length - b.length)
    .slice(0, PRINTED)
    .map((cycle) => `A new import cycle:\n    ${cycle.join("\n    imports ")}`);
  if (shortest.size > PRINTED) {
    problems.push(
      `These are the shortest of ${shortest.size} new cycles; one import may be the cause of all.`,
    );
  }
  const removed = known.filter((line) => !now.includes(line));
  if (removed.length > 0) {
    problems.push(
      `No longer part of a cycle, so to be removed from ${BASELINE} with --update:\n    ${removed.join("\n    ")}`,
    );
  }
  if (known.join("\n") !== [...known].sort().join("\n")) {
    problems.push(`${BASELINE} is not sorted: write it with --update.`);
  }
  return problems;
}

function shortestPath(pairs, start, end) {
  const imported = graph(pairs);
  const paths = [[start]];
  const seen = new Set([start]);
  for (const path of paths) {
    const last = path.at(-1);
    if (last === end) return path;
    for (const next of imported.get(last) ?? []) {
      if (!seen.has(next)) paths.push([...path, next]);
      seen.add(next);
    }
  }
  return [];
}

function graph(pairs) {
  const imported = new Map();
  for (const [a, b] of pairs) {
    imported.set(a, [...(imported.get(a) ?? []), b]);
  }
  return imported;
}

function main([option]) {
  const root = join(HERE, "..", "..");
  const pairs = imports(root, FOLDERS);
  const found = cycles(pairs);
  const sizes = found.map((it) => it.length).join(", ");
  const summary = found.length === 0 ? "no cycles" : `cycles of ${sizes} files`;
  if (option === "--update") {
    const lines = cyclicImports(pairs).sort();
    writeFileSync(
      join(root, BASELINE),
      HEADER + lines.map((line) => `${line}\n`).join(""),
    );
    console.log(`${lines.length} imports in ${summary} written.`);
    return 0;
  }
  if (option === "--list") {
    for (const members of found) {
      console.log(`A cycle of ${members.length} files:`);
      for (const file of members) console.log(`    ${file}`);
    }
    return 0;
  }
  const wrong = problems(pairs, readFileSync(join(root, BASELINE), "utf8"));
  for (const problem of wrong) console.error(`error: ${problem}\n`);
  console.log(`${summary}; ${wrong.length} problems.`);
  return wrong.length > 0 ? 1 : 0;
}

if (resolve(process.argv[1] ?? "") === fileURLToPath(import.meta.url)) {
  process.exitCode = main(process.argv.slice(2));
}
