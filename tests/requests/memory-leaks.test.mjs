// Ten thousand calls with every outcome in Node, in a process of their own without process-level
// handlers: nothing of them stays in memory, and the process does not crash.
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { entry } from "../support/installed.mjs";
import { assertNothingLeaked } from "../support/leak-check.mjs";
import { run } from "../support/process.mjs";

test("ten thousand calls leave memory, heap and listeners flat in Node", async () => {
  const script = new URL("../support/leak-in-node.mjs", import.meta.url);
  const { stdout } = await run(process.execPath, [
    "--expose-gc",
    fileURLToPath(script),
    entry("seam-session"),
  ]);
  assertNothingLeaked(JSON.parse(stdout));
});
