// Checks that many-calls.mjs left nothing in memory, in Node or in a page.
import assert from "node:assert/strict";

/** The smallest thing that a call could leave in the heap is several times this. */
const BYTES_A_CALL = 50;

/** A page of WebAssembly memory. */
const PAGE = 65_536;

/** Fails unless 10,000 calls ended as they should and left nothing. */
export function assertNothingLeaked({ before, after, ended, wrong, most }) {
  assert.deepEqual(wrong, []);
  const calls = Object.values(ended).reduce((sum, count) => sum + count, 0);
  assert.equal(calls, 10_000);
  for (const [fate, count] of Object.entries(ended)) {
    assert.ok(count >= (fate === "client_crashed" ? 4 : 1_000), fate);
  }
  assert.equal(Object.keys(ended).length, 9);

  assert.equal(most, 1, "a call listens to its signal while it is under way");
  assert.equal(after.listeners, 0);
  // Of the copies of the module that broke, none is kept.
  assert.equal(before.memories.length, 1);
  assert.equal(after.memories.length, 1);
  const [memory] = after.memories;
  assert.ok(
    memory <= before.memories[0] + PAGE,
    `${before.memories[0]} bytes of wasm memory became ${memory}`,
  );
  const grown = after.heap - before.heap;
  assert.ok(grown < calls * BYTES_A_CALL, `the heap grew by ${grown} bytes`);
}
