// Waiting without fixed delays: for conditions, for tasks, and in mocked time.
import assert from "node:assert/strict";

/** Milliseconds on a clock that no test mocks, from an arbitrary origin. */
export const realNow = () => Number(process.hrtime.bigint() / 1_000_000n);

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;

/** Resolves in the next task, after everything that is ready has run once. */
export const nextTask = () => new Promise((resolve) => setImmediate(resolve));

/**
 * Resolves when a condition, which may return a promise, is true. It is checked after each task, for
 * a real minute at most.
 */
export async function waitUntil(condition) {
  const end = realNow() + 60_000;
  while (!(await condition())) {
    assert.ok(realNow() < end, `never true: ${condition}`);
    await nextTask();
  }
}

/** Resolves when everything that is ready has run, and what that has made ready in turn. */
export async function flushTasks() {
  for (let left = 20; left > 0; left -= 1) await nextTask();
}

/** Returns whether a promise has settled once everything that is ready has run. */
export async function isSettled(promise) {
  let settled = false;
  promise.then(
    () => (settled = true),
    () => (settled = true),
  );
  await flushTasks();
  return settled;
}

/**
 * Mocks timers and both clocks, which advance together with `t.mock.timers.tick`. Returns functions
 * that shift one clock alone: `wall(ms)` and `monotonic(ms)`.
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

/** Advances mocked time by so many milliseconds, and runs what is ready after each step. */
export async function advance(t, ms, step = SECOND) {
  for (let passed = 0; passed < ms; passed += step) {
    t.mock.timers.tick(step);
    await flushTasks();
  }
}

/** Advances mocked time, by one step after each task, until a promise has settled; returns it. */
export async function advanceUntilSettled(t, promise, step = 1) {
  let settled = false;
  promise.then(
    () => (settled = true),
    () => (settled = true),
  );
  await waitUntil(() => {
    if (!settled) t.mock.timers.tick(step);
    return settled;
  });
  return promise;
}

/**
 * The same at the speed of real time, for requests with a time limit: on a busy machine they would
 * run into it otherwise.
 */
export async function advanceInRealTime(t, promise) {
  let settled = false;
  promise.then(
    () => (settled = true),
    () => (settled = true),
  );
  let last = performance.now();
  await waitUntil(() => {
    const passed = Math.floor(performance.now() - last);
    if (passed > 0) t.mock.timers.tick(1);
    if (passed > 0) last += passed;
    return settled;
  });
  return promise;
}
