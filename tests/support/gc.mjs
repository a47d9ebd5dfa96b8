// V8's garbage collector, run by a test.
import assert from "node:assert/strict";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { nextTask } from "./waiting.mjs";

setFlagsFromString("--expose-gc");
const gc = runInNewContext("gc");

/** What is not collected in so many milliseconds is kept by somebody. */
const LIMIT = 10_000;

/** Collects what nobody has any more; what is told of it comes in turns of its own. */
export async function collect() {
  for (let nth = 0; nth < 5; nth += 1) {
    gc();
    await nextTask();
  }
}

/** Collects until `holds` does. */
export async function collected(holds) {
  const end = performance.now() + LIMIT;
  while (!holds()) {
    assert.ok(performance.now() < end, `it was kept: ${holds}`);
    await collect();
  }
}
