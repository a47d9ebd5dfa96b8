// Builds pkg/dist from pkg/src and the wasm modules that `cargo xtask build` has put into
// target/wasm.
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

import { minifiedBindings, numericBindings } from "./glue.mjs";
import { checkInternalProperties, mangling } from "./internal-properties.mjs";
import { textModule } from "./text.mjs";
import { licenses } from "./third-party.mjs";

import { sbom } from "./sbom.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const wasm = `${root}target/wasm`;
const source = `${root}pkg/src`;
const dist = `${root}pkg/dist`;
// The CommonJS build. Its files have the same names, in a folder whose package.json sets their
// type: so they are next to the ES modules in the tarball, where equal content compresses to nothing.
const cjs = `${dist}/cjs`;

/** The files of pkg/dist that are loaded on first use, by their source. */
const LAZY = {
  "lists/index": "live",
  "token/client-session": "token",
  "token/client-session-retry": "token-retry",
  // The command has no second copy of the client.
  "client/seam": "index",
};

rmSync(dist, { recursive: true, force: true });
mkdirSync(cjs, { recursive: true });
writeFileSync(
  `${cjs}/package.json`,
  `${JSON.stringify({ type: "commonjs", sideEffects: false }, null, 2)}\n`,
);

const made = {};
for (const name of ["client", "live", "token", "sandbox"]) {
  const file = `${wasm}/${name}/${name}_bg.wasm`;
  const { bytes, glue } = await (name === "live"
    ? numericBindings(file, ["number", "lower"])
    : name === "token"
      ? numericBindings(file, [])
      : minifiedBindings(file));
  made[`${name}-glue`] = glue;
  made[name] = bytes;
  writeFileSync(`${dist}/${name}-bytes.js`, textModule(bytes));
  // The sandbox's bytes are as large as all the rest, so both formats share one file.
  if (name !== "sandbox")
    writeFileSync(`${cjs}/${name}-bytes.js`, textModule(bytes, "cjs"));
}
const manifest = JSON.parse(readFileSync(`${root}pkg/package.json`, "utf8"));
const { client } = made;
// With setWasm, client.wasm must not be paired with the script of another build.
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
// Builds are not wire-compatible, so the name of the SharedWorker contains a hash of the build.
// webpack also uses it as the chunk name.
const sources = readdirSync(source, { recursive: true })
  .filter((name) => name.endsWith(".ts"))
  .sort()
  .map((name) => readFileSync(`${source}/${name}`));
const define = {
  BUILD: JSON.stringify(
    `seam-session-${manifest.version}-${sha256(client, made.live, made.token, ...sources).slice(0, 8)}`,
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
// The entry that loads these files explains why one is not available (client/lazy-modules.ts).
const lazy = {
  "wasm/unavailable": "wasm/passthrough-error",
  "wasm/decode-embedded": "wasm/decode-embedded.entry",
};
await bundleBoth("live", "lists/index.ts", lazy);
await bundleBoth("token", "token/client-session.ts", lazy);
// It contains its bytes too, because their own file may be the one that failed to load.
await bundle("token-retry", "token/client-session-retry.ts", lazy, {
  inlined: ["token-bytes"],
});
await bundleBoth("sandbox", "sandbox.ts");
await bundleBoth(
  "sandbox-server",
  "sandbox-server.ts",
  {},
  { platform: "node" },
);
// With preserved symlinks, the paths in comments do not depend on where the packages are.
await bundleBoth("server", "server.ts", {}, { preserveSymlinks: true });
await bundleBoth("token-function", "token-function.ts");
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
// The same declarations: the nearest package.json sets the module type.
cpSync(`${dist}/types`, `${cjs}/types`, { recursive: true });
// Parcel reads `exports` only if a project enables that; otherwise it looks for files of these names.
for (const [name, { default: file }] of Object.entries(manifest.exports)) {
  if (!file?.endsWith(".js") || name === ".") continue;
  const stub = resolve(root, "pkg", `${name}.js`);
  mkdirSync(dirname(stub), { recursive: true });
  const at = relative(dirname(stub), resolve(root, "pkg", file));
  const path = at.replaceAll("\\", "/").replace(/^(?!\.)/, "./");
  writeFileSync(stub, `export * from ${JSON.stringify(path)};\n`);
}
writeFileSync(`${root}pkg/sbom.cdx.json`, sbom(root, manifest));
writeFileSync(`${root}pkg/LICENSE-THIRD-PARTY`, licenses(root));
// The files that the README links to, so that its links work in the package.
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

/** Returns the declaration files of the entries, and all that those import. */
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

/** Returns a custom section, which engines ignore, to be appended to a module. */
function customSection(name, text) {
  const content = Buffer.from(
    `${String.fromCharCode(name.length)}${name}${text}`,
  );
  // A length below 128 is one byte.
  if (content.length > 127) throw new Error(`the section ${name} is too long`);
  return Buffer.from([0, content.length, ...content]);
}

/** Bundles an entry as an ES module and in CommonJS. */
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
      // Annotates the exports for Node and bundlers.
      platform: "node",
      // Unlike the ES modules, these are not meant to be read, and make the tarball smaller.
      minify: true,
      lineLimit: 120,
      // A worker needs an ES module.
      define: { ...more?.define, "import.meta.url": "undefined" },
      // `require` instead of `import()`, which fails under Jest by default.
      supported: { "dynamic-import": name.startsWith("sandbox") },
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
    // For the app's bundler to replace; esbuild would.
    define: { ...more.define, "process.env.NODE_ENV": "process.env.NODE_ENV" },
    plugins: [
      {
        name: "built",
        setup(build) {
          build.onResolve(
            { filter: /^((client|live|token|sandbox)-glue|client-build)$/ },
            ({ path }) => ({ path, namespace: "made" }),
          );
          build.onLoad({ filter: /.*/, namespace: "made" }, ({ path }) => ({
            contents: made[path],
            loader: "js",
          }));
          build.onResolve(
            { filter: /^(client|live|token|sandbox)-bytes$/ },
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
              // Node does not cache a failed `require`.
              const name = isCjs ? output.replace("-retry", "") : output;
              return { path: `./${name}.js`, external: true };
            },
          );
        },
      },
    ],
  });
}
