// The official README up to "Action Attempts".
import assert from "node:assert/strict";

import { rejected } from "../../support/errors.mjs";
import { client } from "../../support/installed.mjs";
import {
  ACCESS_TOKEN,
  API_KEY,
  TOKEN,
  environment,
  example,
  notTaken,
  recorder,
  workspace,
} from "./entries.mjs";

const {
  SeamHttp,
  isSeamActionAttemptFailedError,
  isSeamActionAttemptTimeoutError,
} = client;

notTaken("", 0, "it has no example");
notTaken("Description", 0, "it has no example");
notTaken("Installation", 1, "how another package is installed");
notTaken("Usage", 0, "it has no example");
notTaken("Usage / Examples", 0, "it has no example");

example(
  "Usage / Examples / List devices",
  1,
  "gives the devices",
  async (t) => {
    const { info, options } = await workspace();
    environment(t, { SEAM_API_KEY: info.api_key });
    const seam = new SeamHttp(options);
    const devices = await seam.devices.list();
    assert.deepEqual(
      devices.map(({ device_id }) => device_id),
      info.device_ids,
    );
  },
);

example(
  "Usage / Examples / Unlock a door",
  1,
  "unlocks the lock of that name",
  async (t) => {
    const { info, options } = await workspace();
    environment(t, {
      SEAM_API_KEY: info.api_key,
      SEAM_ENDPOINT: info.endpoint,
    });
    const seam = new SeamHttp({ fetch: options.fetch });
    const lock = await seam.locks.get({ name: "Front Door" });
    assert.equal(lock.properties.locked, true);
    await seam.locks.unlockDoor({ device_id: lock.device_id });
    const { properties } = await seam.locks.get({ name: "Front Door" });
    assert.equal(properties.locked, false);
  },
);

notTaken("Usage / Authentication Methods", 0, "it has no example");

example(
  "Usage / Authentication Methods / API Key",
  1,
  "each way sends the key",
  async (t) => {
    const { sent, fetch } = recorder();
    t.mock.method(globalThis, "fetch", fetch);
    environment(t, { SEAM_API_KEY: API_KEY });
    for (const seam of [
      new SeamHttp(),
      new SeamHttp(API_KEY),
      new SeamHttp({ apiKey: API_KEY }),
      SeamHttp.fromApiKey(API_KEY),
    ]) {
      await seam.devices.list();
    }
    assert.deepEqual(
      sent,
      Array(4).fill({
        url: "https://connect.getseam.com/devices/list",
        authorization: `Bearer ${API_KEY}`,
        token: null,
        workspace: null,
      }),
    );
  },
);

example(
  "Usage / Authentication Methods / Client Session Token",
  1,
  "each way sends the token",
  async () => {
    const { sent, fetch } = recorder();
    for (const seam of [
      new SeamHttp({ clientSessionToken: TOKEN, fetch }),
      SeamHttp.fromClientSessionToken(TOKEN, { fetch }),
    ]) {
      await seam.devices.list();
    }
    assert.equal(sent.length, 2);
    for (const { token, authorization } of sent) {
      assert.deepEqual([token, authorization], [TOKEN, `Bearer ${TOKEN}`]);
    }
  },
);

example(
  "Usage / Authentication Methods / Client Session Token",
  1,
  "the token is changed for another",
  async () => {
    const { info, options, seam: backEnd } = await workspace();
    const { user_identity_id } = await backEnd.userIdentities.create();
    const { token } = await backEnd.clientSessions.create({ user_identity_id });
    const seam = SeamHttp.fromClientSessionToken(
      info.client_session_token,
      options,
    );
    assert.equal((await seam.devices.list()).length, 1);
    assert.equal(await seam.updateClientSessionToken(token), undefined);
    assert.deepEqual(await seam.devices.list(), []);
  },
);

example(
  "Usage / Authentication Methods / Publishable Key",
  1,
  "the session of the key is created, then found again",
  async () => {
    const { info, options } = await workspace();
    const sessions = [];
    for (let at = 0; at < 2; at += 1) {
      const seam = await SeamHttp.fromPublishableKey(
        info.publishable_key,
        "a-key-that-only-this-user-has",
        options,
      );
      assert.deepEqual(await seam.devices.list(), []);
      sessions.push((await seam.clientSessions.get()).client_session_id);
    }
    assert.equal(sessions[0], sessions[1]);
  },
);

example(
  "Usage / Authentication Methods / Personal Access Token",
  1,
  "each way sends the token and its workspace",
  async (t) => {
    const { sent, fetch } = recorder();
    environment(t, {
      SEAM_PERSONAL_ACCESS_TOKEN: ACCESS_TOKEN,
      SEAM_WORKSPACE_ID: "workspace-1",
    });
    for (const seam of [
      new SeamHttp({ fetch }),
      new SeamHttp({
        personalAccessToken: ACCESS_TOKEN,
        workspaceId: "workspace-1",
        fetch,
      }),
      SeamHttp.fromPersonalAccessToken(ACCESS_TOKEN, "workspace-1", { fetch }),
    ]) {
      await seam.devices.list();
    }
    assert.equal(sent.length, 3);
    for (const { authorization, workspace } of sent) {
      assert.equal(authorization, `Bearer ${ACCESS_TOKEN}`);
      assert.equal(workspace, "workspace-1");
    }
  },
);

notTaken(
  "Usage / Authentication Methods / Console Session Token",
  1,
  "console sessions are for Seam's own pages; docs/migrating.md says so",
);

example(
  "Usage / Action Attempts",
  1,
  "an attempt that is not waited for is told apart by its status",
  async () => {
    const { seam } = await workspace();
    const { device_id } = await seam.locks.get({ name: "Front Door" });
    const wait = { waitForActionAttempt: false };
    const pending = await seam.locks.unlockDoor({ device_id }, wait);
    assert.deepEqual(
      [pending.status, pending.result, pending.error],
      ["pending", null, null],
    );
    const { action_attempt_id } = pending;
    const done = await seam.actionAttempts.get({ action_attempt_id });
    assert.equal(done.status, "success");
    assert.ok(done.result);
    assert.equal(done.error, null);

    const offline = await seam.locks.get({ name: "Cabin" });
    const begun = await seam.locks.unlockDoor(
      { device_id: offline.device_id },
      wait,
    );
    const id = { action_attempt_id: begun.action_attempt_id };
    await rejected(seam.actionAttempts.get(id));
    const failed = await seam.actionAttempts.get(id, wait);
    assert.equal(failed.status, "error");
    assert.equal(failed.result, null);
    assert.ok(failed.error.message);
  },
);

example(
  "Usage / Action Attempts",
  2,
  "an attempt of which the id is known is waited for, or only looked at",
  async () => {
    const { seam } = await workspace();
    const { device_id } = await seam.locks.get({ name: "Front Door" });
    const { action_attempt_id } = await seam.locks.unlockDoor(
      { device_id },
      { waitForActionAttempt: false },
    );
    const now = await seam.actionAttempts.get(
      { action_attempt_id },
      { waitForActionAttempt: false },
    );
    assert.equal(now.status, "pending");
    const later = await seam.actionAttempts.get({ action_attempt_id });
    assert.equal(later.status, "success");
  },
);

example(
  "Usage / Action Attempts",
  2,
  "a client or a call does not wait",
  async () => {
    const { info, seam, options } = await workspace();
    const { device_id } = await seam.locks.get({ name: "Front Door" });
    const patient = await seam.locks.unlockDoor(
      { device_id },
      { waitForActionAttempt: false },
    );
    const hasty = new SeamHttp({
      apiKey: info.api_key,
      waitForActionAttempt: false,
      ...options,
    });
    const attempt = await hasty.locks.unlockDoor({ device_id });
    assert.deepEqual([patient.status, attempt.status], ["pending", "pending"]);
  },
);

// The README gives the constructor a second argument, which there is not; the
// option goes with the others.
example(
  "Usage / Action Attempts",
  1,
  "the guards tell why the door is not open",
  async () => {
    const waits = [];
    const tell = async (lock, { seam }) => {
      try {
        await seam.locks.unlockDoor({ device_id: lock.device_id });
        return "unlocked";
      } catch (error) {
        waits.push(error.actionAttempt.action_attempt_id);
        if (isSeamActionAttemptFailedError(error)) return "could not";
        if (isSeamActionAttemptTimeoutError(error)) return "too long";
        throw error;
      }
    };
    const patient = await workspace({
      waitForActionAttempt: { pollingInterval: 1000, timeout: 5000 },
    });
    const [lock] = await patient.seam.locks.list();
    const offline = await patient.seam.locks.get({ name: "Cabin" });
    assert.equal(await tell(lock, patient), "unlocked");
    assert.equal(await tell(offline, patient), "could not");
    const hasty = await workspace({
      waitForActionAttempt: { pollingInterval: 10, timeout: 20 },
    });
    const [other] = await hasty.seam.locks.list();
    assert.equal(await tell(other, hasty), "too long");
    assert.equal(waits.length, 2);
  },
);
