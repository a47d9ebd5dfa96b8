// How a watched list is stopped: close(), signals, modules that cannot be loaded.
import assert from "node:assert/strict";
import { test } from "node:test";

import { entry } from "../support/installed.mjs";
import { listState, watchingClient } from "../support/watched-lists.mjs";
import { runModule } from "../support/process.mjs";

test("closing a list during its fetch stops no other list", async (t) => {
  let release;
  const held = new Promise((resolve) => (release = resolve));
  let holds = false;
  const { watch, seam, info, asked } = await watchingClient(t, {
    answer: async ({ path }) => {
      if (holds && path === "/client_sessions/get") await held;
    },
  });
  const one = watch();
  await listState(one, "live");
  holds = true;
  const update = seam.updateClientSessionToken(info.client_session_token);

  one.close();
  const other = watch("locks");
  await new Promise((resolve) => other.subscribe(resolve));
  release();
  await update;
  await listState(other, "live");
  await other.refresh();

  assert.equal(asked("/locks/list"), 2);
});

test("an aborted signal closes a list, and so does the end of using", async (t) => {
  const { watch } = await watchingClient(t);
  const controller = new AbortController();
  const list = watch("devices", {}, { signal: controller.signal });
  await listState(list, "live");
  controller.abort();
  assert.equal(list.status.state, "stopped");

  const other = watch();
  other[Symbol.dispose]();
  assert.equal(other.status.state, "stopped");
  await other.refresh();
});

test("a list whose signal is already aborted fetches nothing and stays stopped", async (t) => {
  const { watch, requests } = await watchingClient(t);
  const list = watch("devices", {}, { signal: AbortSignal.abort() });
  const { status } = list;

  await list.refresh();
  list.close();

  assert.deepEqual(status, { state: "stopped" });
  assert.ok(Object.isFrozen(status));
  assert.equal(list.status, status);
  assert.deepEqual(requests, []);
});

test("a closed list leaves no listener on a signal that lives on", async (t) => {
  const { watch } = await watchingClient(t);
  const { signal } = new AbortController();
  const heard = [];
  for (const name of ["addEventListener", "removeEventListener"]) {
    signal[name] = (type, listener) => {
      heard.push([name, listener]);
      EventTarget.prototype[name].call(signal, type, listener);
    };
  }
  const list = watch("devices", {}, { signal });
  await listState(list, "live");
  assert.equal(heard.length, 1);

  list.close();

  const [, listener] = heard[0];
  assert.deepEqual(heard, [
    ["addEventListener", listener],
    ["removeEventListener", listener],
  ]);
});

test("a list whose module cannot be loaded stops and notifies its subscribers", async () => {
  const script = `
    import { Seam } from ${JSON.stringify(entry("seam-session"))};
    // Node's own fetch is WebAssembly too, and is loaded when it is first looked at.
    await new Response("").text();
    await globalThis.fetch("data:,").catch(() => {});
    WebAssembly.compile = async () => { throw new Error("not here"); };
    const fetch = async () => Response.json({});
    const seam = Seam.fromClientSessionToken("seam_cst1abc_def", { fetch });
    const told = [];
    const watch = () => {
      const list = seam.devices.watch();
      list.subscribe(() => told.push([list.status.state, list.status.reason?.code]));
      return list;
    };
    const closed = watch();
    closed.close();
    await closed.refresh();
    await watch().refresh();
    console.log(JSON.stringify(told));`;

  const { stdout } = await runModule(script);

  assert.deepEqual(JSON.parse(stdout), [
    ["stopped", null],
    ["stopped", "wasm_unavailable"],
  ]);
});

test("invalid arguments of watch() throw at once", async (t) => {
  const { seam } = await watchingClient(t);
  assert.throws(
    () => seam.devices.watch({}, { interval: 10 }),
    /interval must be 1000 milliseconds or more/,
  );
  assert.throws(() => seam.accessCodes.watch(), /Parameters are required/);
  assert.equal("watch" in seam.connectedAccounts, false);
});
