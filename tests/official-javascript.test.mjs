// The seed story in the hands of Seam's own JavaScript SDKs, against our sandbox.
import assert from "node:assert/strict";
import { test } from "node:test";

import { SeamHttp } from "@seamapi/http";
import { Seam as OfficialSeam } from "seam";

import { rejected } from "./support/errors.mjs";
import { Seam } from "./support/installed.mjs";
import { startSandbox } from "./support/sandbox.mjs";

const sdks = {
  "seam 1.245, which sends POST": OfficialSeam,
  "@seamapi/http 2.32, which sends GET, PUT, PATCH and DELETE": SeamHttp,
};

for (const [name, Official] of Object.entries(sdks)) {
  test(`a token made with ${name} lists exactly the granted device with our client`, async (t) => {
    const { endpoint, api_key } = await startSandbox(t);
    const official = Official.fromApiKey(api_key, { endpoint });
    const [, { device_id }] = await official.devices.list();
    const identity = await official.userIdentities.create({
      user_identity_key: "user-1",
    });
    const { user_identity_id } = identity;
    await official.userIdentities.grantAccessToDevice({
      user_identity_id,
      device_id,
    });
    const session = await official.clientSessions.create({ user_identity_id });

    const ours = Seam.fromClientSessionToken(session.token, { endpoint });
    assert.deepEqual(
      (await ours.devices.list()).map((device) => device.device_id),
      [device_id],
    );

    await official.userIdentities.revokeAccessToDevice({
      user_identity_id,
      device_id,
    });
    assert.deepEqual(await ours.devices.list(), []);
    const granted = await official.userIdentities.listAccessibleDevices({
      user_identity_id,
    });
    assert.deepEqual(granted, []);
  });

  test(`a token made with our client works with ${name}, within its scope`, async (t) => {
    const { endpoint, api_key } = await startSandbox(t);
    const backEnd = Seam.fromApiKey(api_key, { endpoint });
    const locks = (await backEnd.locks.list()).filter(
      (lock) => lock.can_remotely_unlock && lock.properties.online,
    );
    const [mine, theirs] = locks.map((lock) => lock.device_id);
    const { user_identity_id } = await backEnd.userIdentities.create({
      user_identity_key: "user-1",
    });
    await backEnd.userIdentities.grantAccessToDevice({
      user_identity_id,
      device_id: mine,
    });
    const { token } = await backEnd.clientSessions.create({ user_identity_id });

    const official = Official.fromClientSessionToken(token, { endpoint });
    assert.deepEqual(
      (await official.devices.list()).map((device) => device.device_id),
      [mine],
    );
    assert.deepEqual(
      (await official.locks.list()).map((device) => device.device_id),
      [mine],
    );
    assert.equal(
      (await official.devices.get({ device_id: mine })).device_id,
      mine,
    );
    const attempt = await official.locks.unlockDoor({ device_id: mine });
    assert.equal(attempt.status, "success");
    for (const call of [
      () => official.devices.get({ device_id: theirs }),
      () => official.locks.unlockDoor({ device_id: theirs }),
    ]) {
      assert.equal((await rejected(call())).code, "device_not_found");
    }
    assert.equal((await official.clientSessions.get()).token, token);
  });
}
