// The seed story in the hands of Seam's own Python SDK, against our sandbox.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";

import { Seam } from "./support/installed.mjs";
import { startSandbox } from "./support/sandbox.mjs";

const STORY = `
import json, os
from seam import Seam

seam = Seam.from_api_key(os.environ["KEY"], endpoint=os.environ["ENDPOINT"])
device = seam.devices.list()[1]
identity = seam.user_identities.create(user_identity_key="user-1")
seam.user_identities.grant_access_to_device(
    user_identity_id=identity.user_identity_id, device_id=device.device_id
)
session = seam.client_sessions.create(user_identity_id=identity.user_identity_id)
print(json.dumps({"token": session.token, "device_id": device.device_id}))
`;

test("a token made with the Python SDK lists exactly the granted device with our client", async (t) => {
  const python = process.env.PYTHON;
  assert.ok(
    python,
    "PYTHON names a Python that has the seam package; cargo xtask test sets it up",
  );
  const { endpoint, api_key } = await startSandbox(t);
  const { stdout } = await promisify(execFile)(python, ["-c", STORY], {
    env: { ...process.env, KEY: api_key, ENDPOINT: endpoint },
  });
  const { token, device_id } = JSON.parse(stdout);
  const ours = Seam.fromClientSessionToken(token, { endpoint });
  assert.deepEqual(
    (await ours.devices.list()).map((device) => device.device_id),
    [device_id],
  );
});
