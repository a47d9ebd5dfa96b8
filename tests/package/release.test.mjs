// What is published to npm: its files, their sources, and that a build is reproducible.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { cpSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { Ajv } from "ajv";

import { folder } from "../support/installed.mjs";
import { tarball } from "../support/project.mjs";
import { run } from "../support/process.mjs";
import { temporaryFolder } from "../support/temporary-folder.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const read = (file) => readFileSync(file, "utf8");
const manifest = JSON.parse(read(`${folder}package.json`));
const bill = JSON.parse(read(`${folder}sbom.cdx.json`));

test("it holds the files of tests/package/contents.txt, and no other", () => {
  const found = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .map((file) => file.slice(folder.length).replaceAll("\\", "/"));
  const listed = read(`${root}tests/package/contents.txt`).trim().split("\n");
  assert.deepEqual(
    {
      more: found.filter((file) => !listed.includes(file)),
      missing: listed.filter((file) => !found.includes(file)),
    },
    { more: [], missing: [] },
    "where that is meant, change the list",
  );
  assert.ok(listed.length > 50);
});

test("a second build in another folder has the same bytes", async (t) => {
  const elsewhere = temporaryFolder(t);
  const skipped = ["node_modules", "target", ".git", "dist"];
  cpSync(root, elsewhere, {
    recursive: true,
    filter: (file) => !skipped.includes(basename(file)),
  });
  cpSync(`${root}target/wasm`, join(elsewhere, "target/wasm"), {
    recursive: true,
  });
  symlinkSync(`${root}node_modules`, join(elsewhere, "node_modules"));
  const env = { ...process.env, TZ: "Asia/Tokyo", LC_ALL: "C" };

  await run(process.execPath, ["pkg/build.mjs"], { cwd: elsewhere, env });
  await run("npm", ["pack"], { cwd: join(elsewhere, "pkg"), env });

  const [again] = readdirSync(join(elsewhere, "pkg")).filter((name) =>
    name.endsWith(".tgz"),
  );
  assert.equal(again, basename(tarball));
  const sha256 = (file) =>
    createHash("sha256").update(readFileSync(file)).digest("hex");
  assert.equal(sha256(join(elsewhere, "pkg", again)), sha256(tarball));
});

test("its bill of materials is what CycloneDX says that one is", () => {
  const { resolve } = createRequire(import.meta.url);
  const schemas = join(
    resolve("@cyclonedx/cyclonedx-library/package.json"),
    "../res/schema",
  );
  const schema = (name) => JSON.parse(read(join(schemas, name)));
  const ajv = new Ajv({ strict: false, validateFormats: false });
  for (const name of [
    "spdx.SNAPSHOT.schema.json",
    "jsf-0.82.SNAPSHOT.schema.json",
  ]) {
    ajv.addSchema(schema(name), `http://cyclonedx.org/schema/${name}`);
  }
  const valid = ajv.validate(schema("bom-1.6.SNAPSHOT.schema.json"), bill);
  assert.ok(valid, ajv.errorsText());
});

test("its bill of materials names what the modules are linked from, and nothing of the tests'", () => {
  const names = bill.components.map(({ name }) => name);
  for (const name of ["std", "wasm-bindgen", "gloo-net", "serde_json"]) {
    assert.ok(names.includes(name), name);
  }
  for (const name of ["proptest", "syn", "wasm-bindgen-test"]) {
    assert.ok(!names.includes(name), name);
  }
  const lock = read(`${root}Cargo.lock`);
  for (const { purl, name, version, hashes, licenses } of bill.components) {
    if (!purl?.startsWith("pkg:cargo/")) continue;
    assert.match(
      lock,
      new RegExp(
        `name = "${name}"\nversion = "${version}"\n.*\nchecksum = "${hashes[0].content}"`,
      ),
    );
    assert.match(licenses[0].expression, /^[\w.() -]+$/);
  }
  const client = bill.dependencies.find(({ ref }) => ref.includes("client"));
  assert.ok(!client.dependsOn.some((ref) => ref.includes("serde_json")));
});

test("its bill of materials names the npm packages in its scripts, whose licences are in it", () => {
  const { packages } = JSON.parse(read(`${root}package-lock.json`));
  const found = bill.components.filter(({ purl }) =>
    purl?.startsWith("pkg:npm/"),
  );
  assert.deepEqual(
    found.map(({ name }) => name),
    ["@stablelib/base64", "fast-sha256", "standardwebhooks"],
  );
  const licences = read(`${folder}LICENSE-THIRD-PARTY`);
  for (const { name, version, hashes } of found) {
    const locked = packages[`node_modules/${name}`];
    assert.equal(version, locked.version);
    const sum = Buffer.from(locked.integrity.slice("sha512-".length), "base64");
    assert.equal(hashes[0].content, sum.toString("hex"));
    assert.ok(licences.includes(`${name} ${version} (${locked.license})`));
  }
  // What the packages themselves were found in.
  const script = read(`${folder}dist/server.js`);
  const bundled = [
    ...script.matchAll(/^\/\/ node_modules\/((?:@[^/]+\/)?[^/]+)/gm),
  ];
  assert.deepEqual(
    [...new Set(bundled.map(([, name]) => name))].sort(),
    found.map(({ name }) => name),
  );
});

test("its bill of materials has the checksums of the modules that are in it", () => {
  const files = bill.components.filter(({ type }) => type === "file");
  const modules = readdirSync(`${folder}dist`, { recursive: true })
    .map((name) => `dist/${name.replaceAll("\\", "/")}`)
    .filter((name) =>
      /-bytes\.js$|-retry\.js$|\.wasm$|\/server\.js$/.test(name),
    );
  assert.ok(modules.length >= 5);
  assert.deepEqual(files.map(({ name }) => name).sort(), modules.sort());
  for (const { name, hashes } of files) {
    const sum = createHash("sha256").update(readFileSync(folder + name));
    assert.equal(hashes[0].content, sum.digest("hex"), name);
  }
});

test("it says which version and which OpenAPI it was made from, everywhere the same", () => {
  const tests = JSON.parse(read(`${root}tests/package-lock.json`));
  const { version } = tests.packages["node_modules/@seamapi/types"];
  assert.equal(manifest.openapi, `@seamapi/types@${version}`);
  const { component } = bill.metadata;
  assert.equal(component.properties[0].value, manifest.openapi);
  assert.equal(component.version, manifest.version);
  const [, workspace] = read(`${root}Cargo.toml`).match(
    /\[workspace\.package\]\nversion = "(.*)"/,
  );
  assert.equal(manifest.version, workspace);
});
