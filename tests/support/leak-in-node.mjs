// Run by requests/memory-leaks.test.mjs with `--expose-gc`: prints what many calls left in memory.
import { installTrap } from "./force-trap.mjs";
import { longLivedSignal, manyCalls, watchMemories } from "./many-calls.mjs";

const memories = watchMemories(globalThis);
const trap = installTrap(globalThis);
const { Seam } = await import(process.argv[2]);
const { signal, count } = longLivedSignal();

/** Measures what is alive after everything that can be collected has been. */
async function alive() {
  for (let nth = 0; nth < 5; nth += 1) {
    // Finalizers run in tasks of their own.
    await new Promise(setImmediate);
    globalThis.gc();
  }
  const heap = process.memoryUsage().heapUsed;
  return { heap, memories: memories(), listeners: count.now };
}

await manyCalls(Seam, trap, signal, 3_000);
const before = await alive();
const { ended, wrong } = await manyCalls(Seam, trap, signal, 10_000);
const after = await alive();
const { most } = count;
console.log(JSON.stringify({ before, after, ended, wrong, most }));
