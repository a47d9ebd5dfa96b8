// `isOutOfScope` recognises a device outside the scope, however that was found out.
import assert from "node:assert/strict";
import { test } from "node:test";

import { rejected } from "../support/errors.mjs";
import { client, Sandbox, Seam } from "../support/installed.mjs";

const { isOutOfScope } = client;

/** A sandbox, its user's client, and a device that the user was not granted. */
async function guest(outOfScope) {
  const sandbox = await Sandbox.create({ outOfScope });
  const { endpoint, client_session_token, device_ids } = sandbox.info;
  const options = { endpoint, fetch: sandbox.fetch, checkScope: true };
  const seam = Seam.fromClientSessionToken(client_session_token, options);
  const granted = await seam.devices.list();
  const device_id = device_ids.find((id) =>
    granted.every((device) => device.device_id !== id),
  );
  return { sandbox, seam, options, device_id };
}

for (const outOfScope of [404, 401]) {
  test(`a neighbour's door is out of scope where the server answers ${outOfScope}, before and after scope()`, async () => {
    const { seam, device_id } = await guest(outOfScope);
    const unlock = () => rejected(seam.locks.unlockDoor({ device_id }));
    const refused = await unlock();
    assert.equal(refused.statusCode, outOfScope);
    assert.equal(refused.outcome, "refused");
    assert.ok(isOutOfScope(refused));
    await seam.scope();
    const unsent = await unlock();
    assert.equal(unsent.outcome, "not_sent");
    assert.ok(isOutOfScope(unsent));
    assert.ok(isOutOfScope(await rejected(seam.devices.get({ device_id }))));
  });

  test(`other failures are not out of scope where the server answers ${outOfScope}`, async () => {
    const { sandbox, seam, options, device_id } = await guest(outOfScope);
    const failures = [
      await rejected(seam.request("/no/such_route")),
      await rejected(seam.locks.unlockDoor({ device_id: 7 })),
      await rejected(
        Seam.fromClientSessionToken("seam_cst1a_b", options).devices.list(),
      ),
      await rejected(seam.userIdentities.create()),
      await rejected(
        seam.devices.list({}, { signal: AbortSignal.abort(new Error("no")) }),
      ),
      undefined,
      null,
      "out_of_scope",
      Object.assign(new Error("another library's"), { code: "out_of_scope" }),
    ];
    sandbox.addFault({ fault: "outage", times: 1 });
    failures.push(await rejected(seam.locks.unlockDoor({ device_id })));
    for (const failure of failures) {
      assert.equal(isOutOfScope(failure), false, String(failure));
    }
  });
}

test("an action that may have been carried out is not out of scope, whatever is refused afterwards", async () => {
  for (const [status, type] of [
    [404, "action_attempt_not_found"],
    [401, "unauthorized"],
  ]) {
    const attempt = { action_attempt_id: "a-1", status: "pending" };
    const seam = Seam.fromClientSessionToken("seam_cst1a_b", {
      fetch: async ({ url }) => {
        if (url.endsWith("/locks/unlock_door"))
          return Response.json({ action_attempt: attempt, ok: true });
        if (url.endsWith("/client_sessions/get"))
          return Response.json({ client_session: { client_session_id: "s" } });
        return Response.json({ error: { type, message: "m" } }, { status });
      },
    });
    const error = await rejected(
      seam.locks.unlockDoor(
        { device_id: "d" },
        { waitForActionAttempt: { timeout: 500, pollingInterval: 1 } },
      ),
    );
    assert.equal(error.outcome, "unknown");
    assert.equal(isOutOfScope(error), false, String(status));
  }
});
