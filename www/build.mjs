// Makes target/www from www/ and the built package.
import { copyFileSync, mkdirSync, rmSync } from "node:fs";
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
    "seam-session/host": `${root}pkg/dist/host.js`,
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
for (const name of ["index.html", "style.css", "icon.svg"]) {
  copyFileSync(`${root}www/${name}`, `${out}/${name}`);
}
for (const name of ["index.html", "elements.html", "style.css"]) {
  copyFileSync(`${root}www/components/${name}`, `${out}/components/${name}`);
}
for (const name of ["index.html", "style.css"]) {
  copyFileSync(`${root}www/manager/${name}`, `${out}/manager/${name}`);
}
copyFileSync(
  `${packages}/@seamapi/react/dist/index.min.css`,
  `${out}/components/seam.css`,
);
