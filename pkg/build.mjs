// Makes pkg/dist from pkg/src and the wasm modules that `cargo xtask build` put
// into target/wasm.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

import { bare, shortened } from "./glue.mjs";
import { checkInternalProperties, mangling } from "./internal-properties.mjs";
import { textModule } from "./text.mjs";

import { sbom } from "./sbom.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const wasm = `${root}target/wasm`;
const source = `${root}pkg/src`;
const dist = `${root}pkg/dist`;
// The same for `require`. Its files have the names of the others, and lie in a folder whose
// package.json says what they are: so they stand next to those in the tarball, where what is the
// same compresses to nothing.
const cjs = `${dist}/cjs`;

/** The files of pkg/dist that are loaded when they are first needed, by their source. */
const LAZY = {
  "lists/index": "live",
  "token/refresher": "renewal",
  "token/refresher-retry": "renewal-retry",
};

rmSync(dist, { recursive: true, force: true });
mkdirSync(cjs, { recursive: true });
writeFileSync(
  `${cjs}/package.json`,
  `${JSON.stringify({ type: "commonjs", sideEffects: false }, null, 2)}\n`,
);

const made = {};
for (const name of ["client", "live", "renewal", "sandbox"]) {
  const file = `${wasm}/${name}/${name}_bg.wasm`;
  const { bytes, glue } = await (name === "live"
    ? bare(file, ["number", "lower"])
    : name === "renewal"
      ? bare(file, [])
      : shortened(file));
  made[`${name}-glue`] = glue;
  made[name] = bytes;
  writeFileSync(`${dist}/${name}-bytes.js`, textModule(bytes));
  // The sandbox's are as large as all the rest: both formats read one file.
  if (name !== "sandbox")
    writeFileSync(`${cjs}/${name}-bytes.js`, textModule(bytes, "cjs"));
}
const manifest = JSON.parse(readFileSync(`${root}pkg/package.json`, "utf8"));
const { client } = made;
// Whoever loads the file himself must not pair it with another build's script.
const buildId = `${manifest.version}-${sha256(client, made["client-glue"]).slice(0, 8)}`;
made["client-build"] = `export const build = ${JSON.stringify(buildId)};`;
writeFileSync(
  `${dist}/client.wasm`,
  Buffer.concat([client, customSection("seam-session", buildId)]),
);

const unsupported = {
  "client/lazy-modules": "client/lazy-modules.unsupported",
};
for (const [name, entry, module, replaced] of [
  ["index", "index.ts", "embedded-module"],
  ["workerd", "index.ts", "workerd-module", unsupported],
  ["edge", "index.ts", "edge-module", unsupported],
  ["slim", "slim.ts", "user-supplied-module"],
]) {
  const make = replaced === undefined ? bundleBoth : bundle;
  await make(name, entry, { "client-wasm": `wasm/${module}`, ...replaced });
}
// A worker of another build speaks in another way: each has a name of its own, which
// webpack makes a file's of.
const sources = readdirSync(source, { recursive: true })
  .filter((name) => name.endsWith(".ts"))
  .sort()
  .map((name) => readFileSync(`${source}/${name}`));
const define = {
  BUILD: JSON.stringify(
    `seam-session-${manifest.version}-${sha256(client, made.live, made.renewal, ...sources).slice(0, 8)}`,
  ),
};
await bundleBoth(
  "worker",
  "worker.ts",
  {
    "transport/api-client": "worker/page/api-client",
    "client/lazy-modules": "worker/page/lazy-modules",
  },
  { define },
);
await bundle(
  "worker-thread",
  "worker-thread.ts",
  { "client-wasm": "wasm/embedded-module", ...unsupported },
  { define },
);
await bundleCjs("worker-thread", "worker/thread/serve-cjs.ts", {}, { define });
await bundle("worker-run", "worker-run.ts");
await bundle("worker-url", "worker-url.ts", {}, { define });
await bundleBoth("seam-components", "seam-components.ts");
// The entry that loads them says why one is not available (client/lazy-modules.ts).
const lazy = {
  "wasm/unavailable": "wasm/passthrough-error",
  "wasm/charset-message": "wasm/charset-message-short",
};
await bundleBoth("live", "lists/index.ts", lazy);
await bundleBoth("renewal", "token/refresher.ts", lazy);
// Nothing of it may be in a file that has failed to load: it carries its bytes too.
await bundle("renewal-retry", "token/refresher-retry.ts", lazy, {
  inlined: ["renewal-bytes"],
});
await bundleBoth("sandbox", "sandbox.ts");
await bundle(
  "cli",
  "cli.ts",
  {},
  { platform: "node", banner: { js: "#!/usr/bin/env node" } },
);

execFileSync(
  process.execPath,
  [
    fileURLToPath(import.meta.resolve("typescript/package.json")).replace(
      "package.json",
      "bin/tsc",
    ),
    ...[
      "--project",
      `${root}pkg`,
      "--noEmit",
      "false",
      "--declaration",
      "--emitDeclarationOnly",
    ],
    ...["--stripInternal", "--outDir", `${dist}/types`],
  ],
  { stdio: "inherit" },
);
copyFileSync(
  `${source}/wasm/client.wasm.d.ts`,
  `${dist}/types/client.wasm.d.ts`,
);
const declarations = typesOf(manifest);
removeAllBut(declarations, `${dist}/types`);
checkInternalProperties(
  [...declarations].map((file) => readFileSync(file, "utf8")),
);
// The same declarations: what kind of module they are of, the nearest package.json says.
cpSync(`${dist}/types`, `${cjs}/types`, { recursive: true });
// Parcel reads `exports` only where a project tells it to: without, it looks for files of these names.
for (const [name, { default: file }] of Object.entries(manifest.exports)) {
  if (!file?.endsWith(".js") || name === ".") continue;
  const stub = resolve(root, "pkg", `${name}.js`);
  mkdirSync(dirname(stub), { recursive: true });
  const at = relative(dirname(stub), resolve(root, "pkg", file));
  const path = at.replaceAll("\\", "/").replace(/^(?!\.)/, "./");
  writeFileSync(stub, `export * from ${JSON.stringify(path)};\n`);
}
writeFileSync(`${root}pkg/sbom.cdx.json`, sbom(root, manifest));
// What the README links to goes with it, so that its links work in the package.
rmSync(`${root}pkg/docs`, { recursive: true, force: true });
cpSync(`${root}docs`, `${root}pkg/docs`, { recursive: true });
for (const file of [
  "README.md",
  "ARCHITECTURE.md",
  "CHANGELOG.md",
  "CONTRIBUTING.md",
  "SECURITY.md",
  "LICENSE-MIT",
  "LICENSE-APACHE",
]) {
  copyFileSync(`${root}${file}`, `${root}pkg/${file}`);
}

/** The declarations that the entries name, and all that those lead to. */
function typesOf({ exports }) {
  const found = new Set();
  const follow = (file) => {
    if (found.has(file)) return;
    found.add(file);
    const text = readFileSync(file, "utf8");
    for (const [, to] of text.matchAll(/(?:from |import\()"(\..*?)"/g)) {
      follow(resolve(file, "..", to.replace(/\.js$/, ".d.ts")));
    }
  };
  for (const { types } of Object.values(exports)) {
    if (types !== undefined) follow(resolve(root, "pkg", types.default));
  }
  return found;
}

function removeAllBut(kept, folder) {
  const entries = readdirSync(folder, { recursive: true });
  for (const file of entries.map((name) => resolve(folder, name))) {
    if (statSync(file).isFile() && !kept.has(file)) rmSync(file);
  }
}

function sha256(...parts) {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
}

/** A section that engines pass over, to be appended to a module. */
function customSection(name, text) {
  const content = Buffer.from(
    `${String.fromCharCode(name.length)}${name}${text}`,
  );
  // Below 128, a length is one byte.
  if (content.length > 127) throw new Error(`the section ${name} is too long`);
  return Buffer.from([0, content.length, ...content]);
}

/** The same script as an ES module and in CommonJS. */
async function bundleBoth(name, entry, replaced, more) {
  await bundle(name, entry, replaced, more);
  await bundleCjs(name, entry, replaced, more);
}

async function bundleCjs(name, entry, replaced, more) {
  await bundle(
    name,
    entry,
    {
      ...replaced,
      "worker-url": "worker/page/worker-url-cjs",
      "sandbox/embedded-module": "sandbox/embedded-module-cjs",
      "wasm/read-file": "wasm/read-file-cjs",
    },
    {
      ...more,
      outfile: `${cjs}/${name}.js`,
      format: "cjs",
      // Says to Node and bundlers what is exported.
      platform: "node",
      // Unlike in the others, nobody reads the code here: their size is the tarball's.
      minifySyntax: true,
      minifyWhitespace: true,
      lineLimit: 120,
      // There is no worker to be found: that takes an ES module.
      define: { ...more?.define, "import.meta.url": "undefined" },
      // A `require` when it is needed: under Jest, `import()` fails by default.
      supported: { "dynamic-import": name === "sandbox" },
    },
  );
}

/**
 * Bundles an entry of pkg/src. `replaced` names source files that others replace in this bundle, and
 * the file behind a module name such as `client-wasm`.
 */
async function bundle(
  name,
  entry,
  replaced = {},
  { inlined = [], ...more } = {},
) {
  const isCjs = more.format === "cjs";
  await build({
    entryPoints: [`${source}/${entry}`],
    outfile: `${dist}/${name}.js`,
    bundle: true,
    format: "esm",
    target: "es2022",
    charset: "utf8",
    legalComments: "none",
    logLevel: "warning",
    ...mangling,
    ...more,
    plugins: [
      {
        name: "built",
        setup(build) {
          build.onResolve(
            { filter: /^((client|live|renewal|sandbox)-glue|client-build)$/ },
            ({ path }) => ({ path, namespace: "made" }),
          );
          build.onLoad({ filter: /.*/, namespace: "made" }, ({ path }) => ({
            contents: made[path],
            loader: "js",
          }));
          build.onResolve(
            { filter: /^(client|live|renewal|sandbox)-bytes$/ },
            ({ path }) =>
              inlined.includes(path)
                ? { path: `${dist}/${path}.js` }
                : {
                    path: `${isCjs && path === "sandbox-bytes" ? ".." : "."}/${path}.js`,
                    external: true,
                  },
          );
          build.onResolve(
            { filter: /^client\.wasm(\?module)?$/ },
            ({ path }) => ({
              path: `./${path}`,
              external: true,
            }),
          );
          build.onResolve(
            { filter: /^(client-wasm|worker-url)$/ },
            ({ path }) =>
              path in replaced
                ? { path: `${source}/${replaced[path]}.ts` }
                : { path: `./${path}.js`, external: true },
          );
          build.onResolve(
            { filter: /^\.\.?\// },
            ({ path, resolveDir, kind }) => {
              const file = relative(source, resolve(resolveDir, path))
                .replaceAll("\\", "/")
                .replace(/\.js$/, "");
              if (file in replaced) {
                return { path: `${source}/${replaced[file]}.ts` };
              }
              const output =
                file === "worker-thread"
                  ? file
                  : kind === "dynamic-import"
                    ? LAZY[file]
                    : undefined;
              if (output === undefined) return undefined;
              // Node keeps no failure of a `require`.
              const name = isCjs ? output.replace("-retry", "") : output;
              return { path: `./${name}.js`, external: true };
            },
          );
        },
      },
    ],
  });
}
