// Waiting for an action attempt: how it ends, and what each end tells.
import assert from "node:assert/strict";
import { test } from "node:test";

import { rejected } from "./support/errors.mjs";
import { client } from "./support/installed.mjs";
import { PENDING, never, withFetch } from "./support/made-up.mjs";

test("an attempt that is still pending when time is up tells which", async () => {
  const seam = withFetch(() => Promise.resolve(Response.json(PENDING)));
  const error = await rejected(
    seam.locks.unlockDoor(
      { device_id: "d" },
      { waitForActionAttempt: { timeout: 20, pollingInterval: 5 } },
    ),
  );
  assert.ok(error instanceof client.SeamActionAttemptTimeoutError);
  assert.equal(error.code, "action_attempt_timeout");
  assert.equal(error.outcome, "unknown");
  assert.equal(error.actionAttempt.action_attempt_id, "a-1");
});

test("an attempt that failed carries its own code and itself", async () => {
  const attempt = {
    action_attempt_id: "a-1",
    status: "error",
    error: { type: "jammed", message: "it is stuck" },
  };
  const error = await rejected(
    withFetch(() =>
      Promise.resolve(Response.json({ action_attempt: attempt })),
    ).locks.lockDoor({ device_id: "d" }),
  );
  assert.ok(error instanceof client.SeamActionAttemptFailedError);
  assert.equal(error.code, "jammed");
  assert.equal(error.message, "it is stuck");
  assert.deepEqual(error.actionAttempt, attempt);
});

test("an attempt that is lost on the way is told by every error that ends the wait", async () => {
  const answers = {
    "a 404": () =>
      Response.json(
        { error: { type: "device_not_found", message: "m" } },
        { status: 404 },
      ),
    "a network error": () => Promise.reject(new TypeError("gone")),
    "half an answer": () => new Response('{"action_attempt":{'),
  };
  for (const [name, answer] of Object.entries(answers)) {
    const seam = withFetch(async (request) =>
      request.url.endsWith("/locks/unlock_door")
        ? Response.json(PENDING)
        : answer(),
    );
    const error = await rejected(
      seam.locks.unlockDoor(
        { device_id: "d" },
        { waitForActionAttempt: { timeout: 1_000, pollingInterval: 1 } },
      ),
    );
    assert.equal(error.outcome, "unknown", name);
    assert.equal(error.actionAttempt.action_attempt_id, "a-1", name);
  }
  const plain = await rejected(
    withFetch(() => Promise.reject(1)).devices.list(),
  );
  assert.ok(!("actionAttempt" in plain));
});

test("the time to wait for an attempt holds while a poll hangs", async () => {
  const seam = withFetch(
    (request) =>
      request.url.endsWith("/locks/unlock_door")
        ? Promise.resolve(Response.json(PENDING))
        : never(),
    { maxRetries: 2 },
  );
  const began = performance.now();
  const error = await rejected(
    seam.locks.unlockDoor(
      { device_id: "d" },
      { waitForActionAttempt: { timeout: 50, pollingInterval: 10 } },
    ),
  );
  assert.equal(error.code, "action_attempt_timeout");
  // The time for a try is 30 seconds: had it been waited for, this would be far off.
  assert.ok(performance.now() - began < 15_000);
});
