// The seed story with plain curl and the documented paths, against our sandbox.
import assert from "node:assert/strict";
import { test } from "node:test";

import { Seam } from "../support/installed.mjs";
import { startSandbox } from "../support/sandbox.mjs";
import { run } from "../support/process.mjs";

async function curl(args) {
  const { stdout } = await run("curl", ["--silent", "--show-error", ...args]);
  return JSON.parse(stdout);
}

test("a token made with curl lists exactly the granted device with our client, and with curl", async (t) => {
  const { endpoint, api_key } = await startSandbox(t);
  const post = (path, body) =>
    curl([
      ...[
        "-X",
        "POST",
        `${endpoint}${path}`,
        "-H",
        `Authorization: Bearer ${api_key}`,
      ],
      ...["-H", "Content-Type: application/json", "-d", JSON.stringify(body)],
    ]);
  const { devices } = await curl([
    `${endpoint}/devices/list`,
    "-H",
    `Authorization: Bearer ${api_key}`,
  ]);
  const { device_id } = devices[1];
  const { user_identity } = await post("/user_identities/create", {
    user_identity_key: "user-1",
  });
  const { user_identity_id } = user_identity;
  const granted = await post("/user_identities/grant_access_to_device", {
    user_identity_id,
    device_id,
  });
  assert.deepEqual(granted, { ok: true });
  // The form with the list is what Seam's guide shows; it is deprecated and taken all the same.
  const { client_session } = await post("/client_sessions/create", {
    user_identity_ids: [user_identity_id],
  });

  const ours = Seam.fromClientSessionToken(client_session.token, { endpoint });
  assert.deepEqual(
    (await ours.devices.list()).map((device) => device.device_id),
    [device_id],
  );
  for (const header of [
    `Authorization: Bearer ${client_session.token}`,
    `client-session-token: ${client_session.token}`,
  ]) {
    const theirs = await curl([`${endpoint}/devices/list`, "-H", header]);
    assert.deepEqual(
      theirs.devices.map((device) => device.device_id),
      [device_id],
    );
    const query = await curl([
      "-G",
      `${endpoint}/devices/get`,
      "-d",
      `device_id=${devices[0].device_id}`,
      "-H",
      header,
    ]);
    assert.equal(query.error.type, "device_not_found");
  }
});
