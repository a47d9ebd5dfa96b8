// Calls that were refused for a dead token: which are sent again, and with which token.
import assert from "node:assert/strict";
import { test } from "node:test";

import { HOUR, waitUntil } from "../support/waiting.mjs";
import {
  firstLock,
  mockedTime,
  clientWithTokenFunction,
} from "../support/token-function.mjs";
import { rejected } from "../support/errors.mjs";

test("calls refused for a dead token are sent once more, after one token refresh", async () => {
  for (const how of ["expired", "revoked"]) {
    const { seam, asked, end, tokens, sent } = await clientWithTokenFunction();
    await seam.devices.list();
    await waitUntil(() => sent("/client_sessions/get") === 1);
    end(tokens[0], how);

    const lists = await Promise.all(
      Array.from({ length: 10 }, () => seam.devices.list()),
    );

    assert.ok(lists.every((list) => list.length === 1));
    assert.equal(asked(), 2, how);
    assert.equal(sent("/devices/list"), 21);
    assert.equal(sent("/client_sessions/get"), 2);
  }
});

test("a bare 401 means a dead token only when client_sessions/get is refused too, and then refreshes once for all calls", async () => {
  const them = await clientWithTokenFunction({
    answer: async (_, request, sandbox) => {
      const answer = await sandbox.fetch(request);
      return answer.status === 401
        ? Response.json(
            { error: { type: "unauthorized", message: "Unauthorized" } },
            { status: 401 },
          )
        : answer;
    },
  });
  const { seam, asked, end, tokens, sent } = them;
  const { device_id } = await firstLock(them);
  await waitUntil(() => sent("/client_sessions/get") === 1);
  end(tokens[0]);

  const calls = [];
  for (let nth = 0; nth < 5; nth += 1) calls.push(seam.devices.list());
  calls.push(seam.locks.unlockDoor({ device_id }));
  await Promise.all(calls);

  assert.equal(asked(), 2);
  assert.equal(sent("/devices/list"), 11);
  assert.equal(sent("/locks/unlock_door"), 2);
  // One for each token, and one for each call that was refused.
  assert.equal(sent("/client_sessions/get"), 2 + 6);
});

test("a call outside the scope refreshes nothing", async () => {
  const { seam, asked, info } = await clientWithTokenFunction({
    sandbox: { outOfScope: 401 },
  });
  const [own] = await seam.devices.list();
  const device_id = info.device_ids.find((id) => id !== own.device_id);

  const refused = await rejected(seam.devices.get({ device_id }));

  assert.equal(refused.reason, "out_of_scope");
  assert.equal(asked(), 1);
});

test("a late 401 for an older token refreshes nothing, and the call is sent again with the newer one", async () => {
  let hold;
  const { seam, asked, end, tokens, requests, sent } =
    await clientWithTokenFunction({
      answer: async ({ path, nth }, request, sandbox) => {
        if (path !== "/locks/list" || nth !== 1) return undefined;
        await new Promise((resolve) => (hold = resolve));
        return sandbox.fetch(request);
      },
    });
  await seam.devices.list();
  await waitUntil(() => sent("/client_sessions/get") === 1);
  const late = seam.locks.list().execute();
  await waitUntil(() => hold);
  end(tokens[0]);
  await seam.devices.list();
  assert.equal(asked(), 2);
  hold();

  assert.equal((await late).length, 1);

  assert.equal(asked(), 2);
  assert.deepEqual(
    requests.filter((it) => it.path === "/locks/list").map((it) => it.nth),
    [1, 2],
  );
});

test("an action that was refused for its token is sent once more as the same user", async () => {
  const them = await clientWithTokenFunction();
  const { seam, end, tokens, sent, asked } = them;
  const { device_id } = await firstLock(them);
  await waitUntil(() => sent("/client_sessions/get") === 1);
  end(tokens[0]);

  const attempt = await seam.locks.unlockDoor({ device_id });

  assert.equal(attempt.status, "success");
  assert.equal(asked(), 2);
  assert.equal(sent("/locks/unlock_door"), 2);
});

test("a write or action is not sent again as another user: it rejects as refused", async () => {
  const other = { user_identity_id: undefined, user_identifier_key: "other" };
  const calls = {
    "/locks/unlock_door": (seam, device_id) =>
      seam.locks.unlockDoor({ device_id }),
    "/access_codes/create": (seam, device_id) =>
      seam.accessCodes.create({ device_id, code: "4711" }),
  };
  for (const [path, call] of Object.entries(calls)) {
    const them = await clientWithTokenFunction({
      give: (nth, { create }) => create(nth === 1 ? {} : other),
    });
    const { seam, end, tokens, sent, asked } = them;
    const { device_id } = await firstLock(them);
    await waitUntil(() => sent("/client_sessions/get") === 1);
    end(tokens[0]);

    const refused = await rejected(call(seam, device_id));

    assert.equal(refused.code, "unauthorized");
    assert.equal(refused.reason, "token_refused");
    assert.equal(refused.outcome, "refused");
    assert.equal(asked(), 2);
    assert.equal(sent(path), 1);
    assert.deepEqual(await seam.devices.list(), [], "as the other user");
  }
});

test("an action that waited for a token is not sent as another user", async (t) => {
  const passing = mockedTime(t);
  const other = { user_identity_id: undefined, user_identifier_key: "other" };
  const them = await clientWithTokenFunction({
    give: (nth, { create }) => create(nth === 1 ? {} : other),
  });
  const { seam, sent, asked } = them;
  const { device_id } = await passing(firstLock(them));
  await waitUntil(() => sent("/client_sessions/get") === 1);
  t.mock.timers.tick(HOUR);

  const refused = await passing(rejected(seam.locks.unlockDoor({ device_id })));

  assert.equal(refused.code, "session_changed");
  assert.equal(refused.outcome, "not_sent");
  assert.equal(asked(), 2);
  assert.equal(sent("/locks/unlock_door"), 0);
});

test("an action is not sent again more than ten seconds after the call", async (t) => {
  const passing = mockedTime(t);
  let hold;
  const them = await clientWithTokenFunction({
    give: async (nth, { create }) => {
      if (nth === 2) await new Promise((resolve) => (hold = resolve));
      return create();
    },
  });
  const { seam, end, tokens, sent } = them;
  const { device_id } = await passing(firstLock(them));
  await waitUntil(() => sent("/client_sessions/get") === 1);
  end(tokens[0]);

  const call = rejected(seam.locks.unlockDoor({ device_id }).execute());
  await waitUntil(() => hold);
  t.mock.timers.tick(10_000);
  hold();
  const refused = await passing(call);

  assert.equal(refused.reason, "token_refused");
  assert.equal(refused.outcome, "refused");
  assert.equal(sent("/locks/unlock_door"), 1);
});

test("an action is not sent again while its attempt is polled", async () => {
  const them = await clientWithTokenFunction({
    answer: ({ path }) => {
      if (path === "/action_attempts/get") them.end(them.tokens[0]);
    },
  });
  const { seam, sent, sandbox } = them;
  const { device_id } = await firstLock(them);
  sandbox.addFault({ fault: "attempt_hangs", times: 1 });

  const failed = await rejected(seam.locks.unlockDoor({ device_id }));

  assert.equal(failed.outcome, "unknown");
  assert.ok(failed.actionAttempt);
  assert.equal(sent("/locks/unlock_door"), 1);
});

test("a second 401 rejects the call", async () => {
  const { seam, asked, end, tokens, sent } = await clientWithTokenFunction({
    answer: ({ path, nth }) => {
      if (path === "/locks/list" && nth === 2) end(tokens[1]);
    },
  });
  await seam.devices.list();
  await waitUntil(() => sent("/client_sessions/get") === 1);
  end(tokens[0]);

  const refused = await rejected(seam.locks.list());

  assert.equal(refused.reason, "token_refused");
  assert.equal(sent("/locks/list"), 2);
  assert.equal(asked(), 2);
});
