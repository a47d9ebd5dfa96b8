// What a page downloads for the default entry, beside the official SDK bundled
// in the same way. `cargo xtask size` prints it and fails above the budget.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";

import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));

/** The figures that may only fall, or rise with a reason; in bytes. */
export const budget = JSON.parse(
  readFileSync(new URL("size-budget.json", import.meta.url), "utf8"),
);

/** Bundles what is named of a module as a page's build would; sizes in bytes. */
export async function sizes(name, from) {
  const { outputFiles } = await build({
    stdin: {
      contents: `export { ${name} } from ${JSON.stringify(from)}`,
      resolveDir: `${root}tests`,
    },
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    platform: "browser",
    target: "es2022",
    charset: "utf8",
    legalComments: "none",
    logLevel: "error",
  });
  const [{ contents }] = outputFiles;
  return {
    raw: contents.length,
    gzip: gzipSync(contents, { level: 9 }).length,
    brotli: brotliCompressSync(contents).length,
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
  console.table(rows);
  const { brotli } = rows["Seam of seam-session"];
  console.log(
    `The budget is ${budget.brotli} bytes of brotli; this is ${brotli}.`,
  );
  if (brotli > budget.brotli) {
    console.error(
      "It is over the budget: find what grew, or raise benches/size-budget.json with the reason.",
    );
    process.exitCode = 1;
  } else if (brotli < budget.brotli) {
    console.log(
      "It is under the budget: lower benches/size-budget.json, so that it stays there.",
    );
  }
}
