// V8's garbage collector, run by a test.
import assert from "node:assert/strict";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { nextTask } from "./waiting.mjs";

setFlagsFromString("--expose-gc");
const gc = runInNewContext("gc");

/** An object that is not collected within this time, in milliseconds, is still referenced. */
const LIMIT = 10_000;

/** Collects garbage, and runs finalizers, which run in tasks of their own. */
export async function collect() {
  for (let nth = 0; nth < 5; nth += 1) {
    gc();
    await nextTask();
  }
}

/** Collects garbage until a condition is true. */
export async function collected(holds) {
  const end = performance.now() + LIMIT;
  while (!holds()) {
    assert.ok(performance.now() < end, `it was kept: ${holds}`);
    await collect();
  }
}
