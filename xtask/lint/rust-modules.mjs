// Finds cycles between the modules of the Rust crates in src and sandbox/src.
//
//   node xtask/lint/rust-modules.mjs            fails if there is one, and prints each use that is
//                                               part of it
//   node xtask/lint/rust-modules.mjs --list     prints the modules of every cycle
//
// A module uses another one if a path in it, in a `use` or in an expression, leads to an item there.
// A re-export is followed to the module that defines the item, so a parent that only re-exports its
// children uses none of them. Constants of a module's ancestors do not count: they are settings that
// its children share. Tests are left out.

import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { sourceFiles } from "./files.mjs";
import { cycles, cyclicImports } from "./import-cycles.mjs";
import { tokens } from "./tokens.mjs";

const HERE = dirname(fileURLToPath(import.meta.url));

const FOLDERS = ["src", "sandbox/src"];

/** @typedef {{ path: string[], as: string | null, isPublic: boolean, isUse: boolean }} Path */
/**
 * @typedef {object} Module
 * @property {Path[]} paths the paths in its code
 * @property {Set<string>} constants the names of its constants and statics
 * @property {Set<string>} children the names of its modules
 */

/**
 * Returns what a file uses, declares and defines, without its tests.
 *
 * @param {string} text
 * @returns {Module & { tests: Set<string> }} `tests` has the names of its test modules
 */
export function parse(text) {
  const all = withoutTests(tokens(text, "rust"));
  const module = {
    paths: /** @type {Path[]} */ ([]),
    constants: new Set(),
    children: new Set(),
    tests: all.tests,
  };
  const list = all.tokens;
  const is = (index, value) =>
    list[index]?.type !== "string" && list[index]?.value === value;
  const isName = (index) => list[index]?.type === "identifier";
  for (let index = 0; index < list.length; index += 1) {
    if (is(index, "use") && !is(index - 1, ".")) {
      const isPublic =
        is(index - 1, "pub") ||
        (is(index - 1, ")") && isVisibility(list, index));
      index = useTree(list, index + 1, [], isPublic, module.paths);
    } else if (is(index, "mod") && isName(index + 1)) {
      module.children.add(list[index + 1].value);
    } else if (
      (is(index, "const") || is(index, "static")) &&
      isName(index + 1)
    ) {
      module.constants.add(list[index + 1].value);
    } else if (
      isName(index) &&
      isSeparator(list, index + 1) &&
      !isSeparator(list, index - 2)
    ) {
      const path = [list[index].value];
      let at = index + 1;
      while (isSeparator(list, at) && isName(at + 2)) {
        path.push(list[at + 2].value);
        at += 3;
      }
      module.paths.push({ path, as: null, isPublic: false, isUse: false });
      index = at - 1;
    }
  }
  return module;
}

function isSeparator(list, index) {
  return (
    list[index]?.value === ":" &&
    list[index + 1]?.value === ":" &&
    list[index]?.type === "punctuation"
  );
}

/** Whether what ends before `index` is `pub(…)`. */
function isVisibility(list, index) {
  let at = index - 1;
  while (at >= 0 && list[at].value !== "(") at -= 1;
  return list[at - 1]?.value === "pub";
}

/** Adds the paths of the `use` tree that begins at `index`, and returns the place of its end. */
function useTree(list, index, prefix, isPublic, paths) {
  const path = [...prefix];
  let at = index;
  if (isSeparator(list, at)) at += 2;
  for (;;) {
    if (list[at]?.value === "{") {
      at += 1;
      while (list[at] && list[at].value !== "}") {
        at = useTree(list, at, path, isPublic, paths);
        if (list[at]?.value === ",") at += 1;
      }
      return at + 1;
    }
    path.push(list[at]?.value ?? "");
    if (!isSeparator(list, at + 1)) break;
    at += 3;
  }
  at += 1;
  let as = path.at(-1) ?? null;
  if (list[at]?.value === "as") {
    as = list[at + 1].value;
    at += 2;
  }
  if (path.at(-1) === "self") {
    path.pop();
    if (as === "self") as = path.at(-1) ?? null;
  }
  paths.push({ path, as, isPublic, isUse: true });
  return at;
}

/** Leaves out every item with `#[cfg(test)]`, and notes the names of such modules. */
function withoutTests(all) {
  const kept = [];
  const tests = new Set();
  const value = (index) => all[index]?.value;
  for (let index = 0; index < all.length; index += 1) {
    const isTest =
      value(index) === "#" &&
      value(index + 1) === "[" &&
      value(index + 2) === "cfg" &&
      value(index + 3) === "(" &&
      value(index + 4) === "test" &&
      value(index + 5) === ")" &&
      value(index + 6) === "]";
    if (!isTest) {
      kept.push(all[index]);
      continue;
    }
    index += 7;
    let depth = 0;
    for (; index < all.length; index += 1) {
      if (value(index) === "mod" && depth === 0) tests.add(value(index + 1));
      if (all[index].type === "string") continue;
      if ("{([".includes(value(index))) depth += 1;
      if ("})]".includes(value(index))) depth -= 1;
      const isAttribute = value(index) === "]";
      if (
        depth === 0 &&
        (value(index) === ";" || value(index) === "}") &&
        !isAttribute
      )
        break;
    }
  }
  return { tokens: kept, tests };
}

/**
 * Returns which module uses which, as sorted pairs of paths with `::`; the crate's root is `crate`.
 *
 * @param {string} root
 * @param {string} folder
 * @returns {[user: string, used: string][]}
 */
export function moduleUses(root, folder) {
  const modules = new Map();
  const add = (file, name) => {
    const module = parse(readFileSync(join(root, file), "utf8"));
    modules.set(name, module);
    const inside = /\/(lib|mod)\.rs$/.test(file)
      ? dirname(file)
      : file.replace(/\.rs$/, "");
    for (const child of module.children) {
      if (module.tests.has(child)) continue;
      const path = [`${inside}/${child}.rs`, `${inside}/${child}/mod.rs`].find(
        (it) => existsSync(join(root, it)),
      );
      if (path) add(path, `${name}::${child}`);
    }
  };
  sourceFiles(root, folder, /\.rs$/);
  add(`${folder}/lib.rs`, "crate");

  /** The module that defines what `path`, seen from `name`, leads to, and the name of that item. */
  const find = (name, path, seen = new Set()) => {
    const key = `${name} ${path.join("::")}`;
    if (seen.has(key)) return null;
    seen.add(key);
    let at = name;
    let index = 0;
    if (path[0] === "crate" || path[0] === "$crate") [at, index] = ["crate", 1];
    else if (path[0] === "self") index = 1;
    else {
      while (path[index] === "super") {
        at = at.slice(0, at.lastIndexOf("::"));
        index += 1;
      }
    }
    while (index < path.length && modules.has(`${at}::${path[index]}`)) {
      at = `${at}::${path[index]}`;
      index += 1;
    }
    const item = path[index] ?? null;
    if (index === 0) {
      // The name of an import, or of another crate.
      const imported = modules
        .get(name)
        .paths.find((it) => it.isUse && it.as === item);
      return imported && imported.path[0] !== item
        ? find(name, [...imported.path, ...path.slice(1)], seen)
        : null;
    }
    if (item === null || item === "*") return { module: at, item };
    const imported = modules
      .get(at)
      ?.paths.find((it) => it.isUse && it.as === item);
    return imported
      ? find(at, [...imported.path, ...path.slice(index + 1)], seen)
      : { module: at, item };
  };

  const pairs = new Map();
  for (const [name, module] of modules) {
    for (const { path, isPublic, isUse } of module.paths) {
      if (isUse && isPublic) continue;
      const found = find(name, path);
      if (!found || found.module === name) continue;
      // A module that is imported as a whole is used where its items are.
      if (found.item === null && isUse) continue;
      const isAncestor = name.startsWith(`${found.module}::`);
      if (isAncestor && modules.get(found.module).constants.has(found.item))
        continue;
      pairs.set(`${name} ${found.module}`, [name, found.module]);
    }
  }
  return [...pairs.keys()].sort().map((key) => pairs.get(key));
}

/**
 * Returns the uses that are part of a cycle, as lines "folder: user -> used".
 *
 * @param {string} root
 * @returns {string[]}
 */
function cyclicUses(root) {
  return FOLDERS.flatMap((folder) =>
    cyclicImports(moduleUses(root, folder)).map((line) => `${folder}: ${line}`),
  );
}

function main([option]) {
  const root = join(HERE, "..", "..");
  if (option === "--list") {
    for (const folder of FOLDERS) {
      for (const members of cycles(moduleUses(root, folder))) {
        console.log(`${folder}: ${members.join(", ")}`);
      }
    }
    return 0;
  }
  const found = cyclicUses(root);
  for (const line of found) console.error(`error: part of a cycle: ${line}`);
  console.log(`${found.length} problems.`);
  return found.length > 0 ? 1 : 0;
}

if (resolve(process.argv[1] ?? "") === fileURLToPath(import.meta.url)) {
  process.exitCode = main(process.argv.slice(2));
}
