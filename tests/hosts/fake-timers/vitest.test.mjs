// A test file that Vitest runs: calls under its fake timers, and in the test after that.
import assert from "node:assert/strict";

import { Seam } from "seam-session";

import { expectedOf, underTimers } from "./timers.mjs";

const { SEAM_TEST_ENDPOINT: endpoint } = process.env;
const clocks = ["setTimeout", "clearTimeout", "setInterval", "Date"];

for (const [name, options] of [
  ["as they are", undefined],
  ["of microtasks and ticks too", ["queueMicrotask", "nextTick"]],
]) {
  test(`calls work under Vitest's fake timers, ${name}`, async () => {
    const timers = {
      install: () =>
        vi.useFakeTimers(options && { toFake: [...clocks, ...options] }),
      advance: (ms) => vi.advanceTimersByTimeAsync(ms),
      restore: () => vi.useRealTimers(),
      responses: options === undefined,
    };
    const result = await underTimers(Seam, timers, endpoint);
    assert.deepEqual(result, expectedOf(timers));
  }, 60_000);

  test(`a call of the test after it works, ${name}`, async () => {
    const seam = Seam.fromClientSessionToken("seam_cst1abc_def", { endpoint });
    assert.deepEqual(await seam.devices.list(), []);
  });
}
