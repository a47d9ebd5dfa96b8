// `serveSandbox` of `seam-session/sandbox/server`, for the set-up of a test runner.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";

import { rejected } from "../support/errors.mjs";
import { app, entry, Seam } from "../support/installed.mjs";
import { serve } from "../support/server.mjs";

const { serveSandbox } = await import(entry("seam-session/sandbox/server"));
const cjs = createRequire(app)("seam-session/sandbox/server");

for (const [format, run] of [
  ["an ES module", serveSandbox],
  ["CommonJS", cjs.serveSandbox],
]) {
  test(`it serves a sandbox over HTTP and gives the sandbox itself, as ${format}`, async () => {
    const { sandbox, info, close } = await run({ devices: 3, randomSeed: 7 });
    const { endpoint, api_key } = info;
    const backEnd = Seam.fromApiKey(api_key, { endpoint });
    assert.equal((await backEnd.devices.list()).length, 3);
    // Through the sandbox, every caller's time and faults change.
    sandbox.addFault({ fault: "rate_limit", path: "/devices/list", times: 1 });
    const options = { endpoint, maxRetries: 0 };
    const error = await rejected(
      Seam.fromApiKey(api_key, options).devices.list(),
    );
    assert.equal(error.statusCode, 429);
    // The client that it makes does without HTTP.
    const user = new Seam(sandbox.app());
    assert.equal((await user.devices.list()).length, 1);
    await close();
    const gone = Seam.fromApiKey(api_key, options).devices.list();
    assert.equal((await rejected(gone)).code, "network_error");
  });
}

test("it refuses wrong options by name, and says that a port is taken", async (t) => {
  for (const [options, message] of [
    [{ port: -1 }, /^port must be a whole number from 0 to 65535/],
    [{ port: "3020" }, /^port must be a whole number/],
    [{ ports: 1 }, /a sandbox has no option ports/],
  ]) {
    const error = await rejected(serveSandbox(options));
    assert.equal(error.code, "invalid_options");
    assert.match(error.message, message);
  }
  const { endpoint } = await serve(t, () => {});
  const port = Number(new URL(endpoint).port);
  assert.equal((await rejected(serveSandbox({ port }))).code, "EADDRINUSE");
});
