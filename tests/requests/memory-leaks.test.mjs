// Ten thousand calls of every fate in Node, in a process of their own without
// process-level handlers: nothing of them is left, and nothing dies.
import { execFile } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { entry } from "../support/installed.mjs";
import { checkNothingLeft } from "../support/leak-check.mjs";

test("ten thousand calls leave memory, heap and listeners flat in Node", async () => {
  const script = new URL("../support/leak-in-node.mjs", import.meta.url);
  const { stdout } = await promisify(execFile)(process.execPath, [
    "--expose-gc",
    fileURLToPath(script),
    entry("seam-session"),
  ]);
  checkNothingLeft(JSON.parse(stdout));
});
