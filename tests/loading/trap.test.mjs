// A trap of the wasm module: pending calls reject, there is no unhandled rejection, and the next
// call works. In a process of its own, without process-level handlers.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { entry } from "../support/installed.mjs";
import { run } from "../support/process.mjs";

test("a trap rejects every call in flight and the next call works", async () => {
  const script = fileURLToPath(
    new URL("../support/trap-in-node.mjs", import.meta.url),
  );
  const { stdout, stderr } = await run(process.execPath, [
    script,
    entry("seam-session"),
  ]);
  assert.equal(stderr, "");
  assert.deepEqual(JSON.parse(stdout), {
    crashed: [
      ["SeamWasmError", "client_crashed", "unknown"],
      ["SeamWasmError", "client_crashed", "unknown"],
      ["SeamWasmError", "client_crashed", "unknown"],
    ],
    trap: "RuntimeError",
    after: [1],
    begun: [["client_crashed", "not_sent"], [1]],
    copies: 3,
  });
});
