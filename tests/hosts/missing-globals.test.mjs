// Environments that lack a global which the client needs, such as jest-environment-jsdom: every
// kind of call fails with one error that names the global, before anything is sent.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { run } from "../support/process.mjs";

const program = fileURLToPath(
  new URL("../support/without-global.mjs", import.meta.url),
);

/** What a call without that global comes to. */
function check(error, global, what) {
  const { message, ...details } = error;
  assert.deepEqual(
    details,
    {
      name: "SeamHttpInvalidOptionsError",
      code: "missing_global",
      outcome: "not_sent",
    },
    `${what}: ${message}`,
  );
  assert.match(message, new RegExp(`\\b${global}\\b`), what);
}

for (const global of [
  "fetch",
  "Request",
  "Headers",
  "AbortController",
  "TextDecoder",
  "TextEncoder",
]) {
  test(`a call without the global ${global} is not sent, and its error names it`, async () => {
    const { stdout } = await run(process.execPath, [program, global], {
      timeout: 60_000,
    });
    const result = JSON.parse(stdout);
    for (const kind of ["list", "action", "request", "scope"]) {
      check(result[kind], global, kind);
    }
    assert.notEqual(result.watchState, "live");
    check(result.watch ?? {}, global, "watch");
    // A caller's own fetch takes the place of the global one alone.
    if (global === "fetch") assert.equal(result.withOwnFetch, "no error");
    else check(result.withOwnFetch, global, "withOwnFetch");
    assert.equal(result.again, "no error");
  });
}
