// Makes target/www from www/ and the built package.
import { copyFileSync, mkdirSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const out = `${root}target/www`;

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });

await build({
  entryPoints: [`${root}www/src/main.ts`],
  outfile: `${out}/main.js`,
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  // The package keeps its module's bytes in a string, which escapes would blow up.
  charset: "utf8",
  legalComments: "none",
  logLevel: "warning",
  alias: { "seam-session": `${root}pkg/dist/index.js` },
});
for (const name of ["index.html", "style.css", "icon.svg"]) {
  copyFileSync(`${root}www/${name}`, `${out}/${name}`);
}
