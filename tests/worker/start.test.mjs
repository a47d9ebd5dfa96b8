// How a page gets a worker where a bundler has left the package's own script behind, and which
// scripts serve pages. Both sides are in Node, where a test gives the classes of workers.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { fakeWorker, newPage, realWorker } from "../support/fake-workers.mjs";
import { entry } from "../support/installed.mjs";
import { run, runModule } from "../support/process.mjs";
import { waitUntil } from "../support/waiting.mjs";
import { startWorker } from "../support/worker-in-node.mjs";

/** The script for which bundlers make a chunk: a page imports it to learn the chunk's address. */
const CHUNK = new URL("worker-url.js", entry("seam-session/worker")).href;

/**
 * Gives the page a class `Worker`. `make(nth)` returns the port of the nth worker; `made` has the
 * address and the name of each, and how often it was terminated.
 */
function workerClass(t, make) {
  const made = [];
  globalThis.Worker = class {
    constructor(url, { name }) {
      const worker = { url: String(url), name, terminated: 0 };
      made.push(worker);
      return Object.assign(make(made.length), {
        terminate: () => (worker.terminated += 1),
      });
    }
  };
  t.after(() => delete globalThis.Worker);
  return made;
}

const silent = () => undefined;

test("a page whose worker script is not found starts the worker from the bundler's chunk", async (t) => {
  const missing = fakeWorker(t, silent);
  const made = workerClass(t, (nth) => (nth === 1 ? missing : realWorker(t)));
  const { info } = await startWorker(t);
  const { endpoint, client_session_token: token } = info;
  const { Seam } = await newPage(t);

  const devices = Seam.fromClientSessionToken(token, { endpoint })
    .devices.list()
    .execute();
  await waitUntil(() => made.length === 1);
  missing.dispatchEvent(new Event("error"));

  assert.equal((await devices).length, 1);
  assert.match(made[0].url, /\/worker-run\.js$/);
  assert.equal(made[1].url, CHUNK);
  assert.equal(made.length, 2);
  // The script serves only in a worker of this name.
  assert.equal(made[1].name, made[0].name);
  assert.deepEqual(
    missing.heard.filter((it) => it.type !== "handshake"),
    [],
    "what was called went to the other worker alone",
  );
});

test("a worker that is made when the time to start is over is terminated, and nothing is sent to it", async () => {
  const program = new URL(
    "../support/late-worker-in-node.mjs",
    import.meta.url,
  );
  const { stdout } = await run(
    process.execPath,
    [fileURLToPath(program), entry("seam-session/worker")],
    { timeout: 60_000 },
  );

  assert.deepEqual(JSON.parse(stdout), {
    ...{ code: "wasm_unavailable", outcome: "not_sent", workers: 2 },
    missing: ["handshake"],
    late: [],
    terminated: 1,
  });
});

test("the chunk serves in a worker of its build, and neither in a page nor in another worker", async () => {
  const { stdout } = await runModule(`
    const { Seam, setWorker } = await import(${JSON.stringify(entry("seam-session/worker"))});
    const build = await new Promise((resolve) => {
      setWorker((name) => {
        resolve(name);
        return new MessageChannel().port1;
      });
      Seam.fromClientSessionToken("seam_cst1_of_this_test").devices.list().catch(() => {});
    });
    const served = [];
    globalThis.addEventListener = (type) => type === "message" && served.push(globalThis.case);
    for (const [name, more] of Object.entries({
      "in its worker": { name: build },
      "in a page of that name": { name: build, document: {} },
      "in another worker": { name: "another" },
      "in a worker of another build": { name: build + " 1" },
      "without a name": { name: undefined },
    })) {
      Object.assign(globalThis, { document: undefined, case: name }, more);
      await import(${JSON.stringify(CHUNK)} + "?" + encodeURIComponent(name));
    }
    console.log(JSON.stringify(served));
    process.exit();`);

  assert.deepEqual(JSON.parse(stdout), ["in its worker"]);
});
