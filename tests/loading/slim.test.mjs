// seam-session/slim: the entry without the WebAssembly module, which the caller provides. Each
// test has its own copy of the entry.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { pathToFileURL } from "node:url";

import { rejected } from "../support/errors.mjs";
import { entry, folder, Sandbox } from "../support/installed.mjs";
import { serve } from "../support/server.mjs";
import { nextTask } from "../support/waiting.mjs";

const file = `${folder}dist/client.wasm`;
const bytes = readFileSync(file);
// (module), alone and with our section of a version that there is not.
const empty = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0);
const section = "\0\x12\x0cseam-session9.9.9";
const other = Buffer.concat([empty, Buffer.from(section)]);

let copies = 0;

/** A copy of the entry, and what lists the devices of a sandbox through it. */
async function slim() {
  const { Seam, setWasm } = await import(
    `${entry("seam-session/slim")}?${(copies += 1)}`
  );
  const { info, fetch } = await Sandbox.create();
  const { endpoint, client_session_token } = info;
  const seam = Seam.fromClientSessionToken(client_session_token, {
    endpoint,
    fetch,
  });
  return { setWasm, list: () => seam.devices.list() };
}

/** A server that has the module, and nothing else. */
async function served(t) {
  const { endpoint } = await serve(t, (request, response) => {
    const found = request.url === "/client.wasm";
    response.writeHead(found ? 200 : 404).end(found ? bytes : "none");
  });
  return endpoint;
}

const SOURCES = {
  "a Uint8Array": () => bytes,
  "an ArrayBuffer": () => Uint8Array.from(bytes).buffer,
  "a WebAssembly.Module": () => new WebAssembly.Module(bytes),
  "a Response": (at) => fetch(`${at}/client.wasm`),
  "a Response without a content type": () => new Response(bytes),
  "a promise of a Module": () => WebAssembly.compile(bytes),
  "a URL": (at) => new URL("/client.wasm", at),
  "a URL as text": (at) => `${at}/client.wasm`,
  "the URL of a file": () => pathToFileURL(file),
  "where import.meta.resolve finds it": () => entry("seam-session/client.wasm"),
};

for (const [name, source] of Object.entries(SOURCES)) {
  test(`it runs on ${name}`, async (t) => {
    const { setWasm, list } = await slim();
    setWasm(source(await served(t)));
    assert.equal((await list()).length, 1);
  });
}

const FAULTS = [
  [
    "a URL with nothing there",
    (at) => `${at}/none`,
    /answered with status 404/,
  ],
  [
    "an error's Response",
    (at) => fetch(`${at}/none`),
    /answered with status 404/,
  ],
  [
    "a path with no page",
    () => "/client.wasm",
    /"\/client\.wasm" is no whole URL/,
  ],
  [
    "bytes of something else",
    () => Buffer.from("<!doctype html>"),
    /CompileError/,
  ],
  ["another module", () => empty, /is not seam-session\/client\.wasm/],
  ["another version's module", () => other, /is of build \d.* of 9\.9\.9:/],
  ["a promise of nothing", () => Promise.resolve(), /was promised is none/],
  ["a promise that rejects", () => Promise.reject(new Error("off")), /off/],
];

for (const [name, source, message] of FAULTS) {
  test(`the first request with ${name} rejects, and another source fixes it`, async (t) => {
    const { setWasm, list } = await slim();
    setWasm(source(await served(t)));
    // Had the rejection nobody to handle it, this turn would end the process.
    await nextTask();
    const error = await rejected(list());
    assert.equal(error.name, "SeamWasmError");
    assert.equal(error.code, "wasm_unavailable");
    assert.equal(error.outcome, "not_sent");
    assert.match(error.message, message);
    setWasm(bytes);
    assert.equal((await list()).length, 1);
  });
}

test("a Response that was already read is an error that says so", async () => {
  const { setWasm, list } = await slim();
  const response = new Response(bytes);
  await response.arrayBuffer();
  setWasm(response);
  assert.match((await rejected(list())).message, /has been read already/);
});

test("without a source the first request says how to give one", async () => {
  const { list } = await slim();
  const error = await rejected(list());
  assert.equal(error.code, "wasm_unavailable");
  assert.match(
    error.message,
    /give setWasm the bytes of seam-session\/client\.wasm/,
  );
});

test("what cannot be a source is refused at once", async () => {
  const { setWasm } = await slim();
  for (const source of [undefined, null, 7, {}, [], () => bytes]) {
    assert.throws(() => setWasm(source), {
      name: "SeamHttpInvalidOptionsError",
      code: "invalid_options",
    });
  }
});

test("it has all that the default entry has, and setWasm", async () => {
  const [all, less] = await Promise.all([
    import(entry("seam-session/slim")),
    import(entry("seam-session")),
  ]);
  assert.deepEqual(
    Object.keys(all).filter((name) => !(name in less)),
    ["setWasm"],
  );
  assert.deepEqual(
    Object.keys(less).filter((name) => !(name in all)),
    [],
  );
});
