// Run by package/entries.test.mjs with `--experimental-vm-modules`: imports the entry that its
// argument names into a realm of its own, in which every global that a host adds to the language
// records its use. Prints the globals that the import used, and what it changed of the language.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import vm from "node:vm";

// Globals that only some hosts have; WebAssembly and console exist in bare realms too.
const OF_HOSTS = `WebAssembly console window document self location navigator
  localStorage indexedDB importScripts postMessage addEventListener Worker
  XMLHttpRequest Deno Bun require module`;

const context = vm.createContext({});
const world = vm.runInContext("globalThis", context);
const language = new Set(Object.getOwnPropertyNames(world));
const touched = [];
for (const name of [
  ...OF_HOSTS.split(/\s+/),
  ...Object.getOwnPropertyNames(globalThis).filter(
    (name) => !language.has(name),
  ),
]) {
  Object.defineProperty(world, name, {
    configurable: true,
    get: () => void touched.push(name),
    set: () => void touched.push(name),
  });
}

/** Every property that can be reached from the realm, by its path. */
function everything() {
  const found = new Map();
  const seen = new Set();
  const walk = (object, path) => {
    if (Object(object) !== object || seen.has(object)) return;
    seen.add(object);
    found.set(`${path} is extensible`, Object.isExtensible(object));
    found.set(`prototype of ${path}`, Object.getPrototypeOf(object));
    walk(Object.getPrototypeOf(object), `prototype of ${path}`);
    for (const key of Reflect.ownKeys(object)) {
      const property = Object.getOwnPropertyDescriptor(object, key);
      for (const part of ["value", "get", "set"]) {
        const name = `${path}.${String(key)} ${part}`;
        found.set(name, property[part]);
        walk(property[part], name);
      }
    }
  };
  walk(world, "globalThis");
  return found;
}

const modules = new Map();
function load(file) {
  const known = modules.get(file);
  if (known) return known;
  const module = new vm.SourceTextModule(readFileSync(file, "utf8"), {
    context,
    identifier: file,
  });
  modules.set(file, module);
  return module;
}

const file = createRequire(resolve("index.js")).resolve(process.argv[2]);
const before = everything();
const entry = load(file);
await entry.link((specifier, { identifier }) =>
  load(resolve(identifier, "..", specifier)),
);
await entry.evaluate();
const after = everything();
const changed = [...new Set([...before.keys(), ...after.keys()])].filter(
  (name) => !Object.is(before.get(name), after.get(name)),
);
console.log(
  JSON.stringify({
    looked: before.size,
    files: modules.size,
    exports: Object.keys(entry.namespace).length,
    touched,
    changed,
  }),
);
