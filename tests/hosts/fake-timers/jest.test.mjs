// A test file that Jest runs: calls under its fake timers, and in the test after that.
import assert from "node:assert/strict";

import { Seam } from "seam-session";

import { expectedOf, underTimers } from "./timers.mjs";

const { jest } = import.meta;
const { SEAM_TEST_ENDPOINT: endpoint } = process.env;

test("calls work under Jest's fake timers", async () => {
  const timers = {
    install: () => jest.useFakeTimers(),
    advance: (ms) => jest.advanceTimersByTimeAsync(ms),
    restore: () => jest.useRealTimers(),
  };
  const result = await underTimers(Seam, timers, endpoint);
  assert.deepEqual(result, expectedOf(timers));
}, 60_000);

test("a call of the test after it works", async () => {
  const seam = Seam.fromClientSessionToken("seam_cst1abc_def", { endpoint });
  assert.deepEqual(await seam.devices.list(), []);
});
