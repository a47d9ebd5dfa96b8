// One measurement in a process of its own: `times`, or whose memory. Takes the
// paths of the bundle and of both bodies, prints JSON.
import { createReadStream, readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [what, bundle, ...bodies] = process.argv.slice(2);
const { times, memory } = await import(pathToFileURL(bundle).href);

/** What is alive, WebAssembly's memory among it. */
async function live() {
  for (let nth = 0; nth < 3; nth += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    globalThis.gc();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const measured =
  what === "times"
    ? times(
        bodies.map((path) => new Uint8Array(readFileSync(path))),
        40,
      )
    : await memory[what]((nth) => createReadStream(bodies[nth]), live);
console.log(JSON.stringify(measured));
