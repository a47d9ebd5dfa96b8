// The sandbox's clock while the clocks of its host jump.
import assert from "node:assert/strict";
import { test } from "node:test";

import { Sandbox, Seam } from "../support/installed.mjs";
import { HOUR } from "../support/waiting.mjs";

const WALL = Date.parse("2026-11-23T08:30:00Z");

/** The host's two clocks, which go on only as the running test says. */
function hostClocks(t) {
  const clocks = { wall: WALL, monotonic: 1_000 };
  t.mock.method(Date, "now", () => clocks.wall);
  t.mock.method(performance, "now", () => clocks.monotonic);
  clocks.pass = (ms) => {
    clocks.wall += ms;
    clocks.monotonic += ms;
  };
  return clocks;
}

const timeOf = (sandbox) => Date.parse(sandbox.clock().now);

/** The session's status as the API tells it. */
async function statusOf({ info, fetch }, token) {
  const response = await fetch(`${info.endpoint}/devices/list`, {
    headers: { authorization: `Bearer ${token}` },
  });
  return response.status;
}

test("after the host's clock was set back a session still ends and an attempt still succeeds", async (t) => {
  const clocks = hostClocks(t);
  const sandbox = await Sandbox.create();
  const { info } = sandbox;
  const backEnd = Seam.fromApiKey(info.api_key, {
    endpoint: info.endpoint,
    fetch: sandbox.fetch,
  });
  const { token } = await backEnd.clientSessions.create({
    user_identity_id: info.user_identity_id,
    expires_at: new Date(WALL + 2_000).toISOString(),
  });
  const [lock] = (await backEnd.devices.list()).filter(
    (it) => it.can_remotely_unlock,
  );
  clocks.wall -= HOUR;
  const { action_attempt_id } = await backEnd.locks.unlockDoor(
    { device_id: lock.device_id },
    { waitForActionAttempt: false },
  );
  assert.equal(await statusOf(sandbox, token), 200);

  clocks.pass(2_000);

  assert.equal(await statusOf(sandbox, token), 401);
  const attempt = await backEnd.actionAttempts.get(
    { action_attempt_id },
    { waitForActionAttempt: false },
  );
  assert.equal(attempt.status, "success");
});

test("time in a sandbox follows the clock that has gone on further, and never goes back", async (t) => {
  const clocks = hostClocks(t);
  const sandbox = await Sandbox.create();
  let expected = WALL;
  for (const [wall, monotonic, passed] of [
    [500, 500, 500],
    // The clock on the wall is set back, and goes on from there.
    [-HOUR, 0, 0],
    [250, 250, 250],
    // Set back while time passes: the time that has passed counts.
    [-60_000, 1_000, 1_000],
    // Set forward, or a sleep in which the monotonic clock stands.
    [HOUR, 0, HOUR],
    [1_000, 1_000, 1_000],
    // The clock on the wall is ahead by that hour: there is nothing to catch up.
    [0, 400, 0],
    [-1, 100, 100],
    // A monotonic clock that is mocked begins at zero: that is no time.
    [0, -1_900, 0],
    [10, 10, 10],
  ]) {
    clocks.wall += wall;
    clocks.monotonic += monotonic;
    expected += passed;
    assert.equal(timeOf(sandbox), expected, `${wall}, ${monotonic}`);
  }
});

test("two clocks that do not tick together do not make time in a sandbox run faster", async (t) => {
  const clocks = hostClocks(t);
  const sandbox = await Sandbox.create();
  for (let nth = 1; nth <= 1_000; nth += 1) {
    // The one goes on in odd readings, the other in even ones.
    if (nth % 2 === 0) clocks.wall += 2;
    else clocks.monotonic += 2;
    timeOf(sandbox);
  }
  assert.ok(timeOf(sandbox) - WALL <= 1_001, sandbox.clock().now);
});

test("a restored state goes on from its own time where the host's is earlier", async (t) => {
  const clocks = hostClocks(t);
  const before = await Sandbox.create();
  before.advanceClock(1_000);
  const state = before.state();
  clocks.wall -= HOUR;
  const after = await Sandbox.create();
  after.restore(state);
  assert.equal(timeOf(after), WALL + 1_000);
  clocks.pass(700);
  assert.equal(timeOf(after), WALL + 1_700);
  assert.equal(after.clock().ahead_ms, 1_000);

  // And from the host's where that is later.
  clocks.wall += 3 * HOUR;
  const later = await Sandbox.create();
  later.restore(state);
  assert.equal(timeOf(later), WALL + 2 * HOUR + 1_700);
});
