// The package's entries as bundlers and servers load them.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { build } from "esbuild";

import { app, entry, folder } from "../support/installed.mjs";
import { tarball } from "../support/project.mjs";
import { run } from "../support/process.mjs";
import { temporaryFolder } from "../support/temporary-folder.mjs";

const manifest = JSON.parse(readFileSync(`${folder}package.json`, "utf8"));

/** Bundles `contents` as a page's build would; gives the text and the files in it. */
async function bundle(contents, options = {}) {
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: fileURLToPath(app) },
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    // As pages are built: what is imported when it is needed is a file of its own.
    splitting: options.format !== "cjs",
    outdir: folder,
    format: "esm",
    platform: "browser",
    target: "es2022",
    charset: "utf8",
    logLevel: "silent",
    absWorkingDir: folder,
    ...options,
  });
  const output = Object.values(metafile.outputs).find(
    ({ entryPoint }) => entryPoint === "<stdin>",
  );
  const used = Object.entries(output.inputs).filter(
    ([, { bytesInOutput }]) => bytesInOutput > 0,
  );
  return {
    text: outputFiles.find(({ path }) => path.endsWith("stdin.js")).text,
    files: used.map(([name]) => name).filter((name) => name !== "<stdin>"),
    imports: Object.values(metafile.inputs).flatMap(({ imports }) => imports),
  };
}

/** What importing the entry touches of its host, and changes of the language. */
async function importUntouched(name, from) {
  const script = new URL("../support/import-untouched.mjs", import.meta.url);
  const { stdout } = await run(
    process.execPath,
    ["--experimental-vm-modules", "--no-warnings", fileURLToPath(script), name],
    { cwd: fileURLToPath(from) },
  );
  return JSON.parse(stdout);
}

/** Each entry by the conditions that a host sets, and the files that it may carry. */
const ENTRIES = [
  ["seam-session", [], ["dist/client-bytes.js", "dist/index.js"]],
  ["seam-session", ["browser"], ["dist/client-bytes.js", "dist/index.js"]],
  ["seam-session", ["node"], ["dist/client-bytes.js", "dist/index.js"]],
  ["seam-session", ["workerd", "worker", "browser"], ["dist/workerd.js"]],
  ["seam-session", ["edge-light", "worker", "browser"], ["dist/edge.js"]],
  ["seam-session/slim", [], ["dist/slim.js"]],
  ["seam-session/seam-components", [], ["dist/seam-components.js"]],
  ["seam-session/worker", [], ["dist/worker.js"]],
  [
    "seam-session/worker/thread",
    [],
    [
      "dist/client-bytes.js",
      "dist/live-bytes.js",
      "dist/token-bytes.js",
      "dist/worker-thread.js",
    ],
  ],
  ["seam-session/sandbox", [], ["dist/sandbox-bytes.js", "dist/sandbox.js"]],
  ["seam-session/server", [], ["dist/server.js"]],
  ["seam-session/token-function", [], ["dist/token-function.js"]],
  [
    "seam-session/sandbox/server",
    [],
    ["dist/sandbox-bytes.js", "dist/sandbox-server.js"],
  ],
];

const SCRIPTS = [...new Set(ENTRIES.map(([name]) => name))];

/** The entries for Node, which no page can load. */
const FOR_NODE = ["seam-session/sandbox/server"];
const platformOf = (name) => (FOR_NODE.includes(name) ? "node" : "browser");

test("every entry that is a script is in the table", () => {
  assert.deepEqual(
    SCRIPTS.map((name) => name.replace("seam-session", ".")).sort(),
    Object.keys(manifest.exports)
      .filter((name) => !/\.\w+$/.test(name))
      .sort(),
  );
});

for (const [name, conditions, expected] of ENTRIES) {
  test(`${name} carries its own files under the conditions [${conditions}], and no other`, async () => {
    const { files } = await bundle(`export * from "${name}"`, {
      conditions,
      platform: platformOf(name),
      external: ["*.wasm", "*.wasm?module"],
    });
    assert.deepEqual(files.sort(), expected);
  });
}

test("an import that needs no WebAssembly does not bundle it", async () => {
  const { text } = await bundle('export { isApiKey } from "seam-session"');
  assert.match(text, /isApiKey/);
  assert.ok(text.length < 20_000, `${text.length}`);
});

test("webpack and esbuild make a page's script of every entry without a warning", async (t) => {
  const webpack = createRequire(
    new URL("../jest/package.json", import.meta.url),
  )("webpack");
  const names = SCRIPTS.filter((name) => !FOR_NODE.includes(name));
  const contents = names.map((name) => `export * from "${name}";`).join("\n");
  const { warnings } = await build({
    stdin: { contents, resolveDir: fileURLToPath(app) },
    bundle: true,
    write: false,
    format: "iife",
    platform: "browser",
    logLevel: "silent",
  });
  assert.deepEqual(warnings, []);

  const path = temporaryFolder(t);
  const entries = names.map((name) => [name.replaceAll("/", "-"), name]);
  const compiler = webpack({
    mode: "production",
    context: fileURLToPath(app),
    entry: Object.fromEntries(entries),
    optimization: { minimize: false },
    output: { path },
    performance: false,
  });
  const stats = await promisify(compiler.run.bind(compiler))();
  await promisify(compiler.close.bind(compiler))();
  const output = stats.toJson({ all: false, errors: true, warnings: true });
  assert.deepEqual(output.errors, []);
  assert.deepEqual(output.warnings, []);
});

test("a bundler takes the ES modules also where they are required", async () => {
  for (const name of SCRIPTS) {
    const { files } = await bundle(`module.exports = require("${name}");`, {
      format: "cjs",
      platform: platformOf(name),
      mainFields: ["module", "main"],
      conditions: undefined,
    });
    assert.ok(files.length > 0);
    assert.ok(!files.some((file) => file.includes("cjs")), `${files}`);
  }
});

/** What a script may import when it needs it: what watches and renews, and where the worker is. */
const LATER = new Set([
  ...["./live.js", "./token.js", "./token-retry.js"],
  "./worker-url.js",
]);

for (const name of SCRIPTS) {
  test(`${name} has no top-level await, and no dynamic import but of what is needed later`, async () => {
    // esbuild refuses a top-level await in a CommonJS bundle.
    const { text, imports } = await bundle(`export * from "${name}"`, {
      format: "cjs",
      platform: platformOf(name),
    });
    assert.ok(text.length > 1_000);
    assert.ok(imports.length > 0);
    for (const { kind, original, path } of imports) {
      if (LATER.has(original)) assert.equal(kind, "dynamic-import");
      else assert.equal(kind, "import-statement", path);
    }
  });

  // Node's modules are not in the context in which this imports an entry.
  if (FOR_NODE.includes(name)) continue;

  test(`importing ${name} touches nothing`, async () => {
    const { looked, files, exports, touched, changed } = await importUntouched(
      fileURLToPath(entry(name)),
      app,
    );
    assert.ok(looked > 3_000 && files >= 1 && exports >= 1);
    // The real timer is read before a test can replace it.
    assert.deepEqual(
      touched.filter((name) => name !== "setTimeout"),
      [],
    );
    assert.deepEqual(changed, []);
  });
}

test("a module that touches its host or changes the language is detected", async () => {
  const { touched, changed } = await importUntouched(
    "./touching.mjs",
    new URL("fixtures/", import.meta.url),
  );
  assert.deepEqual(touched, ["process", "document"]);
  assert.deepEqual(changed.sort(), [
    "globalThis.Array value.prototype value.added value",
    "globalThis.added value",
  ]);
});

test("publint finds nothing to say", async () => {
  const { publint } = await import("publint");
  const { messages, pkg } = await publint({
    pkgDir: folder,
    level: "suggestion",
    strict: true,
    pack: false,
  });
  assert.equal(pkg.name, "seam-session");
  assert.deepEqual(messages, []);
});

test("are-the-types-wrong finds the types of every entry right", async () => {
  const attw = fileURLToPath(
    new URL("../node_modules/.bin/attw", import.meta.url),
  );
  // It fails where it finds a problem.
  const { stdout } = await run(attw, ["--format", "json", tarball]);
  const { analysis } = JSON.parse(stdout);
  assert.deepEqual(analysis.problems, []);
  assert.deepEqual(
    Object.keys(analysis.entrypoints),
    Object.keys(manifest.exports),
  );
  for (const [name, { resolutions }] of Object.entries(analysis.entrypoints)) {
    assert.equal(Object.keys(resolutions).length, 4);
    for (const [kind, { resolution }] of Object.entries(resolutions)) {
      const { isTypeScript, isJson } = resolution;
      assert.ok(isTypeScript || isJson, `${name} in ${kind}`);
    }
  }
});
