// Run by worker/start.test.mjs with the URL of seam-session/worker: the page's worker script is not
// found, and the bundler's chunk is loaded only when the time to start is over. Prints how the call
// ended, and what became of the worker that was made then.
import { register } from "node:module";

const [, , entry] = process.argv;

/** Module hooks, which run in a thread of their own: they hold the chunk back until a message comes. */
const HOOKS = `
  let released;
  export function initialize({ port }) {
    released = new Promise((resolve) => port.once("message", resolve));
  }
  export async function load(url, context, next) {
    if (url.endsWith("/worker-url.js")) await released;
    return next(url, context);
  }`;
const { port1, port2 } = new MessageChannel();
register(`data:text/javascript,${encodeURIComponent(HOOKS)}`, {
  data: { port: port2 },
  transferList: [port2],
});

let now = 0;
let last = 0;
const timers = new Map();
globalThis.setTimeout = (run, ms) => {
  timers.set((last += 1), { run, due: now + ms });
  return last;
};
globalThis.clearTimeout = (id) => timers.delete(id);

const nextTask = () => new Promise((resolve) => setImmediate(resolve));

/** Advances the time of the timers by 100 ms. */
async function advance() {
  now += 100;
  for (const [id, { run, due }] of [...timers]) {
    if (due <= now && timers.delete(id)) run();
  }
  for (let nth = 0; nth < 5; nth += 1) await nextTask();
}

const workers = [];
globalThis.Worker = class extends EventTarget {
  messages = [];
  terminated = 0;
  constructor() {
    super();
    workers.push(this);
  }
  postMessage(message) {
    this.messages.push(message.type);
  }
  terminate() {
    this.terminated += 1;
  }
};

const { Seam } = await import(entry);
const seam = Seam.fromClientSessionToken("seam_cst1_of_this_test", {
  endpoint: "https://sandbox.invalid",
});
let failure;
seam.locks.unlockDoor({ device_id: "any" }).catch((error) => (failure = error));
while (workers.length === 0) await nextTask();
workers[0].dispatchEvent(new Event("error"));
while (failure === undefined && now < 60_000) await advance();

port1.postMessage("release");
while (workers.length === 1) await nextTask();
await advance();

const { code, outcome } = failure;
const [missing, late] = workers;
console.log(
  JSON.stringify({
    ...{ code, outcome, workers: workers.length },
    missing: missing.messages,
    late: late.messages,
    terminated: late.terminated,
  }),
);
process.exit();
