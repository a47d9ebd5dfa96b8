// What `Sandbox` offers to tests: clients, the clock, reset, explain, webviews, attempts at once.
import assert from "node:assert/strict";
import { test } from "node:test";

import { rejected, thrownBy } from "../support/errors.mjs";
import { client, Sandbox, Seam } from "../support/installed.mjs";

const HOUR = 3_600_000;

const SEED = {
  devices: [
    { device_type: "yale_lock", display_name: "Cabin" },
    { device_type: "yale_lock", display_name: "Sauna" },
  ],
  user_identities: [
    { user_identity_key: "jane", devices: ["Cabin"] },
    { user_identity_key: "joe", devices: ["Sauna"] },
  ],
};

const names = (devices) => devices.map((it) => it.display_name);

test("app and backEnd give the options of clients that need no network", async () => {
  const sandbox = await Sandbox.create({ seed: SEED });
  const backEnd = new Seam(sandbox.backEnd());
  assert.deepEqual(names(await backEnd.devices.list()), ["Cabin", "Sauna"]);
  const jane = new Seam(sandbox.app("jane"));
  assert.deepEqual(names(await jane.devices.list()), ["Cabin"]);
  const joe = await backEnd.userIdentities.get({ user_identity_key: "joe" });
  const byId = sandbox.app(joe.user_identity_id);
  assert.deepEqual(names(await new Seam(byId).devices.list()), ["Sauna"]);
  assert.deepEqual(sandbox.app("joe"), byId);
  assert.deepEqual(sandbox.app(), {
    clientSessionToken: sandbox.info.client_session_token,
    endpoint: sandbox.info.endpoint,
    fetch: sandbox.fetch,
  });
});

test("app names the users when there is no such one", async () => {
  const sandbox = await Sandbox.create({ seed: SEED });
  const error = await thrownBy(() => sandbox.app("jan"));
  assert.ok(error instanceof Error);
  assert.equal(error.code, "user_identity_not_found");
  assert.match(error.message, /jan: this workspace has demo-user, jane, joe$/);
});

test("app works whatever faults are set", async () => {
  const sandbox = await Sandbox.create({ seed: SEED });
  sandbox.addFault({ fault: "outage" });
  assert.match(sandbox.app("jane").clientSessionToken, /^seam_cst1/);
});

test("two hours later, a client with a token function has the next session", async () => {
  const sandbox = await Sandbox.create({ seed: SEED });
  const tokens = [];
  const seam = Seam.fromClientSessionToken(
    () => {
      const session = { expiresInMs: HOUR };
      const { clientSessionToken } = sandbox.app("jane", session);
      tokens.push(clientSessionToken);
      return clientSessionToken;
    },
    { endpoint: sandbox.info.endpoint, fetch: sandbox.fetch },
  );
  assert.deepEqual(names(await seam.devices.list()), ["Cabin"]);
  sandbox.advanceClock({ hours: 2 });
  assert.deepEqual(names(await seam.devices.list()), ["Cabin"]);
  assert.equal(tokens.length, 2);
  assert.notEqual(tokens[0], tokens[1]);
});

test("the clock moves by milliseconds, by a duration, and to a time", async () => {
  const sandbox = await Sandbox.create();
  const started = +sandbox.now();
  const ahead = () => +sandbox.now() - Date.now();
  sandbox.advanceClock(500);
  sandbox.advanceClock({ days: 1, hours: 2, minutes: 3, seconds: 4 });
  assert.equal(sandbox.clock().ahead_ms, 93_784_500);
  assert.ok(Math.abs(ahead() - 93_784_500) < 10_000);
  const to = new Date(started + 48 * HOUR);
  assert.ok(Math.abs(+new Date(sandbox.advanceClockTo(to).now) - +to) < 1_000);
  sandbox.advanceClockTo("2100-01-01T00:00:00Z");
  assert.equal(sandbox.now().getUTCFullYear(), 2100);

  const back = await thrownBy(() => sandbox.advanceClockTo(to));
  assert.equal(back.code, "invalid_input");
  for (const [duration, message] of [
    [{ hour: 2 }, /a duration has no hour: it takes days, hours, minutes/],
    [{ hours: "2" }, /hours must be a number/],
  ]) {
    const error = await thrownBy(() => sandbox.advanceClock(duration));
    assert.equal(error.code, "invalid_parameters");
    assert.match(error.message, message);
  }
});

test("an expires_at that the moved clock has passed is rejected by name of the clock", async () => {
  const sandbox = await Sandbox.create({ seed: SEED });
  const backEnd = new Seam(sandbox.backEnd());
  const { user_identity_id } = await backEnd.userIdentities.get({
    user_identity_key: "jane",
  });
  const sessionFor = (time) =>
    backEnd.clientSessions.getOrCreate({
      user_identity_id,
      expires_at: new Date(time + HOUR).toISOString(),
    });
  sandbox.advanceClock({ hours: 2 });
  const error = await rejected(sessionFor(Date.now()));
  assert.ok(error instanceof client.SeamHttpInvalidInputError);
  assert.match(
    error.message,
    /The sandbox's clock is at .*Z, and \/_sandbox\/clock moves it: give a later time for "expires_at"/,
  );
  assert.match((await sessionFor(+sandbox.now())).token, /^seam_cst1/);
});

test("reset makes the sandbox what it was, and keys and tokens stay valid", async () => {
  const sandbox = await Sandbox.create({ seed: SEED });
  const { info } = sandbox;
  const backEnd = new Seam(sandbox.backEnd());
  const token = sandbox.app("jane").clientSessionToken;
  await backEnd.devices.update({ device_id: info.device_ids[0], name: "Hut" });
  sandbox.addFault({ fault: "outage" });
  sandbox.advanceClock({ hours: 2 });
  sandbox.reset();
  assert.deepEqual(sandbox.info, info);
  assert.deepEqual(sandbox.faults(), []);
  assert.equal(sandbox.clock().ahead_ms, 0);
  assert.deepEqual(names(await backEnd.devices.list()), ["Cabin", "Sauna"]);
  const demo = new Seam(sandbox.app());
  assert.deepEqual(names(await demo.devices.list()), ["Cabin"]);
  // What was made after the start is gone.
  const jane = Seam.fromClientSessionToken(token, sandbox);
  assert.equal((await rejected(jane.devices.list())).code, "unauthorized");
});

test("a snapshot is reset to with restore, also in another sandbox", async () => {
  const sandbox = await Sandbox.create({ seed: SEED });
  const snapshot = sandbox.state();
  const app = sandbox.app("jane");
  sandbox.restore(snapshot);
  const error = await rejected(new Seam(app).devices.list());
  assert.equal(error.code, "unauthorized");
  const other = await Sandbox.create();
  other.restore(snapshot);
  assert.deepEqual(names(await new Seam(other.app("joe")).devices.list()), [
    "Sauna",
  ]);
});

test("explain says through which grant a session sees a device, or why not", async () => {
  const sandbox = await Sandbox.create({ seed: SEED });
  const [cabin, sauna] = sandbox.info.device_ids;
  const { clientSessionToken } = sandbox.app("jane");
  const session = { client_session_token: clientSessionToken };
  const seen = sandbox.explain(session, cabin);
  assert.equal(seen.visible, true);
  assert.deepEqual(
    seen.because.map((it) => it.grant),
    ["user_identity"],
  );
  assert.equal(seen.reason, null);
  const hidden = sandbox.explain(session, sauna);
  assert.deepEqual([hidden.visible, hidden.because], [false, []]);
  assert.match(hidden.reason, /^the device is not granted to user identity /);
});

test("a connect webview is completed, or its login fails", async () => {
  const sandbox = await Sandbox.create();
  const backEnd = new Seam(sandbox.backEnd());
  const webview = () =>
    backEnd.connectWebviews.create({ accepted_providers: ["yale"] });
  const { connect_webview_id } = await webview();
  const { connect_webview, connected_account } = sandbox.completeConnectWebview(
    connect_webview_id,
    { devices: [{ device_type: "yale_lock", display_name: "Shed" }] },
  );
  assert.equal(connect_webview.status, "authorized");
  const found = await backEnd.devices.list({
    connected_account_id: connected_account.connected_account_id,
  });
  assert.deepEqual(names(found), ["Shed"]);
  const failed = sandbox.completeConnectWebview(
    (await webview()).connect_webview_id,
    { login_successful: false },
  );
  assert.equal(failed.connect_webview.status, "failed");
  assert.equal(failed.connected_account, null);
});

test("with attemptMs 0, an unlock has succeeded in its first response", async () => {
  const sandbox = await Sandbox.create({ seed: SEED, attemptMs: 0 });
  const paths = [];
  const seam = new Seam({
    ...sandbox.app("jane"),
    fetch: (request) => {
      paths.push(new URL(request.url).pathname);
      return sandbox.fetch(request);
    },
  });
  const [device_id] = sandbox.info.device_ids;
  const attempt = await seam.locks.unlockDoor({ device_id });
  assert.equal(attempt.status, "success");
  assert.deepEqual(paths, ["/locks/unlock_door"]);
  const invalid = await rejected(Sandbox.create({ attemptMs: -1 }));
  assert.match(invalid.message, /^attemptMs must be a whole number/);
});
