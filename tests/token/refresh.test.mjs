// When a token function is called: at the first call, before the token expires, and no more often
// than needed.
import assert from "node:assert/strict";
import { test } from "node:test";

import { Sandbox, Seam } from "../support/installed.mjs";
import {
  HOUR,
  MINUTE,
  waitUntil,
  flushTasks,
  nextTask,
} from "../support/waiting.mjs";
import {
  mockedTime,
  clientWithTokenFunction,
} from "../support/token-function.mjs";

test("the function is called at the first call, once for any number of calls", async () => {
  const { seam, asked, tokens, requests, sent } =
    await clientWithTokenFunction();
  assert.equal(asked(), 0);

  const lists = await Promise.all(
    Array.from({ length: 10 }, () => seam.devices.list()),
  );

  assert.equal(asked(), 1);
  assert.ok(lists.every((list) => list.length === 1));
  assert.ok(requests.every(({ token }) => token === tokens[0]));
  await waitUntil(() => sent("/client_sessions/get") > 0);
  await seam.devices.list();
  assert.equal(asked(), 1);
  assert.equal(sent("/client_sessions/get"), 1, "once for each token");
  assert.equal(sent("/devices/list"), 11);
});

test("the function is called while the module of token refresh is loaded", async () => {
  const { seam, asked, tokens, sent } = await clientWithTokenFunction();

  const list = seam.devices.list().execute();
  await Promise.resolve();

  assert.equal(asked(), 1, "before anything could be loaded");
  assert.equal((await list).length, 1);
  assert.equal(asked(), 1);
  assert.equal(tokens.length, 1);
  assert.equal(sent("/devices/list"), 1);
});

test("the constructor takes a function too, which need not return a promise", async () => {
  const { info, fetch } = await Sandbox.create();
  const seam = new Seam({
    clientSessionToken: () => info.client_session_token,
    endpoint: info.endpoint,
    fetch,
  });
  assert.equal((await seam.devices.list()).length, 1);
});

test("the next token is requested before the current one expires, and calls go on with the current one", async (t) => {
  const passing = mockedTime(t);
  let hold;
  const { seam, asked, requests, tokens } = await clientWithTokenFunction({
    give: async (nth, { create }) => {
      if (nth === 2) await new Promise((resolve) => (hold = resolve));
      return create();
    },
  });
  await passing(seam.devices.list());
  await passing(seam.devices.list());
  const left = 55 * MINUTE - (Date.now() - 1e12);
  t.mock.timers.tick(left - 1_000);
  assert.equal(asked(), 1, "not before");

  t.mock.timers.tick(2_000);
  await waitUntil(() => hold);
  await passing(seam.devices.list());
  assert.equal(requests.at(-1).nth, 1);
  hold();
  await waitUntil(() => requests.at(-1).token === tokens[1]);
  const checked = requests.at(-1);
  assert.equal(checked.path, "/client_sessions/get");
  await passing(seam.devices.list());

  assert.equal(asked(), 2);
  assert.equal(requests.at(-1).nth, 2);
  assert.ok(Date.now() - 1e12 < HOUR);
});

test("the same token is accepted again while its session lives, and longer when the session is prolonged", async (t) => {
  const passing = mockedTime(t);
  const { seam, asked, backEnd, requests, info } =
    await clientWithTokenFunction({
      give: (_, { info }) => info.client_session_token,
    });
  const { user_identity_id, client_session_token: token } = info;
  const prolong = () =>
    backEnd.clientSessions.getOrCreate({
      user_identity_id,
      expires_at: new Date(Date.now() + HOUR).toISOString(),
    });
  assert.equal((await prolong()).token, token);
  await passing(seam.devices.list());
  await passing(seam.devices.list());
  const start = Date.now();
  t.mock.timers.tick(57 * MINUTE);
  await passing(seam.devices.list());
  await waitUntil(() => asked() === 2);
  await flushTasks();
  await passing(seam.devices.list());
  assert.equal(requests.at(-1).token, token);

  assert.equal((await prolong()).token, token);
  const before = asked();
  t.mock.timers.tick(MINUTE);
  await passing(seam.devices.list());
  await flushTasks();

  assert.ok(asked() > before, "asked again after the pause");
  const asks = asked();
  t.mock.timers.tick(10 * MINUTE);
  await passing(seam.devices.list());
  assert.ok(Date.now() - start > HOUR);
  assert.equal(asked(), asks, "it is known that it lives longer");
  assert.equal(requests.at(-1).token, token);
});

test("when the expiry could not be fetched, it is fetched again after the next call that succeeds", async (t) => {
  const passing = mockedTime(t);
  let hold;
  const { seam, asked, sent } = await clientWithTokenFunction({
    answer: async ({ path }) => {
      if (path !== "/client_sessions/get" || hold) return undefined;
      await new Promise((resolve) => (hold = resolve));
      return new Response("", { status: 503 });
    },
  });
  const gets = () => sent("/client_sessions/get");
  await passing(seam.devices.list());
  await waitUntil(() => hold);
  hold();
  await flushTasks();
  t.mock.timers.tick(2_000);
  await flushTasks();
  assert.equal(gets(), 1, "not by itself");

  await passing(Promise.all([seam.devices.list(), seam.locks.list()]));
  await waitUntil(() => gets() === 2);
  await passing(seam.devices.list());
  assert.equal(gets(), 2, "it is known");
  t.mock.timers.tick(55 * MINUTE);
  await waitUntil(() => gets() === 3);

  assert.equal(asked(), 2, "ahead of the end");
});

test("while the expiry cannot be fetched, it is fetched less and less often", async (t) => {
  const passing = mockedTime(t);
  const { seam, sent } = await clientWithTokenFunction({
    answer: ({ path }) =>
      path === "/client_sessions/get"
        ? new Response("", { status: 503 })
        : undefined,
  });
  const gets = async () => {
    await passing(seam.devices.list());
    await flushTasks();
    return sent("/client_sessions/get");
  };

  const counts = [];
  for (const seconds of [0, 0, 2, 0, 1, 3, 0]) {
    t.mock.timers.tick(seconds * 1_000);
    counts.push(await gets());
  }

  assert.deepEqual(counts, [1, 1, 2, 2, 2, 3, 3]);
});

test("an unused client sends nothing until its next call", async (t) => {
  const passing = mockedTime(t);
  const { seam, asked, requests } = await clientWithTokenFunction();
  await passing(seam.devices.list());
  await waitUntil(() => requests.length === 2);
  for (let hour = 0; hour < 9; hour += 1) {
    t.mock.timers.tick(HOUR);
    await nextTask();
  }
  assert.equal(asked(), 1);

  await passing(seam.devices.list());

  assert.equal(asked(), 2);
  const last = requests.filter(({ nth }) => nth === 2).map(({ path }) => path);
  assert.deepEqual(last, ["/client_sessions/get", "/devices/list"]);
});

test("no timer is longer than the platform's maximum", async (t) => {
  const waits = [];
  const { setTimeout } = globalThis;
  t.mock.method(globalThis, "setTimeout", (run, ms, ...rest) => {
    waits.push(ms);
    return setTimeout(run, ms, ...rest);
  });
  const expires_at = new Date(Date.now() + 400 * 24 * HOUR).toISOString();
  const { seam } = await clientWithTokenFunction({
    give: (_, { create }) => create({ expires_at }),
    timeout: Infinity,
  });

  await seam.devices.list();
  await waitUntil(() => waits.filter((ms) => ms === 2 ** 31 - 1).length > 3);

  assert.ok(waits.every((ms) => ms < 2 ** 31));
});

test("a fresh token that looks expired by a wrong clock is used, and the server decides", async () => {
  const ended = new Date(Date.now() - 10 * HOUR).toISOString();
  const { seam, asked, requests, sent, end, tokens } =
    await clientWithTokenFunction({
      answer: async ({ path }, request, sandbox) => {
        if (path !== "/client_sessions/get") return undefined;
        const body = await (await sandbox.fetch(request)).json();
        body.client_session.expires_at = ended;
        return Response.json(body);
      },
    });
  await seam.devices.list();
  await waitUntil(() => sent("/client_sessions/get") === 1);
  await seam.devices.list();
  await seam.devices.list();
  assert.equal(asked(), 1);
  assert.ok(requests.every(({ nth }) => nth === 1));
  end(tokens[0]);

  await seam.devices.list();

  assert.equal(asked(), 2);
});
