// The tarball, packed and installed.
import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { app, client, folder } from "../support/installed.mjs";
import { tarball } from "../support/project.mjs";
import { run } from "../support/process.mjs";

function files(path = folder) {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath ?? entry.path}/${entry.name}`);
}

test("it exports what its types say, and nothing else", () => {
  assert.deepEqual(Object.keys(client).sort(), [
    "Seam",
    "SeamActionAttemptError",
    "SeamActionAttemptFailedError",
    "SeamActionAttemptTimeoutError",
    "SeamError",
    "SeamHttp",
    "SeamHttpApiError",
    "SeamHttpInvalidInputError",
    "SeamHttpInvalidOptionsError",
    "SeamHttpInvalidResponseError",
    "SeamHttpInvalidTokenError",
    "SeamHttpNetworkError",
    "SeamHttpRequest",
    "SeamHttpUnauthorizedError",
    "SeamHttpWithoutWorkspace",
    "SeamOutOfScopeError",
    "SeamPaginator",
    "SeamSignedOutError",
    "SeamWasmError",
    "SeamWithoutWorkspace",
    "UnserializableParamError",
    "errorKind",
    "isApiKey",
    "isClientSessionToken",
    "isConsoleSessionToken",
    "isOutOfScope",
    "isPersonalAccessToken",
    "isPublishableKey",
    "isSeamActionAttemptError",
    "isSeamActionAttemptFailedError",
    "isSeamActionAttemptTimeoutError",
    "isSeamError",
    "isSeamHttpApiError",
    "isSeamHttpInvalidInputError",
    "isSeamHttpInvalidOptionsError",
    "isSeamHttpInvalidResponseError",
    "isSeamHttpInvalidTokenError",
    "isSeamHttpNetworkError",
    "isSeamHttpUnauthorizedError",
    "isSeamOutOfScopeError",
    "isSeamSignedOutError",
    "isSeamWasmError",
    "isUnserializableParamError",
  ]);
  assert.equal(client.Seam, client.SeamHttp);
});

test("it has no dependencies and no install scripts", () => {
  const manifest = JSON.parse(readFileSync(`${folder}package.json`, "utf8"));
  assert.equal(manifest.dependencies, undefined);
  assert.equal(manifest.scripts, undefined);
  assert.equal(manifest.sideEffects, false);
});

test("every file that its manifest names is there, with its licences and README", () => {
  const manifest = JSON.parse(readFileSync(`${folder}package.json`, "utf8"));
  const named = JSON.stringify([manifest.exports, manifest.bin]).match(
    /dist\/[^"]+/g,
  );
  assert.ok(named.length > 5);
  for (const file of [...named, "README.md", "LICENSE-MIT", "LICENSE-APACHE"]) {
    assert.ok(statSync(folder + file).size > 0, file);
  }
});

test("it is smaller than 1.3 MB", () => {
  const { size } = statSync(tarball);
  assert.ok(size > 100_000 && size < 1_300_000, `${size} bytes`);
});

test("the sandbox's module is in it once, the others at most once for each module format", () => {
  const names = files().map((file) => file.slice(folder.length));
  const carries = (name) => names.filter((it) => it.includes(name)).sort();
  assert.deepEqual(carries("sandbox-bytes"), ["dist/sandbox-bytes.js"]);
  for (const name of ["client", "live", "token"]) {
    assert.deepEqual(carries(`${name}-bytes`), [
      `dist/cjs/${name}-bytes.js`,
      `dist/${name}-bytes.js`,
    ]);
  }
  // What is loaded after a file that failed to be, which is 2 KB, has its bytes in it.
  const others = names.filter(
    (name) =>
      name.endsWith(".js") &&
      !name.endsWith("-bytes.js") &&
      (readFileSync(folder + name, "utf8").match(/[\u0080-\u00ff]/g) ?? [])
        .length > 100,
  );
  assert.deepEqual(others, ["dist/token-retry.js"]);
});

test("each entry is also the file that a bundler looks for which reads no exports", async () => {
  const manifest = JSON.parse(readFileSync(`${folder}package.json`, "utf8"));
  const entries = Object.entries(manifest.exports).filter(
    ([name, { default: file }]) => name !== "." && file?.endsWith(".js"),
  );
  assert.ok(entries.length >= 5);
  for (const [name, { default: file }] of entries) {
    const text = readFileSync(`${folder}${name}.js`, "utf8");
    const [, from] = /^export \* from "(\..+)";\n$/.exec(text);
    const found = new URL(from, `file://${folder}${name}.js`);
    assert.equal(found.href, new URL(file, `file://${folder}`).href, name);
  }
});

test("the client's module is in it as text and as a file, which also says of which build it is", async () => {
  const { latin1, swaps } = await import(`${folder}dist/client-bytes.js`);
  const bytes = Buffer.from(latin1, "latin1").map((byte) => {
    const at = swaps.indexOf(String.fromCharCode(byte));
    return at < 0 ? byte : swaps.charCodeAt(at ^ 1);
  });
  const file = readFileSync(`${folder}dist/client.wasm`);
  assert.ok(WebAssembly.validate(bytes));
  assert.ok(bytes.equals(file.subarray(0, bytes.length)));
  const module = new WebAssembly.Module(file);
  const sections = WebAssembly.Module.customSections(module, "seam-session");
  const { version } = JSON.parse(readFileSync(`${folder}package.json`, "utf8"));
  assert.match(
    Buffer.from(sections[0]).toString(),
    new RegExp(`^${version}-[0-9a-f]{8}$`),
  );
  // Its header, two lengths and its name beside the text.
  assert.equal(file.length - bytes.length, 15 + sections[0].byteLength);
});

test("its declarations declare nothing outside of their modules", () => {
  const declarations = files().filter((file) => file.endsWith(".d.ts"));
  assert.ok(declarations.length > 100);
  for (const file of declarations) {
    const text = readFileSync(file, "utf8");
    assert.match(text, /^(import|export) /m, `${file} is no module`);
    assert.doesNotMatch(text, /declare global|<reference/, file);
    assert.doesNotMatch(text, /declare module "(?!\.)/, file);
  }
});

test("no file of it names a path of the machine that built it", () => {
  const root = fileURLToPath(new URL("../..", import.meta.url));
  for (const file of files()) {
    const text = readFileSync(file, "latin1");
    for (const path of [root, "/.cargo/registry", "/rustc/", "/rust/library"]) {
      assert.ok(!text.includes(path), `${file} names ${path}`);
    }
  }
});

test("every file that its README links to is in it", () => {
  const readme = readFileSync(`${folder}README.md`, "utf8");
  const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(
    ([, to]) => to,
  );
  assert.ok(links.length >= 5);
  for (const link of links) assert.ok(statSync(folder + link).size > 0, link);
});

test("its command runs from an empty project", async () => {
  const { stdout } = await run(
    "npx",
    ["--no-install", "seam-session", "--version"],
    { cwd: fileURLToPath(app) },
  );
  assert.match(stdout, /^\d+\.\d+\.\d+\n$/);
});

test("the two examples of the README run as they stand", async (t) => {
  const readme = readFileSync(`${folder}README.md`, "utf8");
  const blocks = [...readme.matchAll(/```js\n([^]*?)```/g)].map(([, js]) => js);
  const browser = blocks.find((js) => js.includes('("TOKEN")'));
  const node = blocks.find((js) => js.includes("process.env.SEAM_API_KEY"));
  const { startSandbox } = await import("../support/sandbox.mjs");
  const info = await startSandbox(t);
  const script = (code, values) =>
    Object.entries(values).reduce(
      (text, [name, value]) => text.replaceAll(name, value),
      code,
    );
  const at = {
    cwd: fileURLToPath(app),
    env: {
      ...process.env,
      SEAM_ENDPOINT: info.endpoint,
      SEAM_API_KEY: info.api_key,
    },
  };
  const made = await run(
    process.execPath,
    [
      "--input-type=module",
      "-e",
      script(node, { DEVICE_ID: info.device_ids[0] }),
    ],
    at,
  );
  assert.match(made.stdout, /seam_cst/);
  const [token] = made.stdout.match(/seam_cst\w+/);
  const listed = await run(
    process.execPath,
    ["--input-type=module", "-e", script(browser, { TOKEN: token })],
    at,
  );
  assert.match(listed.stdout, /success/);
});
