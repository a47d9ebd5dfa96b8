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

/**
 * The files of a live page, and their bytes as Node's brotli makes them by default: everything
 * that a page with the client, lists, scope and token refresh ever loads. It loads
 * token-retry.js only in the place of token.js.
 */
export async function livePage() {
  const entry = JSON.stringify(`${root}pkg/dist/index.js`);
  const { outputFiles } = await build({
    stdin: {
      contents: `import { Seam } from ${entry}; globalThis.x = [Seam];`,
      resolveDir: `${root}tests`,
    },
    bundle: true,
    minify: true,
    splitting: true,
    format: "esm",
    platform: "browser",
    define: { "process.env.NODE_ENV": '"production"' },
    outdir: `${root}target`,
    write: false,
    logLevel: "error",
  });
  const files = outputFiles
    .map(({ path, contents }) => [
      basename(path),
      brotliCompressSync(contents).length,
    ])
    .filter(([name]) => !name.startsWith("token-retry"));
  return {
    files: Object.fromEntries(files),
    brotli: files.reduce((sum, [, bytes]) => sum + bytes, 0),
  };
}

/** Ours and theirs, and what ours is made of. */
export async function compare() {
  return {
    "Seam of seam-session": await sizes("Seam", `${root}pkg/dist/index.js`),
    "  of that the wasm, as text": await sizes(
      "latin1",
      `${root}pkg/dist/client-bytes.js`,
    ),
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
  const page = await livePage();
  console.log("The live page, everything that it ever loads:", page.files);
  for (const [name, brotli, most] of [
    ["The entry", rows["Seam of seam-session"].brotli, budget.entry],
    ["The live page", page.brotli, budget.livePage],
  ]) {
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
