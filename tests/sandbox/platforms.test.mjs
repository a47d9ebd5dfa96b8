// `Sandbox.create` on platforms that lack something: the error has a remedy, or it works.
import assert from "node:assert/strict";
import { test } from "node:test";

import { rejected } from "../support/errors.mjs";
import { installTrap } from "../support/force-trap.mjs";
import { client, entry, Sandbox } from "../support/installed.mjs";
import { nextTask } from "../support/waiting.mjs";

/** The sandbox of a copy of the package that has compiled nothing yet. */
let copies = 0;
const fresh = async () =>
  (await import(`${entry("seam-session/sandbox")}?platform-${(copies += 1)}`))
    .Sandbox;

/** What `run` rejects with while there is no such global. */
async function errorWithout(name, run) {
  const own = Object.getOwnPropertyDescriptor(globalThis, name);
  delete globalThis[name];
  try {
    return await rejected(run());
  } finally {
    Object.defineProperty(globalThis, name, own);
  }
}

for (const name of ["Request", "Response", "TextDecoder", "TextEncoder"]) {
  test(`where there is no ${name}, the error names it and Jest's environment`, async () => {
    const error = await errorWithout(name, () => Sandbox.create());
    assert.ok(error instanceof client.SeamHttpInvalidOptionsError);
    assert.equal(error.code, "missing_global");
    assert.equal(error.outcome, "not_sent");
    assert.match(error.message, new RegExp(`there is no ${name}: add`));
    assert.match(error.message, /jest-fixed-jsdom/);
  });
}

test("where there is no WebAssembly, the error says so, and the next call tries again", async () => {
  const Copy = await fresh();
  const error = await errorWithout("WebAssembly", () => Copy.create());
  assert.ok(error instanceof client.SeamWasmError, error.stack);
  assert.equal(error.code, "wasm_unavailable");
  assert.equal(error.outcome, "not_sent");
  assert.match(error.message, /no WebAssembly here: it may be switched off/);
  assert.equal(typeof (await Copy.create()).state(), "object");
});

/** Chromium's words where a policy forbids WebAssembly. */
const POLICY =
  "WebAssembly.compile(): Compiling or instantiating WebAssembly module violates the following Content Security policy directive because neither 'wasm-eval' nor 'unsafe-eval' is an allowed source of script";

test("where a Content-Security-Policy forbids WebAssembly, the error names what to add", async (t) => {
  const Copy = await fresh();
  t.mock.method(WebAssembly, "compile", async () => {
    throw new WebAssembly.CompileError(POLICY);
  });
  const error = await rejected(Copy.create());
  assert.ok(error instanceof client.SeamWasmError, error.stack);
  assert.equal(error.code, "wasm_unavailable");
  assert.equal(error.outcome, "not_sent");
  assert.match(error.message, /'wasm-unsafe-eval'/);
});

/**
 * For the running test WebAssembly is as in a page of Chromium up to 114: neither constructor
 * takes what is over 4 KB. Gives how many synchronous instances were refused.
 */
function asInOldChromium(t) {
  const refusal = (what, use) =>
    new RangeError(
      `WebAssembly.${what} is disallowed on the main thread, if the buffer size is larger than 4KB. Use ${use}.`,
    );
  const { Instance, Module } = WebAssembly;
  const control = { refused: 0 };
  WebAssembly.Module = class extends Module {
    constructor(bytes) {
      if (bytes.byteLength > 4096)
        throw refusal("Compile", "WebAssembly.compile");
      super(bytes);
    }
  };
  WebAssembly.Instance = function () {
    control.refused += 1;
    throw refusal("Instance", "WebAssembly.instantiate");
  };
  t.after(() => Object.assign(WebAssembly, { Instance, Module }));
  return control;
}

test("where an instance cannot be made synchronously, a sandbox is made all the same", async (t) => {
  const control = asInOldChromium(t);
  const [one, other] = await Promise.all([Sandbox.create(), Sandbox.create()]);
  assert.equal(control.refused, 2);
  one.addFault({ fault: "outage" });
  assert.deepEqual([one.faults().length, other.faults().length], [1, 0]);
  const { status } = await other.fetch(`${other.info.endpoint}/devices/list`, {
    headers: { authorization: `Bearer ${other.info.api_key}` },
  });
  assert.equal(status, 200);
});

/**
 * For the running test, the instances that are made asynchronously trap on demand. From the second
 * on they wait for `ready`.
 */
function trappingLater(t, ready = Promise.resolve()) {
  const { Instance, Module } = WebAssembly;
  const trapping = { WebAssembly: { Instance, Module } };
  const control = installTrap(trapping);
  const { instantiate } = WebAssembly;
  t.mock.method(WebAssembly, "instantiate", async (module, imports) => {
    // Node makes one of its own when its fetch is loaded.
    if (imports.a === undefined) return await instantiate(module, imports);
    if (control.copies > 0) await ready;
    return new trapping.WebAssembly.Instance(module, imports);
  });
  asInOldChromium(t);
  return control;
}

test("there, restore after a crash finds an instance that was kept ready, each time", async (t) => {
  const control = trappingLater(t);
  const sandbox = await Sandbox.create();
  const saved = sandbox.state();
  for (let crash = 1; crash <= 3; crash += 1) {
    // The next instance is made meanwhile.
    await nextTask();
    assert.equal(control.copies, crash + 1);
    control.armed = true;
    assert.throws(() => sandbox.state(), { code: "sandbox_crashed" });
    sandbox.restore(saved);
    assert.deepEqual(sandbox.state().workspace, saved.workspace);
  }
});

test("there, restore says what to do while no instance is ready yet, and then works", async (t) => {
  let release;
  const control = trappingLater(
    t,
    new Promise((resolve) => (release = resolve)),
  );
  const sandbox = await Sandbox.create();
  const saved = sandbox.state();
  control.armed = true;
  assert.throws(() => sandbox.state(), { code: "sandbox_crashed" });

  assert.throws(() => sandbox.restore(saved), {
    name: "SeamWasmError",
    code: "wasm_unavailable",
    outcome: "not_sent",
    message: /try again in a moment/,
  });
  assert.throws(() => sandbox.state(), {
    code: "sandbox_crashed",
    outcome: "not_sent",
  });
  release();
  await nextTask();
  sandbox.restore(saved);
  assert.deepEqual(sandbox.state().workspace, saved.workspace);
});
