// Watched lists when access, the token or the user changes.
import assert from "node:assert/strict";
import { test } from "node:test";

import { waitUntil } from "../support/waiting.mjs";
import {
  deviceIds,
  listState,
  watchingClient,
} from "../support/watched-lists.mjs";

test("a device that is granted or revoked appears or disappears with the next fetch", async (t) => {
  const { watch, backEnd, seam } = await watchingClient(t);
  const list = watch();
  await listState(list, "live");
  const before = list.getSnapshot();
  const { client_session_id, connected_account_ids } =
    await seam.clientSessions.get();
  const accounts = await backEnd.connectedAccounts.list();
  const [granted] = accounts
    .map((it) => it.connected_account_id)
    .filter((id) => id !== before[0].connected_account_id);

  await backEnd.clientSessions.grantAccess({
    client_session_id,
    connected_account_ids: [...connected_account_ids, granted],
  });
  await list.refresh();
  assert.ok(list.size > before.length);
  assert.equal(list.get(before[0].device_id), before[0]);

  await backEnd.connectedAccounts.delete({ connected_account_id: granted });
  await list.refresh();
  assert.deepEqual(
    deviceIds(list),
    before.map((it) => it.device_id),
  );
});

test("another user's token empties the list before anything is sent with it", async (t) => {
  const { watch, backEnd, seam, requests } = await watchingClient(t);
  const list = watch();
  await listState(list, "live");
  const before = deviceIds(list);
  const other = await backEnd.clientSessions.create({
    user_identifier_key: "somebody-else-of-this-test",
  });

  const update = seam.updateClientSessionToken(other.token);

  assert.deepEqual(list.getSnapshot(), []);
  assert.equal(list.get(before[0]), undefined);
  assert.equal(list.status.state, "loading");
  await update;
  await listState(list, "live");
  assert.deepEqual(list.getSnapshot(), []);
  const late = requests.filter(({ token }) => token.includes(other.token));
  assert.equal(late[0].path, "/client_sessions/get");
  assert.ok(late.some(({ path }) => path === "/devices/list"));
});

test("two sessions without a user identity are two users", async (t) => {
  const shown = [];
  const { watch, backEnd, seam } = await watchingClient(t, {
    answer: ({ path, token }) => {
      if (path === "/devices/list") shown.push([token, list.size]);
    },
  });
  const accounts = await backEnd.connectedAccounts.list();
  const sessions = [];
  for (const { connected_account_id } of accounts.slice(0, 2)) {
    const session = await backEnd.clientSessions.create({
      connected_account_ids: [connected_account_id],
    });
    assert.equal(session.user_identity_id ?? null, null);
    sessions.push(session);
  }
  const [one, other] = sessions;
  const list = watch();
  await seam.updateClientSessionToken(one.token);
  await listState(list, "live");
  const before = deviceIds(list);
  assert.ok(before.length > 0);

  await seam.updateClientSessionToken(other.token);
  await listState(list, "live");

  assert.ok(list.size > 0);
  assert.ok(deviceIds(list).every((id) => !before.includes(id)));
  const late = shown.filter(([token]) => token.includes(other.token));
  assert.deepEqual(
    late.map(([, size]) => size),
    [0],
    "nothing of the one's when the other's is asked for",
  );
});

test("another user's devices are there after one fetch", async (t) => {
  const { watch, backEnd, seam, asked } = await watchingClient(t);
  const list = watch();
  await listState(list, "live");
  const [{ device_id }] = (await backEnd.devices.list()).filter(
    (it) => list.get(it.device_id) === undefined,
  );
  const { user_identity_id } = await backEnd.userIdentities.create();
  const one = { user_identity_id, device_id };
  await backEnd.userIdentities.grantAccessToDevice(one);
  const other = await backEnd.clientSessions.create({ user_identity_id });

  await seam.updateClientSessionToken(other.token);
  await listState(list, "live");

  assert.deepEqual(deviceIds(list), [device_id]);
  assert.equal(asked("/devices/list"), 2);
});

test("another token of the same session keeps the identity of the objects", async (t) => {
  const { watch, seam, info } = await watchingClient(t);
  const list = watch();
  await listState(list, "live");
  const before = list.getSnapshot();

  await seam.updateClientSessionToken(info.client_session_token);
  await listState(list, "live");

  assert.equal(list.getSnapshot(), before);
});

test("the response to an older token's request is discarded", async (t) => {
  let hold;
  const { watch, seam, backEnd, requests } = await watchingClient(t, {
    answer: async ({ path }, request, sandbox) => {
      if (path !== "/devices/list" || hold) return undefined;
      const answer = await sandbox.fetch(request);
      await new Promise((resolve) => (hold = resolve));
      return answer;
    },
  });
  const list = watch();
  await waitUntil(() => hold);
  const other = await backEnd.clientSessions.create({
    user_identifier_key: "somebody-else-of-this-test",
  });

  await seam.updateClientSessionToken(other.token);
  hold();
  await listState(list, "live");

  assert.deepEqual(list.getSnapshot(), []);
  assert.equal(
    requests.filter(({ path }) => path === "/devices/list").length,
    2,
  );
});
