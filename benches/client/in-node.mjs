// One measurement in a process of its own. Takes its name, where the scripts'
// server is, and the paths of both bodies; prints JSON.
import { createReadStream, readFileSync } from "node:fs";

import { bundled } from "./fixture.mjs";

const [what, origin, ...bodies] = process.argv.slice(2);
const { times, memory } = await import(bundled("refresh"));
const calls = await import(bundled("calls"));

/** What is alive, WebAssembly's memory among it. */
async function live() {
  for (let nth = 0; nth < 3; nth += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    globalThis.gc();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function cpu() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

async function measured() {
  if (what === "times") {
    const bytes = bodies.map((path) => new Uint8Array(readFileSync(path)));
    return times(bytes, 40);
  }
  if (what in memory) {
    return memory[what]((nth) => createReadStream(bodies[nth]), live);
  }
  return calls[what](origin, cpu);
}
console.log(JSON.stringify(await measured()));
process.exit(0);
