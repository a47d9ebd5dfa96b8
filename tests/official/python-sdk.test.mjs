// Seam's Python SDK works against our sandbox as it does against Seam.
import assert from "node:assert/strict";
import { test } from "node:test";

import { OF_APP, OF_BACK_END } from "./calls/index.mjs";
import { play } from "./play.mjs";
import { python } from "./python.mjs";
import { answered, assertDescribed, simulatedForKey } from "./recorded.mjs";
import { startWorld } from "./world.mjs";
import { Seam } from "../support/installed.mjs";
import { startSandbox } from "../support/sandbox.mjs";

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
import { run } from "../support/process.mjs";

test("a token made with the Python SDK lists exactly the granted device with our client", async (t) => {
  const python = process.env.PYTHON;
  assert.ok(
    python,
    "PYTHON names a Python that has the seam package; cargo xtask test sets it up",
  );
  const { endpoint, api_key } = await startSandbox(t);
  const { stdout } = await run(python, ["-c", STORY], {
    env: { ...process.env, KEY: api_key, ENDPOINT: endpoint },
  });
  const { token, device_id } = JSON.parse(stdout);
  const ours = Seam.fromClientSessionToken(token, { endpoint });
  assert.deepEqual(
    (await ours.devices.list()).map((device) => device.device_id),
    [device_id],
  );
});

/** An app calls all that a client session may; what it did can be seen. */
async function app(t) {
  const world = await startWorld(t);
  await play(OF_APP, python(t, world, "token"), world.ids);

  const { by_route } = await world.coverage();
  assert.equal(by_route.length, 71);
  const left = by_route.filter((it) => it.in_scope === 0);
  assert.deepEqual(
    left.map((it) => it.path),
    [],
  );
  return world.exchanges;
}

/** A back end calls all that is simulated. */
async function backEnd(t) {
  const world = await startWorld(t);
  const rows = [...OF_APP, ...OF_BACK_END];
  await play(rows, python(t, world, "API key"), world.ids);

  const done = answered(world.exchanges);
  const simulated = await simulatedForKey(world);
  assert.equal(simulated.length, 143);
  assert.deepEqual(
    simulated.filter((path) => !done.has(path)),
    [],
  );
  return world.exchanges;
}

test(
  "all routes do their work, and every answer is what the OpenAPI describes",
  { concurrency: true },
  async (t) => {
    const runs = { "an app with its token": app, "a back end": backEnd };
    const exchanges = [];
    await Promise.all(
      Object.entries(runs).map(([who, run]) =>
        t.test(`for ${who}`, async () => exchanges.push(await run(t))),
      ),
    );
    assert.equal(exchanges.length, 2);
    exchanges.forEach(assertDescribed);

    // It reads as the newer JavaScript SDK does: by GET and query strings.
    const reads = exchanges.flat().filter((it) => it.method === "GET");
    const asked = reads.filter((it) => it.query !== "");
    assert.ok(asked.length > 50);
    assert.ok(asked.every((it) => it.query.endsWith("_strict=true")));
  },
);
