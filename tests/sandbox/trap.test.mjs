// A trap of the sandbox's wasm module, whose instance holds the workspace.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";

import { killOnExit } from "../support/children.mjs";
import { rejected } from "../support/errors.mjs";
import { installTrap } from "../support/force-trap.mjs";
import { collected } from "../support/gc.mjs";
import { client, entry, folder, Sandbox, Seam } from "../support/installed.mjs";
import { started } from "../support/sandbox.mjs";
import { temporaryFolder } from "../support/temporary-folder.mjs";

/** For the running test, the next entry into any sandbox's module traps once this is armed. */
function trap(t) {
  const { Instance } = WebAssembly;
  t.after(() => (WebAssembly.Instance = Instance));
  return installTrap(globalThis);
}

const clientOf = ({ info, fetch }) =>
  Seam.fromApiKey(info.api_key, {
    endpoint: info.endpoint,
    fetch,
    maxRetries: 0,
  });

const UUID = "00000000-0000-4000-8000-000000000000";

/** What every method of a sandbox does that enters the module, by its name. */
const CALLS = {
  handle: (it) => it.handle("GET", "/devices/list", [], new Uint8Array()),
  fetch: (it) => it.fetch(`${it.info.endpoint}/devices/list`),
  state: (it) => it.state(),
  addFault: (it) => it.addFault({ fault: "outage" }),
  faults: (it) => it.faults(),
  handleHead: (it) => it.handleHead("POST", "/devices/list", []),
  removeFaults: (it) => it.removeFaults(),
  clock: (it) => it.clock(),
  advanceClock: (it) => it.advanceClock(1_000),
  endSession: (it) =>
    it.endSession({ client_session_token: it.info.client_session_token }),
  app: (it) => it.app("demo-user"),
  now: (it) => it.now(),
  advanceClockTo: (it) => it.advanceClockTo("2100-01-01T00:00:00Z"),
  explain: (it) =>
    it.explain(
      { client_session_token: it.info.client_session_token },
      it.info.device_ids[0],
    ),
  completeConnectWebview: (it) => it.completeConnectWebview(UUID),
  reset: (it) => it.reset(),
  coverage: (it) => it.coverage(),
  resetCoverage: (it) => it.resetCoverage(),
  restore: (it) => it.restore({}),
};

/** The error of a call, thrown or rejected. */
const errorOf = (name, sandbox) =>
  rejected((async () => CALLS[name](sandbox))());

function assertCrashed(error, outcome) {
  assert.ok(error instanceof client.SeamWasmError, error.stack);
  assert.equal(error.code, "sandbox_crashed");
  assert.equal(error.outcome, outcome);
  assert.match(error.message, /restore\(state\).*new Sandbox/);
  assert.ok(error.cause instanceof WebAssembly.RuntimeError);
}

test("the call that meets a trap and every later one say that the sandbox crashed", async (t) => {
  const methods = Object.getOwnPropertyNames(Sandbox.prototype).filter(
    (name) => !["constructor", "info", "backEnd", "__v_skip"].includes(name),
  );
  assert.deepEqual(Object.keys(CALLS).sort(), [...methods, "fetch"].sort());
  const control = trap(t);
  for (const first of Object.keys(CALLS)) {
    const sandbox = await Sandbox.create();
    control.armed = true;
    assertCrashed(await errorOf(first, sandbox), "unknown");
    for (const later of Object.keys(CALLS)) {
      // They do not need the workspace that is lost.
      if (["restore", "reset"].includes(later)) continue;
      assertCrashed(await errorOf(later, sandbox), "not_sent");
    }
  }
});

test("after a crash a saved state makes the sandbox work again, and what is no state does not", async (t) => {
  let sandbox = await Sandbox.create();
  // The client's own module is there before modules trap.
  await clientOf(sandbox).devices.list();
  const control = trap(t);
  sandbox = await Sandbox.create({ devices: 3 });
  const { info } = sandbox;
  const seam = clientOf(sandbox);
  await seam.userIdentities.create({ user_identity_key: "ada" });
  const saved = sandbox.state();
  control.armed = true;
  for (let nth = 0; nth < 2; nth += 1) {
    const { cause } = await rejected(seam.devices.list());
    assert.equal(cause.code, "sandbox_crashed");
  }

  assert.throws(() => sandbox.restore({}), /no state of a sandbox/);
  assertCrashed(await errorOf("state", sandbox), "not_sent");
  assert.deepEqual(sandbox.info, info);

  sandbox.restore(saved);
  assert.deepEqual(sandbox.info, info);
  assert.deepEqual(sandbox.state().workspace, saved.workspace);
  assert.equal((await seam.devices.list()).length, 3);
  await seam.userIdentities.get({ user_identity_key: "ada" });

  // It is as good as new: it crashes and is restored again.
  control.armed = true;
  assertCrashed(await errorOf("restore", sandbox), "unknown");
  control.armed = true;
  assertCrashed(
    await rejected((async () => sandbox.restore(saved))()),
    "not_sent",
  );
  sandbox.restore(saved);
  assert.equal((await seam.devices.list()).length, 3);
});

test("after a crash, reset makes the sandbox work again with the same keys", async (t) => {
  let sandbox = await Sandbox.create();
  await clientOf(sandbox).devices.list();
  const control = trap(t);
  sandbox = await Sandbox.create({ devices: 3 });
  const { info } = sandbox;
  control.armed = true;
  assertCrashed(await errorOf("state", sandbox), "unknown");
  control.armed = true;
  assertCrashed(await errorOf("reset", sandbox), "not_sent");
  sandbox.reset();
  assert.deepEqual(sandbox.info, info);
  assert.equal((await clientOf(sandbox).devices.list()).length, 3);
});

test("a crash is one sandbox's own", async (t) => {
  const control = trap(t);
  const [one, other] = [await Sandbox.create(), await Sandbox.create()];
  control.armed = true;
  assertCrashed(await errorOf("state", one), "unknown");
  assert.equal(typeof other.state(), "object");
  assert.equal(typeof (await Sandbox.create()).state(), "object");
});

test("an argument of a wrong type is no crash", async () => {
  const sandbox = await Sandbox.create();
  assert.throws(() => sandbox.handle(undefined, "/", [], new Uint8Array()), {
    name: "TypeError",
  });
  assert.equal(typeof sandbox.state(), "object");
});

test("nothing enters a crashed instance any more, not even the garbage collector", async (t) => {
  const { Instance } = WebAssembly;
  t.after(() => (WebAssembly.Instance = Instance));
  const { unreachable } = trapping(Instance);
  const state = { armed: false, trapped: false, after: [] };
  WebAssembly.Instance = function (module, imports) {
    const real = new Instance(module, imports);
    const exports = { ...real.exports };
    for (const [name, run] of Object.entries(real.exports)) {
      if (typeof run !== "function") continue;
      exports[name] = (...args) => {
        if (state.trapped) state.after.push(name);
        if (!state.armed) return run(...args);
        state.trapped = true;
        return unreachable();
      };
    }
    return { exports };
  };
  let isCollected = false;
  const registry = new FinalizationRegistry(() => (isCollected = true));
  await (async () => {
    const sandbox = await Sandbox.create();
    registry.register(sandbox, undefined);
    state.armed = true;
    assertCrashed(await errorOf("state", sandbox), "unknown");
    // The bindings gave back the memory of the call that trapped, which is over.
    state.after = [];
    assertCrashed(await errorOf("state", sandbox), "not_sent");
  })();
  await collected(() => isCollected);
  await collected(() => true);
  assert.deepEqual(state.after, []);
});

/** A function that traps. */
function trapping(Instance) {
  const bytes = [
    0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 7, 5, 1, 1, 102,
    0, 0, 10, 5, 1, 3, 0, 0, 11,
  ];
  const module = new WebAssembly.Module(new Uint8Array(bytes));
  return { unreachable: new Instance(module, {}).exports.f };
}

test("a module that could not be compiled once is compiled by the next sandbox", async (t) => {
  const fresh = await import(`${entry("seam-session/sandbox")}?compile`);
  const compile = t.mock.method(WebAssembly, "compile", async () => {
    throw new WebAssembly.CompileError("out of memory");
  });
  await assert.rejects(fresh.Sandbox.create(), /out of memory/);
  compile.mock.restore();
  assert.equal(typeof (await fresh.Sandbox.create()).state(), "object");
});

/** The command, whose module can be made to trap by `arm`. */
async function startServer(t, args) {
  const support = new URL("../support/trap-on-message.mjs", import.meta.url);
  const child = spawn(
    process.execPath,
    [
      ...["--import", support.href, `${folder}dist/cli.js`],
      ...["sandbox", "--port", "0", "--json", ...args],
    ],
    { stdio: ["pipe", "pipe", "pipe", "ipc"] },
  );
  killOnExit(child);
  t.after(() => child.kill("SIGKILL"));
  let err = "";
  child.stderr.setEncoding("utf8").on("data", (text) => (err += text));
  const ended = once(child, "close").then(([code, signal]) => ({
    code,
    signal,
    err,
  }));
  const info = await started({ child, ended });
  const arm = async (what = "next") => {
    child.send(what);
    await once(child, "message");
  };
  const headers = { authorization: `Bearer ${info.api_key}` };
  const ask = (path, init) =>
    fetch(`${info.endpoint}${path}`, { headers, ...init });
  return { info, arm, ended, ask, child };
}

async function scratch(t) {
  const made = temporaryFolder(t);
  return made;
}

test("a server that crashes answers, says so, keeps the last state and ends with a failure", async (t) => {
  const made = await scratch(t);
  const file = join(made, "state.json");
  const { info, arm, ended, ask } = await startServer(t, ["--state", file]);
  const before = await readFile(file, "utf8");
  await arm();

  const response = await ask("/devices/list");
  assert.equal(response.status, 500);
  assert.equal(response.headers.get("connection"), "close");
  const { error, ok } = await response.json();
  assert.deepEqual([error.type, ok], ["internal_server_error", false]);

  const { code, signal, err } = await ended;
  assert.deepEqual([code, signal], [1, null]);
  assert.match(err, /^seam-session: the sandbox crashed .*\n$/);
  assert.ok(err.includes(file), "it names the remedy");
  assert.equal(await readFile(file, "utf8"), before);
  assert.deepEqual(await readdir(made), ["state.json"]);

  const again = await startServer(t, ["--state", file]);
  assert.equal(again.info.api_key, info.api_key);
  assert.equal((await again.ask("/devices/list")).status, 200);
});

test("a server that crashes while it saves its state leaves the last one as it is", async (t) => {
  const made = await scratch(t);
  const file = join(made, "state.json");
  const { arm, ended, ask } = await startServer(t, ["--state", file]);
  const before = JSON.parse(await readFile(file, "utf8"));
  await arm("timers");
  const response = await ask("/user_identities/create", { method: "POST" });
  assert.equal(response.status, 200);
  const { code, err } = await ended;
  assert.equal(code, 1);
  assert.match(err, /^seam-session: the sandbox crashed .*\n$/);
  assert.deepEqual(JSON.parse(await readFile(file, "utf8")), before);
  assert.deepEqual(await readdir(made), ["state.json"]);
});
