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
import { textModule } from "./text.mjs";

import { sbom } from "./sbom.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const wasm = `${root}target/wasm`;
const dist = `${root}pkg/dist`;
// The same for `require`. Its files have the names of the others, and lie in a folder whose
// package.json says what they are: so they stand next to those in the tarball, where what is the
// same compresses to nothing.
const cjs = `${dist}/cjs`;

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

for (const [name, from, how, live] of [
  ["index", "index.ts", "bytes", "load"],
  ["workerd", "index.ts", "workerd", "no-load"],
  ["edge", "index.ts", "edge", "no-load"],
  ["slim", "slim.ts", "given", "load"],
]) {
  const make = live === "load" ? bundleBoth : bundle;
  await make(name, from, {
    "client-wasm": `${root}pkg/src/wasm/${how}.ts`,
    "./load.js": `${root}pkg/src/${live}.ts`,
  });
}
// A worker of another build speaks in another way: each has a name of its own, which
// webpack makes a file's of.
const sources = readdirSync(`${root}pkg/src`, { recursive: true })
  .filter((name) => name.endsWith(".ts"))
  .sort()
  .map((name) => readFileSync(`${root}pkg/src/${name}`));
const define = {
  BUILD: JSON.stringify(
    `seam-session-${manifest.version}-${sha256(client, made.live, made.renewal, ...sources).slice(0, 8)}`,
  ),
};
await bundleBoth(
  "worker",
  "worker/index.ts",
  {
    "./call.js": `${root}pkg/src/worker/caller.ts`,
    "./load.js": `${root}pkg/src/worker/load.ts`,
  },
  { define },
);
await bundle(
  "worker-thread",
  "worker/thread.ts",
  {
    "client-wasm": `${root}pkg/src/wasm/bytes.ts`,
    "./load.js": `${root}pkg/src/no-load.ts`,
  },
  { define },
);
await bundleCjs("worker-thread", "worker/thread-cjs.ts", {}, { define });
await bundle("worker-run", "worker/run.ts");
await bundle("worker-url", "worker/url.ts", {}, { define });
await bundleBoth("host", "components/index.ts");
// Why one is not available, the entry says that loads it (load.ts), at length.
const asItIs = {
  "./unavailable.js": `${root}pkg/src/wasm/as-it-is.ts`,
  "./not-utf8.js": `${root}pkg/src/wasm/not-utf8-short.ts`,
};
for (const name of ["live", "renewal"]) {
  await bundleBoth(name, `${name}/${name}.ts`, asItIs);
}
// Nothing of it may be in a file that has failed to load: it carries its bytes too.
await bundle("renewal-retry", "renewal/renewal-retry.ts", asItIs, {
  inlined: ["renewal-bytes"],
});
await bundleBoth("sandbox", "sandbox/sandbox.ts");
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
  `${root}pkg/src/wasm/client.wasm.d.ts`,
  `${dist}/types/client.wasm.d.ts`,
);
removeAllBut(typesOf(manifest), `${dist}/types`);
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
async function bundleBoth(name, entry, alias, more) {
  await bundle(name, entry, alias, more);
  await bundleCjs(name, entry, alias, more);
}

async function bundleCjs(name, entry, alias, more) {
  await bundle(
    name,
    entry,
    {
      ...alias,
      "./bytes.js": `${root}pkg/src/sandbox/bytes-cjs.ts`,
      "./read-file.js": `${root}pkg/src/wasm/read-file-cjs.ts`,
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

async function bundle(name, entry, alias = {}, { inlined = [], ...more } = {}) {
  const isCjs = more.format === "cjs";
  await build({
    entryPoints: [`${root}pkg/src/${entry}`],
    outfile: `${dist}/${name}.js`,
    bundle: true,
    format: "esm",
    target: "es2022",
    charset: "utf8",
    legalComments: "none",
    logLevel: "warning",
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
            {
              filter:
                /^\.\/(live\/live|renewal\/renewal|renewal\/renewal-retry)\.js$/,
            },
            ({ path, kind }) => {
              if (kind !== "dynamic-import") return undefined;
              // Node keeps no failure of a `require`.
              const file = isCjs ? path.replace("-retry", "") : path;
              return { path: file.replace(/\w+\//, ""), external: true };
            },
          );
          build.onResolve(
            {
              filter:
                /^(client-wasm|\.\/(bytes|call|load|not-utf8|read-file|unavailable)\.js)$/,
            },
            ({ path }) => (path in alias ? { path: alias[path] } : undefined),
          );
          build.onResolve({ filter: /^\.\/url\.js$/ }, () =>
            isCjs
              ? { path: `${root}pkg/src/worker/url-cjs.ts` }
              : { path: "./worker-url.js", external: true },
          );
          build.onResolve({ filter: /^\.\/thread\.js$/ }, () => ({
            path: "./worker-thread.js",
            external: true,
          }));
        },
      },
    ],
  });
}
