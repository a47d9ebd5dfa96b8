// Makes target/www from www/ and the built package.
import {
  copyFileSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const out = `${root}target/www`;

rmSync(out, { recursive: true, force: true });
mkdirSync(`${out}/components`, { recursive: true });

const packages = `${root}www/components/node_modules`;

const options = {
  outdir: out,
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  // The package keeps its module's bytes in a string, which escapes would blow up.
  charset: "utf8",
  legalComments: "none",
  logLevel: "warning",
  jsx: "automatic",
  define: { "process.env.NODE_ENV": '"production"' },
  alias: {
    "seam-session/seam-components": `${root}pkg/dist/seam-components.js`,
    "seam-session": `${root}pkg/dist/index.js`,
  },
};
await build({
  ...options,
  entryPoints: {
    main: `${root}www/src/main.ts`,
    "components/main": `${root}www/components/src/main.tsx`,
    "components/elements": `${root}www/components/src/elements.ts`,
  },
});
// What watching needs becomes a file of its own, which is loaded when it is used.
await build({
  ...options,
  entryPoints: { "manager/main": `${root}www/manager/src/main.ts` },
  chunkNames: "manager/[name]-[hash]",
  splitting: true,
});
// What the heads of all pages begin with stands once.
const head = readFileSync(`${root}www/head.html`, "utf8");
for (const name of [
  "index.html",
  "components/index.html",
  "components/elements.html",
  "manager/index.html",
]) {
  const [before, ...rest] = readFileSync(`${root}www/${name}`, "utf8").split(
    "<head>",
  );
  if (rest.length !== 1) throw new Error(`www/${name} has no one head`);
  writeFileSync(
    `${out}/${name}`,
    `${before}<head>\n${head.trimEnd()}${rest[0]}`,
  );
}
for (const name of [
  "style.css",
  "icon.svg",
  "components/style.css",
  "manager/style.css",
]) {
  copyFileSync(`${root}www/${name}`, `${out}/${name}`);
}
copyFileSync(
  `${packages}/@seamapi/react/dist/index.min.css`,
  `${out}/components/seam.css`,
);
