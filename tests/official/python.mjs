// Seam's Python SDK as a client of a table of calls.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { killOnExit } from "../support/children.mjs";

const script = fileURLToPath(new URL("sdk.py", import.meta.url));

/** The SDK in a process of its own, until the running test ends: with the API key, or with each
 * one's own token. */
export function python(t, world, credential) {
  const { PYTHON } = process.env;
  assert.ok(
    PYTHON,
    "PYTHON names a Python that has the seam package; cargo xtask test sets it up",
  );
  const { endpoint, api_key, token, walk_in_token } = world;
  const tokens = { ada: token, "walk-in": walk_in_token };
  const child = spawn(PYTHON, [script], {
    env: {
      ...process.env,
      ENDPOINT: endpoint,
      KEY: api_key,
      ...(credential === "token" && { TOKENS: JSON.stringify(tokens) }),
    },
    stdio: ["pipe", "pipe", "pipe"],
  });
  killOnExit(child);
  t.after(() => child.kill());
  let complaints = "";
  child.stderr.setEncoding("utf8").on("data", (text) => (complaints += text));
  const answers = createInterface({ input: child.stdout })[
    Symbol.asyncIterator
  ]();
  return async (by, path, params) => {
    child.stdin.write(`${JSON.stringify({ by, path, params })}\n`);
    const { value, done } = await answers.next();
    assert.ok(!done, `${path}: ${complaints}`);
    return JSON.parse(value);
  };
}
