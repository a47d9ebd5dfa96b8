// Environments without a global that the client needs, such as jest-environment-jsdom: each kind of
// call fails with one coded error that names it, before anything is sent.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const program = fileURLToPath(
  new URL("fetches/without-global.mjs", import.meta.url),
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

const CALLS = ["list", "action", "request", "function"];

/** What fails without which global; a sandbox needs none of fetch's. */
const GLOBALS = {
  fetch: [...CALLS, "scope", "watch"],
  Request: [...CALLS, "scope", "watch", "withOwnFetch"],
  Headers: [...CALLS, "scope", "watch", "withOwnFetch"],
  AbortController: [...CALLS, "withOwnFetch"],
  TextDecoder: [...CALLS, "withOwnFetch", "sandbox"],
  TextEncoder: ["sandbox"],
};

for (const [global, kinds] of Object.entries(GLOBALS)) {
  test(`what needs the global ${global} is not sent without it, and its error names it`, async () => {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [program, global],
      { timeout: 60_000 },
    );
    const result = JSON.parse(stdout);
    for (const kind of kinds) check(result[kind], global, kind);
    // A caller's own fetch takes the place of the global one.
    if (global === "fetch") assert.equal(result.withOwnFetch, "no error");
    assert.notEqual(result.watchState, "live");
    // It is missed only as long as it is missing.
    assert.equal(result.again, "no error");
  });
}
