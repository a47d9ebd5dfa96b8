// The package's bill of materials, in CycloneDX 1.6: the third-party crates in the WebAssembly
// modules, and the npm packages that are bundled into scripts. The package has no dependencies. There
// is no date and no random number, so that the build is reproducible.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

import { BUNDLED, thirdParty } from "./third-party.mjs";

/** The crate of each module in the package, and the files with it. */
const MODULES = {
  "seam-session-wasm-client": [
    "dist/client.wasm",
    "dist/client-bytes.js",
    "dist/cjs/client-bytes.js",
  ],
  "seam-session-wasm-lists": ["dist/live-bytes.js", "dist/cjs/live-bytes.js"],
  "seam-session-wasm-token": [
    "dist/token-bytes.js",
    "dist/token-retry.js",
    "dist/cjs/token-bytes.js",
  ],
  "seam-session-sandbox": ["dist/sandbox-bytes.js"],
};

/** Returns the text of the file; `root` is the repository, whose modules are built. */
export function sbom(root, manifest) {
  const checksums = checksumsIn(readFileSync(`${root}Cargo.lock`, "utf8"));
  const std = rust(
    readFileSync(`${root}target/wasm/rust-version`, "utf8").trim(),
  );
  const components = new Map([[std["bom-ref"], std]]);
  const itself = `pkg:npm/${manifest.name}@${manifest.version}`;
  const dependencies = [];
  for (const [crate, files] of Object.entries(MODULES)) {
    const crates = cratesOf(root, crate).map((of) => component(of, checksums));
    for (const one of crates) components.set(one["bom-ref"], one);
    const dependsOn = [std, ...crates].map((one) => one["bom-ref"]);
    for (const file of files) {
      components.set(file, fileComponent(root, file));
      dependencies.push({ ref: file, dependsOn });
    }
  }
  const packages = thirdParty(root).map(npmComponent);
  for (const one of packages) components.set(one["bom-ref"], one);
  const scripts = Object.values(BUNDLED).flat();
  for (const file of scripts) {
    components.set(file, fileComponent(root, file));
    dependencies.push({
      ref: file,
      dependsOn: packages.map((one) => one["bom-ref"]),
    });
  }
  const bill = {
    $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: {
      component: {
        type: "library",
        "bom-ref": itself,
        name: manifest.name,
        version: manifest.version,
        licenses: [{ expression: manifest.license }],
        purl: itself,
        properties: [{ name: "seam:openapi", value: manifest.openapi }],
      },
    },
    components: [...components.values()].sort((a, b) =>
      a["bom-ref"] < b["bom-ref"] ? -1 : 1,
    ),
    dependencies: [
      {
        ref: itself,
        dependsOn: [...Object.values(MODULES).flat(), ...scripts],
      },
      ...dependencies,
    ],
  };
  return `${JSON.stringify(bill, null, 2)}\n`;
}

function fileComponent(root, file) {
  const content = createHash("sha256")
    .update(readFileSync(`${root}pkg/${file}`))
    .digest("hex");
  return {
    type: "file",
    "bom-ref": file,
    name: file,
    hashes: [{ alg: "SHA-256", content }],
  };
}

function npmComponent({ name, version, license, sha512 }) {
  const purl = `pkg:npm/${name.replace("@", "%40")}@${version}`;
  return {
    type: "library",
    "bom-ref": purl,
    name,
    version,
    hashes: [{ alg: "SHA-512", content: sha512 }],
    licenses: [{ expression: license }],
    purl,
  };
}

/** Returns the crates that a module is linked from, without macros, which run in the compiler. */
function cratesOf(root, crate) {
  const lines = execFileSync(
    "cargo",
    [
      ...["tree", "--locked", "--package", crate],
      ...["--target", "wasm32-unknown-unknown"],
      ...["--edges", "normal,no-proc-macro"],
      ...["--prefix", "none", "--no-dedupe", "--format", "{p}\t{l}"],
    ],
    { cwd: root, encoding: "utf8" },
  );
  return [...new Set(lines.trim().split("\n"))].sort().flatMap((line) => {
    const [, name, version, path, license] = line.match(
      /^(\S+) v(\S+)( \(.*\))?\t(.*)$/,
    );
    // Crates of the repository are the package itself.
    return path === undefined ? [{ name, version, license }] : [];
  });
}

function component({ name, version, license }, checksums) {
  const purl = `pkg:cargo/${name}@${version}`;
  return {
    type: "library",
    "bom-ref": purl,
    name,
    version,
    hashes: [{ alg: "SHA-256", content: checksums.get(`${name} ${version}`) }],
    // Older crates write a slash for OR.
    licenses: [{ expression: license.replaceAll("/", " OR ") }],
    purl,
  };
}

/** Returns Rust's standard library, which is compiled into every module. */
function rust(version) {
  return {
    type: "library",
    "bom-ref": `rust-std@${version}`,
    name: "std",
    version,
    description: "Rust's standard library",
    licenses: [{ expression: "MIT OR Apache-2.0" }],
  };
}

/** Returns the checksums of the archives, by "name version". */
function checksumsIn(lock) {
  const found = lock.matchAll(
    /name = "(.*)"\nversion = "(.*)"\nsource = .*\nchecksum = "(.*)"/g,
  );
  return new Map(
    [...found].map(([, name, version, sum]) => [`${name} ${version}`, sum]),
  );
}
