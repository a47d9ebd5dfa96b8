// The common scenario, and a trap of the module, in each browser engine: in a page and in a
// dedicated worker.
import assert from "node:assert/strict";
import { test } from "node:test";
import { pathToFileURL } from "node:url";

import { startServers } from "../support/scenarios/servers.mjs";
import { installTrap } from "../support/force-trap.mjs";
import { folder } from "../support/installed.mjs";
import { servePage } from "../support/plain-page.mjs";
import { startSandbox } from "../support/sandbox.mjs";
import { engines, startBrowser } from "../support/webdriver.mjs";

const dist = pathToFileURL(`${folder}dist/`);
const more = {
  "/scenario.js": new URL("../support/scenarios/calls.mjs", import.meta.url),
};

/** Keeps what surfaced in the page: what nobody caught. */
const WATCH = `globalThis.surfaced = [];
  for (const type of ["error", "unhandledrejection"])
    addEventListener(type, (event) => surfaced.push(String(event.reason ?? event.message)));`;

for (const engine of engines)
  test(`${engine}`, async (t) => {
    const browser = await startBrowser(engine);
    t.after(() => browser.close());
    const open = async (t, script) => {
      const page = await servePage(dist, { script: WATCH + script, more });
      t.after(() => page.close());
      await browser.open(page.url);
    };

    await t.test("lists, unlocks, refuses and aborts in a page", async (t) => {
      const { at, check } = await startServers(t);
      await open(t, "");
      const result = await browser.run(inPage, at);
      check(result.done);
      assert.deepEqual(result.surfaced, []);
    });

    await t.test("does the same in a dedicated worker", async (t) => {
      const { at, check } = await startServers(t);
      await open(t, "");
      check(await browser.run(inWorker, at));
    });

    await t.test(
      "names the policy that forbids WebAssembly, with what to add",
      async (t) => {
        const page = await servePage(dist, {
          policy: "script-src 'self' 'unsafe-inline'",
        });
        t.after(() => page.close());
        await browser.open(page.url);
        assert.deepEqual(await browser.run(forbidden), [
          "wasm_unavailable",
          "the page's Content-Security-Policy forbids WebAssembly: add 'wasm-unsafe-eval' to its script-src (/devices/list)",
        ]);
      },
    );

    await t.test(
      "rejects pending calls when the module traps, and recovers",
      async (t) => {
        const info = await startSandbox(t);
        await open(t, `globalThis.trap = (${installTrap})(globalThis);`);
        const result = await browser.run(trapped, info);
        assert.deepEqual(result, {
          crashed: ["client_crashed", "client_crashed", "client_crashed"],
          after: 1,
          copies: 2,
          surfaced: [],
        });
      },
    );
  });

async function inPage(at) {
  const { Seam } = await import("/index.js");
  const { scenario } = await import("/scenario.js");
  return { done: await scenario(Seam, at), surfaced: globalThis.surfaced };
}

async function inWorker(at) {
  const script = `import { Seam } from "${location.origin}/index.js";
    import { scenario } from "${location.origin}/scenario.js";
    scenario(Seam, ${JSON.stringify(at)}).then(postMessage, (error) => {
      throw error;
    });`;
  const url = URL.createObjectURL(
    new Blob([script], { type: "text/javascript" }),
  );
  const worker = new Worker(url, { type: "module" });
  try {
    return await new Promise((resolve, reject) => {
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = (event) => reject(new Error(event.message));
    });
  } finally {
    worker.terminate();
  }
}

async function forbidden() {
  const { Seam } = await import("/index.js");
  const seam = Seam.fromClientSessionToken("seam_cst1a_b");
  return seam.devices.list().then(
    () => ["nothing"],
    ({ code, message }) => [code, message],
  );
}

async function trapped({ endpoint, client_session_token: token }) {
  const { Seam } = await import("/index.js");
  // Three calls wait for their answers; the first answer meets the trap.
  let answer, allWait;
  const held = new Promise((resolve) => (answer = resolve));
  const waiting = new Promise((resolve) => (allWait = resolve));
  let count = 0;
  const slow = Seam.fromClientSessionToken(token, {
    endpoint,
    fetch: async (request) => {
      if ((count += 1) === 3) allWait();
      await held;
      return fetch(request);
    },
  });
  const calls = Promise.allSettled([
    slow.devices.list(),
    slow.locks.list(),
    slow.clientSessions.get(),
  ]);
  await waiting;
  globalThis.trap.armed = true;
  answer();
  const crashed = (await calls).map(({ reason }) => reason?.code);
  const seam = Seam.fromClientSessionToken(token, { endpoint });
  const after = (await seam.devices.list()).length;
  const { copies } = globalThis.trap;
  return { crashed, after, copies, surfaced: globalThis.surfaced };
}
