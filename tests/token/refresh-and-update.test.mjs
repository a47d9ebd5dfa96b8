// Tokens that are set by updateClientSessionToken while a token function is in use.
import assert from "node:assert/strict";
import { test } from "node:test";

import { waitUntil, nextTask } from "../support/waiting.mjs";
import {
  firstLock,
  mockedTime,
  clientWithTokenFunction,
} from "../support/token-function.mjs";
import { rejected } from "../support/errors.mjs";

test("a token set by updateClientSessionToken is used until it dies; then the function is called", async () => {
  const { seam, create, requests, asked, end } =
    await clientWithTokenFunction();
  await assert.rejects(
    async () => seam.updateClientSessionToken(() => "seam_cst1abc_def"),
    { name: "SeamHttpInvalidTokenError" },
  );
  const token = await create();
  await seam.updateClientSessionToken(token);
  await seam.devices.list();
  assert.equal(asked(), 0);
  const another = await create();
  await seam.updateClientSessionToken(another);
  await seam.devices.list();
  assert.equal(requests.at(-1).token, another);
  assert.equal(asked(), 0);
  end(another);

  await seam.devices.list();

  assert.equal(asked(), 1);
  assert.equal(requests.at(-1).nth, 1);
});

test("a token that is set during a token refresh replaces the refreshed one", async () => {
  let hold;
  const { seam, create, requests, tokens } = await clientWithTokenFunction({
    give: async (_, { create }) => {
      await new Promise((resolve) => (hold = resolve));
      return create();
    },
  });
  const list = seam.devices.list().execute();
  await waitUntil(() => hold);
  const token = await create();
  await seam.updateClientSessionToken(token);
  hold();

  await list;
  await waitUntil(() => tokens.length === 1);
  await seam.devices.list();

  assert.ok(requests.every((it) => it.token === token));
});

test("a call that waits for a hanging function is sent at once with a token that is set", async () => {
  const { seam, create, asked, requests, sent } = await clientWithTokenFunction(
    {
      give: () => new Promise(() => {}),
    },
  );
  const list = seam.devices.list().execute();
  await waitUntil(() => asked() === 1);
  const token = await create();

  await seam.updateClientSessionToken(token);
  await waitUntil(() => sent("/devices/list") === 1);

  assert.equal((await list).length, 1);
  assert.ok(requests.every((it) => it.token === token));
  assert.equal(asked(), 1);
});

test("the time limit of an older token refresh does not end the next one", async (t) => {
  const passing = mockedTime(t);
  const held = [];
  const { seam, create, asked, end } = await clientWithTokenFunction({
    give: (_, { create }) =>
      new Promise((resolve) => held.push(() => resolve(create()))),
    timeout: 5_000,
  });
  const first = seam.devices.list().execute();
  await waitUntil(() => asked() === 1);
  const token = await create();
  await passing(seam.updateClientSessionToken(token));
  assert.equal((await passing(first)).length, 1);
  end(token);
  const call = rejected(seam.devices.list().execute());
  await waitUntil(() => asked() === 2);
  held[0]();
  await nextTask();

  const failed = await passing(call);

  assert.equal(failed.code, "no_token");
  assert.equal(failed.outcome, "refused");
  assert.match(failed.message, /took too long/);
});

test("an action that was called before another user's token is sent as the previous user", async () => {
  const them = await clientWithTokenFunction();
  const { seam, create, requests } = them;
  const { device_id } = await firstLock(them);
  const token = await create({
    user_identity_id: undefined,
    user_identifier_key: "other",
  });

  const action = seam.locks.unlockDoor({ device_id }).execute();
  const update = seam.updateClientSessionToken(token);

  assert.equal((await action).status, "success");
  await update;
  const unlocks = requests.filter((it) => it.path === "/locks/unlock_door");
  assert.deepEqual(
    unlocks.map((it) => it.nth),
    [1],
  );
  const next = await rejected(seam.locks.unlockDoor({ device_id }));
  assert.equal(next.outcome, "refused", "it went out as the other user");
  assert.equal(requests.at(-1).token, token);
});

test("an action that was called for one token's user is not sent as a later token's user", async () => {
  const { seam, requests, create, info } = await clientWithTokenFunction();
  const [device_id] = info.device_ids;
  const token = await create();
  const other = { user_identity_id: undefined, user_identifier_key: "other" };
  const next = await create(other);

  const first = rejected(seam.updateClientSessionToken(token));
  const action = rejected(seam.locks.unlockDoor({ device_id }).execute());
  const list = seam.devices.list().execute();
  const second = seam.updateClientSessionToken(next);

  for (const refused of [await first, await action]) {
    assert.equal(refused.code, "session_changed");
    assert.equal(refused.outcome, "not_sent");
  }
  await second;
  assert.deepEqual(await list, [], "a read goes as the user of now");
  assert.ok(requests.every(({ path }) => !path.startsWith("/locks/")));
});
