// Programs that a test runs and waits for.
import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** Runs a program; resolves to `{ stdout, stderr }`, and rejects unless it exits with 0. */
export const run = promisify(execFile);

/**
 * Runs the text of an ES module in a Node of its own. Returns its output, without white space around
 * it.
 */
export async function runModule(text, options = {}) {
  const { stdout, stderr } = await run(
    process.execPath,
    ["--input-type=module", "--eval", text],
    options,
  );
  return { stdout: stdout.trim(), stderr: stderr.trim() };
}
