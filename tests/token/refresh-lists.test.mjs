// Watched lists and Seam's components when the token is refreshed.
import assert from "node:assert/strict";
import { test } from "node:test";

import { entry } from "../support/installed.mjs";
import { HOUR, MINUTE, mockClocks, waitUntil } from "../support/waiting.mjs";
import {
  mockedTime,
  clientWithTokenFunction,
  watchDevices,
} from "../support/token-function.mjs";
import { rejected } from "../support/errors.mjs";

test("a watched list stays as it is when the next token is of the same user", async (t) => {
  const { seam, end, tokens, sent, asked } = await clientWithTokenFunction();
  const { list, state } = watchDevices(t, seam);
  await state("live");
  const shown = list.getSnapshot();
  assert.equal(shown.length, 1);
  assert.equal(sent("/client_sessions/get"), 1, "lists and renewal share it");
  const seen = new Set();
  list.subscribe(() => seen.add(list.getSnapshot()));
  end(tokens[0]);

  await list.refresh();

  assert.equal(asked(), 2);
  assert.equal(list.status.state, "live");
  assert.equal(list.getSnapshot(), shown);
  seen.delete(shown);
  assert.deepEqual([...seen], [], "not even for a moment");
  assert.equal(sent("/client_sessions/get"), 2);
});

test("a list is fetched at once for another session of the same user, which may see less, and is never blank", async (t) => {
  const them = await clientWithTokenFunction({
    give: async (nth, { create }) => {
      const accounts = await them.backEnd.connectedAccounts.list();
      const ids = accounts.map((it) => it.connected_account_id);
      return create(nth === 1 ? { connected_account_ids: ids } : {});
    },
  });
  const { seam, end, tokens, sent } = them;
  const { list, state } = watchDevices(t, seam);
  await state("live");
  const before = list.getSnapshot();
  assert.ok(before.length > 1);
  const states = new Set();
  list.subscribe(() => states.add(list.status.state));
  end(tokens[0]);

  const [own] = await seam.locks.list();
  await waitUntil(() => list.size === 1);

  assert.equal(tokens.length, 2);
  const [shown] = list.getSnapshot();
  assert.equal(shown.device_id, own.device_id);
  assert.ok(before.includes(shown), "the same object");
  assert.deepEqual([...states], ["live"]);
  assert.equal(sent("/devices/list"), 2, "nobody has called refresh()");
});

test("a watched list is empty before anything is sent with another user's token", async (t) => {
  const other = { user_identity_id: undefined, user_identifier_key: "other" };
  const shown = [];
  const { seam, end, tokens, requests } = await clientWithTokenFunction({
    give: (nth, { create }) => create(nth === 1 ? {} : other),
    answer: ({ path, nth }) => {
      if (path === "/devices/list") shown.push([nth, list.size]);
    },
  });
  const { list, state } = watchDevices(t, seam);
  await state("live");
  assert.equal(list.size, 1);
  end(tokens[0]);

  await list.refresh();
  await state("live");

  assert.deepEqual(list.getSnapshot(), []);
  assert.equal(requests.at(-1).nth, 2);
  assert.deepEqual(
    shown.filter(([nth]) => nth === 2).map(([, size]) => size),
    [0],
  );
});

test("a proxy's 401 does not end a token that is returned again", async (t) => {
  let isCut = false;
  const { seam, sent, asked } = await clientWithTokenFunction({
    give: (nth, { tokens, create }) => tokens[0] ?? create(),
    answer: () =>
      isCut ? new Response("<html>Log in</html>", { status: 401 }) : undefined,
  });
  const { list, state } = watchDevices(t, seam);
  await state("live");
  const shown = list.getSnapshot();
  isCut = true;

  const failed = await rejected(seam.locks.list().execute());
  await list.refresh();

  assert.equal(failed.reason, undefined);
  assert.equal(list.status.state, "stale");
  assert.equal(sent("/client_sessions/get"), 1, "nothing of it is settled");
  isCut = false;
  assert.equal((await seam.locks.list()).length, 1);
  await list.refresh();
  assert.equal(list.status.state, "live");
  assert.equal(list.getSnapshot(), shown);
  assert.equal(asked(), 1);
});

for (const [what, answer] of [
  ["a proxy's 401", () => new Response("<html>Log in</html>", { status: 401 })],
  ["a 503", () => new Response("", { status: 503 })],
  ["no network", () => Promise.reject(new TypeError("fetch failed"))],
]) {
  test(`${what} while the next token is checked does not end the current one`, async (t) => {
    const passing = mockedTime(t);
    let isCut = false;
    const { seam, asked, tokens } = await clientWithTokenFunction({
      answer: ({ path }) =>
        isCut && path === "/client_sessions/get" ? answer() : undefined,
    });
    const { list, state } = watchDevices(t, seam);
    await passing(state("live"));
    const shown = list.getSnapshot();
    assert.equal(shown.length, 1);
    const seen = new Set();
    list.subscribe(() => seen.add(list.getSnapshot()));
    isCut = true;
    t.mock.timers.tick(HOUR - 4 * MINUTE);

    await passing(seam.locks.list().execute());
    await passing(waitUntil(() => tokens.length === 2));
    assert.equal((await passing(seam.locks.list().execute())).length, 1);

    assert.equal(list.getSnapshot(), shown);
    isCut = false;
    t.mock.timers.tick(3_000);
    await passing(seam.locks.list().execute());
    await passing(waitUntil(() => asked() === 3));
    assert.equal((await passing(seam.locks.list().execute())).length, 1);
    seen.delete(shown);
    assert.deepEqual([...seen], [], "not even for a moment");
  });
}

test("a revoked session's list is emptied when there is no other token, and returns with one", async (t) => {
  let fails = false;
  const { seam, end, tokens } = await clientWithTokenFunction({
    give: (_, { create }) => {
      if (fails) throw new Error("signed out");
      return create();
    },
  });
  const { list, state } = watchDevices(t, seam);
  await state("live");
  end(tokens[0]);
  fails = true;

  const failed = await rejected(seam.locks.list());

  assert.equal(failed.code, "no_token");
  assert.deepEqual(list.getSnapshot(), []);
  await state("stale");
  assert.equal(list.status.reason.code, "no_token");

  fails = false;
  await waitUntil(() => {
    seam.locks.list().catch(() => {});
    return tokens.length === 2;
  });
  await state("live");
  assert.equal(list.size, 1);
});

test("another user's token starts another session of Seam's components; the same user's does not", async (t) => {
  const clocks = mockClocks(t, { now: Date.now() });
  const other = { user_identity_id: undefined, user_identifier_key: "other" };
  const { seam, end, tokens, sent } = await clientWithTokenFunction({
    give: (nth, { create }) => create(nth < 3 ? {} : other),
  });
  const { SeamComponentsSession } = await import(
    entry("seam-session/seam-components")
  );
  const cleared = [];
  const sessions = new SeamComponentsSession(seam, {
    SeamHttp: class {
      static ltsVersion = "1.0.0";
      static fromClient = (client) => client;
    },
    SeamHttpApiError: Error,
    SeamHttpInvalidInputError: Error,
    SeamHttpUnauthorizedError: Error,
    queryClient: () => ({ clear: () => cleared.push(tokens.length) }),
  });
  const first = sessions.current();
  await seam.devices.list();
  await waitUntil(() => sent("/client_sessions/get") === 1);
  end(tokens[0]);
  await seam.devices.list();
  assert.equal(sessions.current(), first);
  // Tokens that die one right after the other are asked for later and later.
  clocks.monotonic(60_000);
  end(tokens[1]);

  await seam.devices.list();

  assert.equal(tokens.length, 3);
  assert.notEqual(sessions.current(), first);
  assert.deepEqual(cleared, [3]);
});
