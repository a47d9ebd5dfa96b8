// seam-session/worker: the client in a worker, and its face in the page. Here
// both sides are in Node, with a channel between them.
import assert from "node:assert/strict";
import { test } from "node:test";

import { client, entry, Sandbox } from "./support/installed.mjs";
import { worker } from "./support/worker.mjs";

const thrownBy = (call) =>
  Promise.resolve(call).then(
    () => assert.fail("it did not reject"),
    (error) => error,
  );

test("a page lists, gets, acts and pages as with the client itself", async (t) => {
  const { info, sandbox, page } = await worker(t);
  const { endpoint, client_session_token: token } = info;
  const { fetch } = sandbox;
  const own = client.Seam.fromClientSessionToken(token, { endpoint, fetch });
  const { Seam } = await page();
  const seam = Seam.fromClientSessionToken(token, { endpoint });

  const devices = await seam.devices.list();
  assert.deepEqual(devices, await own.devices.list());
  const [{ device_id }] = devices;
  assert.deepEqual(
    await seam.devices.get({ device_id }),
    await own.devices.get({ device_id }),
  );
  const attempt = await seam.locks.unlockDoor({ device_id });
  assert.equal(attempt.status, "success");
  const pages = seam.createPaginator(seam.devices.list({ limit: 1 }));
  assert.deepEqual(await pages.flattenToArray(), await own.devices.list());
  const { ok } = await seam.devices.list().fetchResponse();
  assert.equal(ok, true);
});

test("nothing is sent before a request is awaited, and then once", async (t) => {
  const { info, page, requests } = await worker(t);
  const { endpoint, client_session_token } = info;
  const { Seam } = await page();
  const seam = new Seam({ clientSessionToken: client_session_token, endpoint });

  const request = seam.devices.list();
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(requests, []);
  await Promise.all([request, request]);
  assert.equal(requests.length, 1);
});
