// `close()` of a page's client in a worker. Both sides run in Node.
import assert from "node:assert/strict";
import { test } from "node:test";

import {
  liveList,
  listState,
  startWorker,
  twoUsers,
} from "../support/worker-in-node.mjs";
import { rejected } from "../support/errors.mjs";
import { waitUntil } from "../support/waiting.mjs";

for (const kind of ["a token", "a token function"]) {
  test(`close() of a client with ${kind} empties its lists and its scope`, async (t) => {
    const site = await startWorker(t);
    const { one, session, lock } = await twoUsers(site);
    const token = await session(one);
    const { endpoint } = site.info;
    const { Seam } = await site.page();
    const seam = Seam.fromClientSessionToken(
      kind === "a token" ? token : () => token,
      { endpoint },
    );
    const list = await liveList(t, seam);
    const scope = await seam.scope();
    assert.equal(scope.devices.length, 1);
    const changes = list.changes[Symbol.asyncIterator]();
    await changes.next();

    seam.close();

    assert.deepEqual(list.getSnapshot(), []);
    assert.equal(list.get(lock.device_id), undefined);
    assert.deepEqual(scope.devices, []);
    assert.equal(scope.client_session_id, undefined);
    assert.equal(list.status.state, "stopped");
    assert.equal(list.status.reason.code, "signed_out");
    assert.deepEqual((await changes.next()).value.removed, [lock.device_id]);
    await list.refresh();
    assert.equal(list.status.state, "stopped");
    const later = seam.devices.watch();
    t.after(() => later.close());
    assert.deepEqual(later.getSnapshot(), []);
    assert.equal((await rejected(seam.scope())).code, "signed_out");
  });
}

test("a token that the function returns after close() is not sent to the worker", async (t) => {
  const site = await startWorker(t);
  const { one, session } = await twoUsers(site);
  const token = await session(one);
  const { endpoint } = site.info;
  const { Seam, posted, heard } = await site.page();
  let resolve;
  const seam = Seam.fromClientSessionToken(
    () => new Promise((done) => (resolve = done)),
    { endpoint },
  );
  const list = seam.devices.watch();
  t.after(() => list.close());
  const call = rejected(seam.devices.list());
  await waitUntil(() => resolve);

  seam.close();
  resolve(token);

  assert.equal((await call).code, "signed_out");
  await listState(list, "stopped");
  assert.equal(list.status.reason.code, "signed_out");
  await heard();
  assert.deepEqual(
    posted.filter(({ type }) => type === "open-client"),
    [],
  );
  assert.equal(site.requests.length, 0);
});
