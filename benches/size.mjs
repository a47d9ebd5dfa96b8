// What a page downloads for the default entry, beside the official SDK bundled
// in the same way. `cargo xtask size` prints it and fails above the budget.
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";

import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));

/** The figures that may only fall, or rise with a reason; in bytes. */
export const budget = JSON.parse(
  readFileSync(new URL("size-budget.json", import.meta.url), "utf8"),
);

/**
 * What is loaded later is named in the entry with a hash, and with each other hash brotli makes of
 * the same entry up to fifty bytes more or less. So the hash is always this one, and brotli's
 * figure the mean over sixteen that have its letters.
 */
const HASH = "5KQ2XW7P";
const HASHES = [HASH, [...HASH].reverse().join("")].flatMap((hash) =>
  [...hash].map((_, nth) => hash.slice(nth) + hash.slice(0, nth)),
);
const LATER = `[name]-${HASH}`;

/**
 * Bundles what is named of a module as a page's build would; sizes in bytes. What is loaded only
 * later stands in chunks of its own, and does not count.
 */
export async function sizes(name, from) {
  const { outputFiles, metafile } = await build({
    stdin: {
      contents: `export { ${name} } from ${JSON.stringify(from)}`,
      resolveDir: `${root}tests`,
    },
    bundle: true,
    splitting: true,
    chunkNames: LATER,
    outdir: `${root}target`,
    metafile: true,
    minify: true,
    write: false,
    format: "esm",
    platform: "browser",
    target: "es2022",
    charset: "utf8",
    legalComments: "none",
    logLevel: "error",
  });
  const first = new Set();
  const follow = (file) => {
    if (first.has(file)) return;
    first.add(file);
    for (const { path, kind } of metafile.outputs[file].imports) {
      if (kind === "import-statement") follow(path);
    }
  };
  const outputs = Object.entries(metafile.outputs);
  // What is loaded later is an entry of its own.
  follow(outputs.find(([, { entryPoint }]) => entryPoint === "<stdin>")[0]);
  const names = [...first].map((file) => basename(file));
  return sum(
    outputFiles
      .filter(({ path }) => names.includes(basename(path)))
      .map(({ contents }) => Buffer.from(contents)),
  );
}

/** The same with Vite, where the hosts of tests/hosts/ are installed. */
async function sizesInVite(name, from) {
  const vite = createRequire(`${root}tests/hosts/package.json`);
  const { build } = await import(vite.resolve("vite"));
  const entry = "\0entry";
  const { output } = await build({
    configFile: false,
    logLevel: "silent",
    root: `${root}tests`,
    build: {
      write: false,
      target: "es2022",
      rollupOptions: {
        input: entry,
        preserveEntrySignatures: "strict",
        output: { chunkFileNames: `${LATER}.js` },
      },
    },
    plugins: [
      {
        name: "entry",
        enforce: "pre",
        resolveId: (id) => (id === entry ? id : undefined),
        load: (id) =>
          id === entry
            ? `export { ${name} } from ${JSON.stringify(from)}`
            : undefined,
      },
    ],
  });
  const chunks = new Map(output.map((chunk) => [chunk.fileName, chunk]));
  const first = new Set();
  const follow = (file) => {
    if (first.has(file)) return;
    first.add(file);
    chunks.get(file).imports.forEach(follow);
  };
  follow(output.find(({ isEntry }) => isEntry).fileName);
  return sum([...first].map((file) => Buffer.from(chunks.get(file).code)));
}

function sum(files) {
  const add = (measure) =>
    files.reduce((bytes, file) => bytes + measure(file).length, 0);
  return {
    raw: add((file) => file),
    gzip: add((file) => gzipSync(file, { level: 9 })),
    brotli: Math.round(
      files.reduce((bytes, file) => bytes + meanOfBrotli(file), 0),
    ),
  };
}

function meanOfBrotli(file) {
  const text = file.toString();
  const hashes = text.includes(HASH) ? HASHES : [HASH];
  const bytes = hashes.map(
    (hash) => brotliCompressSync(text.replaceAll(HASH, hash)).length,
  );
  return bytes.reduce((sum, it) => sum + it) / bytes.length;
}

/** What is loaded when a list is watched or the scope asked for, and when a token is renewed. */
export async function later() {
  return {
    lists: await sizes("open, scope", `${root}pkg/dist/live.js`),
    renewal: await sizes("renew", `${root}pkg/dist/renewal.js`),
  };
}

/** Ours and theirs, and what ours is made of. */
export async function compare() {
  const { lists, renewal } = await later();
  return {
    "Seam of seam-session": await sizes("Seam", `${root}pkg/dist/index.js`),
    "  of that the wasm, as text": await sizes(
      "latin1",
      `${root}pkg/dist/client-bytes.js`,
    ),
    "loaded by watch() and scope()": lists,
    "loaded by a token function": renewal,
    "SeamHttp of @seamapi/http 2.32.0": await sizes(
      "SeamHttp",
      "@seamapi/http",
    ),
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const rows = await compare();
  if (existsSync(`${root}tests/hosts/node_modules/vite`)) {
    const theirs = createRequire(`${root}tests/package.json`);
    rows["Seam, bundled with Vite"] = await sizesInVite(
      "Seam",
      `${root}pkg/dist/index.js`,
    );
    rows["SeamHttp, bundled with Vite"] = await sizesInVite(
      "SeamHttp",
      theirs.resolve("@seamapi/http"),
    );
  } else {
    console.log("Vite is not installed (cargo xtask test does it).");
  }
  console.table(rows);
  for (const [name, most] of [
    ["Seam of seam-session", budget.brotli],
    ["loaded by watch() and scope()", budget.later.lists],
    ["loaded by a token function", budget.later.renewal],
  ]) {
    const { brotli } = rows[name];
    console.log(
      `${name}: the budget is ${most} bytes of brotli; this is ${brotli}.`,
    );
    if (brotli > most) {
      console.error(
        "It is over the budget: find what grew, or raise benches/size-budget.json with the reason.",
      );
      process.exitCode = 1;
    } else if (brotli < most) {
      console.log(
        "It is under the budget: lower benches/size-budget.json, so that it stays there.",
      );
    }
  }
}
