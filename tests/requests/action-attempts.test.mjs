// Waiting for an action attempt: how it ends, and what each error contains.
import assert from "node:assert/strict";
import { test } from "node:test";

import { rejected } from "../support/errors.mjs";
import { client } from "../support/installed.mjs";
import {
  PENDING,
  TOKEN,
  never,
  withFetch,
  SUCCESS,
} from "../support/clients.mjs";
import { mockClocks, advanceUntilSettled } from "../support/waiting.mjs";

test("the error of an attempt that is still pending at the deadline has its ID", async () => {
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

test("the error of a failed attempt has its code and the attempt", async () => {
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

test("the error of a response that ends the wait has the ID of the attempt", async () => {
  const seam = withFetch(async (request) =>
    request.url.endsWith("/locks/unlock_door")
      ? Response.json(PENDING)
      : Response.json(
          { error: { type: "device_not_found", message: "m" } },
          { status: 404 },
        ),
  );
  const error = await rejected(
    seam.locks.unlockDoor(
      { device_id: "d" },
      { waitForActionAttempt: { timeout: 1_000, pollingInterval: 1 } },
    ),
  );
  assert.equal(error.outcome, "unknown");
  assert.equal(error.actionAttempt.action_attempt_id, "a-1");
  const plain = await rejected(
    withFetch(() => Promise.reject(1)).devices.list(),
  );
  assert.ok(!("actionAttempt" in plain));
});

/** A client whose polls are answered by `poll`, which is told how many came before. */
function polled(poll, options = {}) {
  const sent = { unlocks: 0, polls: 0 };
  const seam = withFetch(
    async (request) => {
      if (request.url.endsWith("/locks/unlock_door")) {
        sent.unlocks += 1;
        return Response.json(PENDING);
      }
      sent.polls += 1;
      return poll(sent.polls - 1, request);
    },
    { maxRetries: 0, ...options },
  );
  return { seam, sent };
}

test("a network that is away for more than a second does not end the wait for an attempt", async (t) => {
  mockClocks(t);
  const began = Date.now();
  const { seam, sent } = polled(() => {
    if (Date.now() - began < 1_500) throw new TypeError("network changed");
    return Response.json(SUCCESS);
  });
  const attempt = await advanceUntilSettled(
    t,
    seam.locks.unlockDoor({ device_id: "d" }).execute(),
  );
  assert.equal(attempt.status, "success");
  assert.equal(sent.unlocks, 1);
  assert.ok(sent.polls >= 3);
});

test("a connection that hangs uses up one poll, not the time to wait", async (t) => {
  mockClocks(t);
  const began = Date.now();
  const { seam, sent } = polled((nth) =>
    nth === 0 ? never() : Response.json(SUCCESS),
  );
  const attempt = await advanceUntilSettled(
    t,
    seam.locks.unlockDoor({ device_id: "d" }).execute(),
  );
  assert.equal(attempt.status, "success");
  assert.deepEqual(sent, { unlocks: 1, polls: 2 });
  assert.ok(Date.now() - began < 4_000);
});

test("transient errors are polled again until the deadline, whatever maxRetries is", async (t) => {
  mockClocks(t);
  const refusal = (status) =>
    Response.json({ error: { type: "t", message: "m" } }, { status });
  const answers = [
    () => refusal(408),
    () => refusal(429),
    () => refusal(500),
    () => refusal(503),
    () => new Response('{"action_attempt":{'),
    () => new Response("<html>Log in to this network</html>"),
    () => new Response("<html></html>", { status: 401 }),
    () => Response.error(),
    () => Promise.reject(new TypeError("gone")),
  ];
  const began = Date.now();
  const { seam, sent } = polled((nth) => answers[nth % answers.length]());
  const error = await advanceUntilSettled(
    t,
    rejected(seam.locks.unlockDoor({ device_id: "d" })),
  );
  assert.equal(error.code, "action_attempt_timeout");
  assert.equal(error.outcome, "unknown");
  assert.equal(error.actionAttempt.action_attempt_id, "a-1");
  assert.ok(sent.polls >= answers.length);
  assert.equal(sent.unlocks, 1);
  const took = Date.now() - began;
  assert.ok(took >= 10_000 && took <= 11_000, `${took}`);
});

for (const [name, jump] of [
  ["back by an hour", -3_600_000],
  ["forward by a minute", 60_000],
]) {
  test(`a wall clock that is set ${name} neither ends the wait early nor prolongs it`, async (t) => {
    const clocks = mockClocks(t);
    const began = performance.now();
    const { seam } = polled((nth) => {
      if (nth === 0) clocks.wall(jump);
      return Response.json(
        performance.now() - began < 5_000 ? PENDING : SUCCESS,
      );
    });
    const attempt = await advanceUntilSettled(
      t,
      seam.locks.unlockDoor({ device_id: "d" }).execute(),
    );
    assert.equal(attempt.status, "success");

    const pending = polled((nth) => {
      if (nth === 0) clocks.wall(jump);
      return Response.json(PENDING);
    });
    const from = performance.now();
    const error = await advanceUntilSettled(
      t,
      rejected(pending.seam.locks.unlockDoor({ device_id: "d" })),
    );
    assert.equal(error.code, "action_attempt_timeout");
    const took = performance.now() - from;
    assert.ok(took >= 10_000 && took <= 11_000, `${took}`);
  });
}

test("an action that waits for its token is not sent after ten seconds, whatever the clocks do", async (t) => {
  for (const [jump, sleep] of [
    [-60_000, 0],
    [0, 0],
    [12_000, -12_000],
  ]) {
    const clocks = mockClocks(t);
    let unlocks = 0;
    const seam = client.Seam.fromClientSessionToken(
      () =>
        new Promise((resolve) => {
          setTimeout(() => {
            clocks.wall(jump);
            clocks.monotonic(sleep);
          }, 2_000);
          setTimeout(resolve, 12_000, TOKEN);
        }),
      {
        endpoint: "https://seam.test",
        fetch: async (request) => {
          if (request.url.endsWith("/locks/unlock_door")) unlocks += 1;
          return Response.json({ ...SUCCESS, client_session: {} });
        },
      },
    );
    const error = await advanceUntilSettled(
      t,
      rejected(seam.locks.unlockDoor({ device_id: "d" })),
    );
    assert.deepEqual([error.code, error.outcome], ["too_late", "not_sent"]);
    assert.equal(unlocks, 0, `${jump}`);
    t.mock.timers.reset();
    t.mock.restoreAll();
    clocks.restore();
  }
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
