// Waiting in tests for what happens, with a limit on a clock that no test mocks.
import assert from "node:assert/strict";

/** Milliseconds that have really passed, from any origin. */
export const realNow = () => Number(process.hrtime.bigint() / 1_000_000n);

/** Resolves when `holds` does, which is looked at after each task. */
export async function once(holds) {
  const until = realNow() + 20_000;
  while (!holds()) {
    assert.ok(realNow() < until, `it never was: ${holds}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Resolves when what was ready has run. */
export async function tasks() {
  for (let left = 20; left > 0; left -= 1) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Whether a promise has settled by the time that what was ready has run. */
export async function isSettled(promise) {
  let settled = false;
  promise.then(
    () => (settled = true),
    () => (settled = true),
  );
  await tasks();
  return settled;
}

/**
 * Mocks timers and both clocks, which go on together with `t.mock.timers.tick`. Gives what shifts
 * one of them: `wall(ms)` and `monotonic(ms)`.
 */
export function mockClocks(
  t,
  { now = 1e12, apis = ["setTimeout", "Date"] } = {},
) {
  t.mock.timers.enable({ apis, now });
  const mocked = Date.now.bind(Date);
  const origin = performance.now();
  const shift = { wall: 0, monotonic: 0 };
  t.mock.method(
    performance,
    "now",
    () => origin + mocked() - now + shift.monotonic,
  );
  const real = Date.now;
  const restore = () => {
    Date.now = real;
  };
  t.after(restore);
  Date.now = () => mocked() + shift.wall;
  return {
    wall: (ms) => (shift.wall += ms),
    monotonic: (ms) => (shift.monotonic += ms),
    restore,
  };
}

/** Lets mocked time pass until a promise has settled, and gives it. */
export async function passTime(t, promise, step = 50) {
  let settled = false;
  promise.then(
    () => (settled = true),
    () => (settled = true),
  );
  await once(() => {
    if (!settled) t.mock.timers.tick(step);
    return settled;
  });
  return promise;
}
