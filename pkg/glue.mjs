// wasm-bindgen's bindings of a module, minified and in a function that creates them for each
// instance; or none of them, if only numbers cross the boundary.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const WASM_OPT = fileURLToPath(
  new URL("../node_modules/binaryen/bin/wasm-opt", import.meta.url),
);

/** The features that rustc's output needs, as in xtask/src/wasm.rs; with more, wasm-opt would use them. */
const FEATURES = [
  "--enable-bulk-memory",
  "--enable-nontrapping-float-to-int",
  "--enable-mutable-globals",
  "--enable-sign-ext",
  "--enable-reference-types",
  "--enable-multivalue",
];

/**
 * Returns the module `file` and its bindings, the script of the same name, with names of one or two
 * letters between them: wasm-bindgen's own names are long, and in both.
 *
 * The bindings keep their state in module variables, which exist once. In a function, each call
 * creates a fresh set, so an instance that has trapped leaves nothing behind. The function returns
 * the module's `imports`, the exports of the bindings, `start`, which sets up the module's tables,
 * and `memory`.
 */
export async function minifiedBindings(file) {
  const short = file.replace(".wasm", ".short.wasm");
  const renamed = JSON.parse(
    execFileSync(process.execPath, [
      WASM_OPT,
      ...FEATURES,
      // The bindings encode a string in one step, and never grow its buffer.
      "--remove-exports=__wbindgen_realloc",
      "--remove-unused-module-elements",
      "--minify-imports-and-exports-and-modules",
      file,
      "-o",
      short,
    ]),
  );
  const script = file.replace(".wasm", ".js");
  const { outputFiles } = await build({
    stdin: {
      contents: `${exportsRenamed(trimmed(readFileSync(script, "utf8")), renamed.exports)}
export const start = () => wasm.${nameOf(renamed.exports, "__wbindgen_start")}?.();
export const memory = () => wasm.${nameOf(renamed.exports, "memory")};`,
      sourcefile: basename(script),
    },
    bundle: true,
    write: false,
    format: "esm",
    target: "es2022",
    minifySyntax: true,
  });
  return {
    bytes: readFileSync(short),
    glue: inFunction(outputFiles[0].text, renamed.imports),
  };
}

/**
 * Returns the module `file`, whose boundary only numbers cross, so that its exports are called
 * directly: without the exports that only its bindings use. Its glue is a function that creates the
 * imports from the functions `imported`, in this order.
 */
export function numericBindings(file, imported) {
  const short = file.replace(".wasm", ".short.wasm");
  execFileSync(process.execPath, [
    WASM_OPT,
    ...FEATURES,
    "--remove-exports=__*",
    "--remove-unused-module-elements",
    file,
    "-o",
    short,
  ]);
  const bytes = readFileSync(short);
  const imports = WebAssembly.Module.imports(new WebAssembly.Module(bytes));
  const given = imported.map((own) => {
    const it = imports.find(({ name }) => name.startsWith(`__wbg_${own}_`));
    return `${it?.name}: ${own}`;
  });
  const modules = [...new Set(imports.map(({ module }) => module))];
  if (imports.length !== imported.length || modules.length > 1)
    throw new Error(`the module imports ${JSON.stringify(imports)}`);
  const all = modules.map((it) => `${JSON.stringify(it)}: { ${given} }`);
  return {
    bytes,
    glue: `export default (${imported}) => ({ ${all} });\n`,
  };
}

/** Returns the new name of an export; the same name if the module does not have it. */
function nameOf(pairs, name) {
  return pairs.find(([old]) => old === name)?.[1] ?? name;
}

/**
 * Removes from the script what the package does not need. Each place must occur exactly once,
 * because another version of wasm-bindgen may write it differently.
 */
function trimmed(script) {
  const replace = (from, to) => {
    const places = script.match(new RegExp(from, "g"))?.length;
    if (places !== 1)
      throw new Error(`wasm-bindgen writes ${from} ${places ?? 0} times`);
    script = script.replace(from, to);
  };
  if (script.includes("queueMicrotask(")) {
    // Without `queueMicrotask` the executor schedules by a promise. Jest's and Sinon's fake timers
    // replace `queueMicrotask`: one job that they hold would stop the executor for ever.
    replace(/= arg0\.queueMicrotask;/, "= undefined;");
    // Every promise that the client awaits settles, so no closure is left behind.
    replace(
      /\(typeof FinalizationRegistry === [^]*?(?=;\n)/,
      "{ register() {}, unregister() {} }",
    );
    // Decoders of old Safaris fail after two gigabytes. That is a trap, and the client's next
    // instance has a decoder of its own.
    replace(/ {4}numBytesDecoded \+= [^]*?\n {4}\}\n/, "");
    // Every supported environment has `globalThis`.
    for (const name of ["GLOBAL", "SELF", "WINDOW"]) {
      const accessor = `__wbg_static_accessor_${name}_[0-9a-f]+\\(\\) \\{`;
      replace(new RegExp(`(?<=${accessor})[^]*?(?=\\n\\})`), "return 0;");
    }
  }
  // A string is encoded at once, as for modules that cannot make a buffer larger: what is written
  // for the others first copies character by character, in ten times the code.
  replace(
    / {4}if \(realloc === undefined\) \{\n([^]*?)\n {4}\}\n[^]*?\n\}\n/,
    "$1\n}\n",
  );
  script = script.replaceAll(", wasm.__wbindgen_realloc)", ")");
  replace(/if \(!\('encodeInto' in cachedTextEncoder\)\) \{[^]*?\n\}/, "");
  // It decodes nothing, to find out what needs no finding out.
  script = script.replaceAll(/^ *cachedTextDecoder\.decode\(\);\n/gm, "");
  // A view of the memory costs less to make than to keep.
  for (const View of ["DataView", "Uint8Array"]) {
    if (!script.includes(`cached${View}Memory0`)) continue;
    replace(
      new RegExp(` {4}if \\(cached${View}Memory0 === null [^]*?\\n {4}\\}\\n`),
      "",
    );
    replace(
      new RegExp(`return cached${View}Memory0;`),
      `return new ${View}(wasm.memory.buffer);`,
    );
    replace(new RegExp(`let cached${View}Memory0 = null;`), "");
  }
  return script;
}

/** Replaces the names of the module's exports in the script by the new ones. */
function exportsRenamed(script, pairs) {
  return script.replace(
    /\bwasm\.(\w+)/g,
    (_, name) => `wasm.${nameOf(pairs, name)}`,
  );
}

/** Wraps an ES module in a function that returns its exports, with the imports apart. */
function inFunction(text, imports) {
  const [all, list] = /export \{([^}]*)\};\s*$/.exec(text);
  const names = list
    .split(",")
    .map((name) => name.trim())
    .filter(Boolean);
  const own = names.filter((name) => imports.every(([, old]) => old !== name));
  const given = imports.map(([, old, name]) => `${name}: ${old}`);
  for (const [, old] of imports) {
    if (!names.includes(old)) throw new Error(`the bindings lack ${old}`);
  }
  const unused = own.filter(
    (name) => name.startsWith("__wbg_") && name !== "__wbg_set_wasm",
  );
  if (unused.length > 0)
    throw new Error(`the module does not import ${unused}`);
  return `export default function () {
${text.slice(0, -all.length)}
return { imports: { ${given.join(", ")} }, ${own.join(", ")} };
}
`;
}
