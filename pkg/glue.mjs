// What wasm-bindgen writes for a module, made short and made again for each copy of it; or
// nothing of it, where only numbers cross.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const WASM_OPT = fileURLToPath(
  new URL("../node_modules/binaryen/bin/wasm-opt", import.meta.url),
);

/** What rustc's output needs, as in xtask/src/wasm.rs; more would be written in newer ways. */
const FEATURES = [
  "--enable-bulk-memory",
  "--enable-nontrapping-float-to-int",
  "--enable-mutable-globals",
  "--enable-sign-ext",
  "--enable-reference-types",
  "--enable-multivalue",
];

/**
 * The module `file` and its bindings, the script of the same name, with names of one or two
 * letters between them: wasm-bindgen's own are long, and stand in both.
 *
 * The bindings keep their state in module variables, of which there is one set for ever. In a
 * function, each call makes a fresh set, so a copy of the module that broke leaves nothing behind.
 * It gives the module's `imports`, all that the bindings export, `start`, which sets up the
 * module's tables, and `memory`.
 */
export async function shortened(file) {
  const short = file.replace(".wasm", ".short.wasm");
  const renamed = JSON.parse(
    execFileSync(process.execPath, [
      WASM_OPT,
      ...FEATURES,
      // The bindings encode a string at once, and never make its buffer larger.
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
 * The module `file`, across whose boundary go only numbers, so that its exports are called as they
 * are: without what its bindings alone use. What it takes is a function of the things that it
 * imports, in this order.
 */
export function bare(file, imported) {
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

/** The name that `name` has got among `pairs`; the same for what the module does not have. */
function nameOf(pairs, name) {
  return pairs.find(([old]) => old === name)?.[1] ?? name;
}

/**
 * The script without what the package does not need of it. Each place must be there once: another
 * wasm-bindgen may write it in another way.
 */
function trimmed(script) {
  const replace = (from, to) => {
    const places = script.match(new RegExp(from, "g"))?.length;
    if (places !== 1)
      throw new Error(`wasm-bindgen writes ${from} ${places ?? 0} times`);
    script = script.replace(from, to);
  };
  if (script.includes("queueMicrotask(")) {
    // The executor schedules by a promise when it finds no `queueMicrotask`. Jest's and Sinon's
    // fake timers replace that: one job that they kept would stop it for the life of the process.
    replace(/= arg0\.queueMicrotask;/, "= undefined;");
    // No promise that the client waits for stays pending, so no closure is left behind.
    replace(
      /\(typeof FinalizationRegistry === [^]*?(?=;\n)/,
      "{ register() {}, unregister() {} }",
    );
    // Old Safaris' decoders fail after two gigabytes. That would be a trap, and the
    // client's next instance has a decoder of its own.
    replace(/ {4}numBytesDecoded \+= [^]*?\n {4}\}\n/, "");
    // All that the package runs in has `globalThis`.
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

/** The script with the module's new names wherever it uses one of its exports. */
function exportsRenamed(script, pairs) {
  return script.replace(
    /\bwasm\.(\w+)/g,
    (_, name) => `wasm.${nameOf(pairs, name)}`,
  );
}

/** An ES module as a function that gives what the module exports, what is imported apart. */
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
