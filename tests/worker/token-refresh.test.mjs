// Token functions with seam-session/worker: they stay in the page, and the worker asks for their
// tokens. Both sides run in Node.
import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";

import { client, entry } from "../support/installed.mjs";
import {
  liveList,
  listState,
  twoUsers,
  startWorker,
} from "../support/worker-in-node.mjs";
import { rejected } from "../support/errors.mjs";
import {
  advanceUntilSettled,
  nextTask,
  waitUntil,
} from "../support/waiting.mjs";

/**
 * A page with a client whose function gives these, one after the other, and the last one
 * again and again; the first has served already.
 */
async function given(site, tokens) {
  const page = await site.page();
  let asked = 0;
  const seam = page.Seam.fromClientSessionToken(
    () => tokens[Math.min((asked += 1), tokens.length) - 1],
    { endpoint: site.info.endpoint },
  );
  await seam.devices.list();
  return { ...page, seam, asked: () => asked };
}

test("a token function is called in the page, at the first call, once for all pages", async (t) => {
  const site = await startWorker(t);
  const { one, session, lock } = await twoUsers(site);
  const { endpoint } = site.info;
  const token = await session(one);
  const { Seam } = await site.page();
  let called = 0;
  const seam = Seam.fromClientSessionToken(
    async () => {
      called += 1;
      return token;
    },
    { endpoint },
  );
  const waiting = seam.devices.list();
  await nextTask();
  assert.equal(called, 0);

  const [devices, scope] = await Promise.all([waiting, seam.scope()]);

  assert.equal(called, 1);
  assert.deepEqual(
    devices.map((it) => it.device_id),
    [lock.device_id],
  );
  assert.equal(scope.has(lock.device_id), true);
  for (const sent of site.requests) assert.equal(sent.token, token);
});

test("a dead token is refreshed once for all pages, and lists keep their data", async (t) => {
  const site = await startWorker(t);
  const { one, session, lock } = await twoUsers(site);
  const { endpoint } = site.info;
  const tokens = [await session(one), await session(one)];
  const called = [];
  const pages = [];
  for (const nth of [0, 1]) {
    const { Seam, said } = await site.page();
    const ask = () => {
      called.push(nth);
      return tokens[called.length > 2 ? 1 : 0];
    };
    const seam = Seam.fromClientSessionToken(ask, { endpoint });
    const list = await liveList(t, seam);
    pages.push({ seam, list, said, shown: list.getSnapshot() });
  }
  assert.deepEqual(called, [0, 1]);
  assert.equal(site.asked("/devices/list"), 1);
  site.sandbox.endSession({ client_session_token: tokens[0] });

  const { device_id } = lock;
  const got = await Promise.all(
    pages.map(({ seam }) => seam.devices.get({ device_id })),
  );

  assert.deepEqual(
    got.map((it) => it.device_id),
    [device_id, device_id],
  );
  assert.equal(called.length, 3);
  for (const { list, shown, said } of pages) {
    await list.refresh();
    assert.equal(list.status.state, "live");
    assert.equal(list.getSnapshot(), shown);
    const text = inspect(said, { depth: Infinity });
    for (const token of tokens) assert.ok(!text.includes(token));
  }
  // Whoever comes with the new token comes to the same client, and only so.
  const rounds = site.asked("/devices/list");
  const { Seam } = await site.page();
  const list = Seam.fromClientSessionToken(() => tokens[1], {
    endpoint,
  }).devices.watch();
  t.after(list.close);
  await listState(list, "live");
  assert.equal(site.asked("/devices/list"), rounds);
  const late = await site.page();
  const old = late.Seam.fromClientSessionToken(() => tokens[0], { endpoint });
  assert.equal((await rejected(old.devices.list())).statusCode, 401);
});

test("a scope has the expiry of the refreshed session, and nothing of one that ended", async (t) => {
  const site = await startWorker(t);
  const { one, session, lock } = await twoUsers(site);
  const ends = [1, 2].map((nth) => new Date(Date.now() + nth * 3_600_000));
  const tokens = [];
  for (const it of ends) {
    tokens.push(await session({ ...one, expires_at: it.toISOString() }));
  }
  const summary = ({ expires_at, client_session_id, devices }) => [
    expires_at,
    client_session_id !== undefined,
    devices.map((it) => it.device.device_id),
  ];
  const pages = [];
  for (const list of [tokens, [tokens[0]]]) {
    const { seam } = await given(site, list);
    pages.push({ seam, scope: await seam.scope() });
  }
  const plainTokens = [...tokens];
  const plain = client.Seam.fromClientSessionToken(
    () => {
      if (plainTokens.length > 0) return plainTokens.shift();
      throw new Error("signed out");
    },
    { endpoint: site.info.endpoint, fetch: site.sandbox.fetch },
  );
  const own = await plain.scope();
  const all = [own, ...pages.map(({ scope }) => scope)];
  for (const it of all) {
    assert.deepEqual(summary(it), [ends[0], true, [lock.device_id]]);
  }

  site.sandbox.endSession({ client_session_token: tokens[0] });
  for (const { locks } of [plain, pages[0].seam]) await locks.list();
  await waitUntil(() => all.every((it) => +it.expires_at === +ends[1]));

  for (const it of all) {
    assert.deepEqual(summary(it), [ends[1], true, [lock.device_id]]);
    assert.ok(it.expiresInMs > 3_600_000);
  }
  site.sandbox.endSession({ client_session_token: tokens[1] });
  // A function whose last token died soon is not called again at once.
  for (const wait of [0, 60_000]) {
    const now = performance.now.bind(performance);
    t.mock.method(performance, "now", () => now() + wait);
    for (const { locks } of [plain, pages[0].seam]) {
      await rejected(locks.list());
    }
  }
  await waitUntil(() => all.every((it) => it.devices.length === 0));
  for (const it of all) assert.deepEqual(summary(it), [null, false, []]);
});

test("another user's token is used only for the page that returned it", async (t) => {
  const site = await startWorker(t);
  const { one, two, session, lock, other } = await twoUsers(site);
  const first = await session(one);
  const pages = [];
  for (const user of [two, one]) {
    const { seam } = await given(site, [first, await session(user)]);
    const list = await liveList(t, seam);
    const seen = new Set();
    list.subscribe(() => {
      for (const it of list.getSnapshot()) seen.add(it.device_id);
    });
    pages.push({ seam, list, seen });
  }
  site.sandbox.endSession({ client_session_token: first });

  await pages[1].seam.devices.list().catch(() => {});
  await waitUntil(() => pages[0].list.get(other.device_id));
  await waitUntil(() => pages[1].list.get(lock.device_id));

  assert.deepEqual([...pages[1].seen], [lock.device_id]);
  for (const { list, seam } of pages) {
    assert.equal(list.size, 1);
    assert.deepEqual(await seam.devices.list(), list.getSnapshot());
  }
});

test("another user's token starts another session of Seam's components, in each page", async (t) => {
  const site = await startWorker(t);
  const { one, two, session } = await twoUsers(site);
  const first = await session(one);
  const { SeamComponentsSession } = await import(
    entry("seam-session/seam-components")
  );
  const pages = [];
  for (const user of [two, one]) {
    const { seam } = await given(site, [first, await session(user)]);
    const cleared = [];
    const sessions = new SeamComponentsSession(seam, {
      SeamHttp: class {
        static ltsVersion = "1.0.0";
        static fromClient = (client) => client;
      },
      SeamHttpApiError: Error,
      SeamHttpInvalidInputError: Error,
      SeamHttpUnauthorizedError: Error,
      queryClient: () => ({ clear: () => cleared.push(true) }),
    });
    pages.push({ seam, sessions, cleared, before: sessions.current() });
  }
  site.sandbox.endSession({ client_session_token: first });

  await pages[0].seam.devices.list().catch(() => {});
  for (const { seam } of pages) await seam.devices.list();

  for (const { sessions, cleared, before } of pages) {
    assert.notEqual(sessions.current(), before);
    assert.deepEqual(cleared, [true]);
  }
});

test("a read that waits for a token which is another user's rejects with no_token; without a worker it is made as that user", async (t) => {
  const site = await startWorker(t);
  const { one, two, session, lock, other } = await twoUsers(site);
  const ids = (devices) => devices.map((it) => it.device_id);
  const first = [await session(one), await session(one)];
  const next = await session(two);
  const { seam } = await given(site, [first[0], next]);
  const tokens = [first[1], next];
  const plain = client.Seam.fromClientSessionToken(() => tokens.shift(), {
    endpoint: site.info.endpoint,
    fetch: site.sandbox.fetch,
  });
  assert.deepEqual(ids(await plain.devices.list()), [lock.device_id]);
  for (const client_session_token of first) {
    site.sandbox.endSession({ client_session_token });
  }

  const errors = await Promise.all([
    rejected(seam.devices.list()),
    rejected(seam.locks.list()),
  ]);

  for (const { code, outcome } of errors) {
    assert.equal(code, "no_token");
    assert.ok(outcome === "refused" || outcome === "not_sent", outcome);
  }
  assert.deepEqual(ids(await plain.devices.list()), [other.device_id]);
  assert.deepEqual(ids(await seam.devices.list()), [other.device_id]);
});

test("a token function that fails is one clear error, and is not called in a storm", async (t) => {
  const site = await startWorker(t);
  const { one, session } = await twoUsers(site);
  const { endpoint } = site.info;
  const token = await session(one);
  const { Seam, SeamHttpInvalidTokenError } = await site.page();
  const thrown = new Error(`the back end is down, ${token}`);
  let called = 0;
  const seam = Seam.fromClientSessionToken(
    () => {
      called += 1;
      throw thrown;
    },
    { endpoint },
  );
  const list = seam.devices.watch();
  t.after(list.close);

  const errors = await Promise.all(
    [0, 1, 2].map(() => rejected(seam.devices.list())),
  );
  await listState(list, "stale");

  assert.equal(called, 1);
  assert.equal(list.status.reason.code, "no_token");
  for (const error of errors) {
    assert.ok(error instanceof SeamHttpInvalidTokenError);
    assert.deepEqual([error.code, error.outcome], ["no_token", "not_sent"]);
    assert.match(error.message, /the back end is down/);
    assert.equal(error.cause, thrown);
    assert.ok(!error.stack.includes(token));
  }
  assert.deepEqual(site.requests, []);
});

test("when the page that was asked for a token is closed, another is asked", async (t) => {
  const site = await startWorker(t);
  const { one, session, lock } = await twoUsers(site);
  const { endpoint } = site.info;
  const [first, second] = [await session(one), await session(one)];
  const { Seam, close } = await site.page();
  let asked;
  const goes = new Promise((resolve) => (asked = resolve));
  let called = 0;
  const never = () => {
    called += 1;
    if (called === 1) return first;
    asked();
    return new Promise(() => {});
  };
  await Seam.fromClientSessionToken(never, { endpoint }).devices.list();
  const { seam, asked: times } = await given(site, [first, second]);
  site.sandbox.endSession({ client_session_token: first });

  const call = seam.devices.list();
  call.catch(() => {});
  await goes;
  close();

  const [{ device_id }] = await call;
  assert.equal(device_id, lock.device_id);
  assert.equal(times(), 2);
});

/** A page whose renewed token `next` the worker has asked the server about, and waits. */
async function looking(t, given) {
  t.mock.timers.enable({ apis: ["setTimeout", "Date"], now: 1e12 });
  let go;
  const gone = new Promise((resolve) => (go = resolve));
  let looked;
  const looks = new Promise((resolve) => (looked = resolve));
  let next;
  const site = await startWorker(t, async ({ path, token }) => {
    if (path !== "/client_sessions/get" || token !== next) return undefined;
    looked();
    await gone;
    return undefined;
  });
  const of = await twoUsers(site);
  const first = await of.session(of.one);
  next = await of.session(of.one);
  const tokens = [first, ...given, next];
  const page = await site.page();
  const options = { endpoint: site.info.endpoint, timeout: 1_000 };
  const seam = page.Seam.fromClientSessionToken(() => tokens.shift(), options);
  await advanceUntilSettled(t, seam.devices.list().execute());
  site.sandbox.endSession({ client_session_token: first });
  let isOver = false;
  const listed = (async () => {
    while (!isOver) {
      try {
        return await seam.devices.list();
      } catch {
        await nextTask();
      }
    }
  })();
  t.after(() => (isOver = true));
  await advanceUntilSettled(t, looks);
  return { ...site, ...of, own: page, options, next, listed, go };
}

test("a list that is not polled calls a failing function again only on refresh()", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout", "Date"], now: 1e12 });
  const site = await startWorker(t);
  const { one, session } = await twoUsers(site);
  const token = await session(one);
  const { Seam } = await site.page();
  let asked = 0;
  let fails = true;
  const seam = Seam.fromClientSessionToken(
    () => {
      asked += 1;
      if (fails) throw new Error("not yet");
      return token;
    },
    { endpoint: site.info.endpoint },
  );
  const list = seam.devices.watch({}, { interval: Infinity });
  t.after(list.close);
  await listState(list, "stale");
  assert.equal(list.status.reason.code, "no_token");

  for (let minute = 0; minute < 30; minute += 1) {
    t.mock.timers.tick(60_000);
    await nextTask();
  }
  assert.equal(asked, 1);

  fails = false;
  const passed = performance.now() + 1_001;
  t.mock.method(performance, "now", () => passed);
  await list.refresh();
  await listState(list, "live");
  assert.equal(list.size, 1);
});

test("a list and a scope without a token have their devices once there is one", async (t) => {
  const site = await startWorker(t);
  const { one, session } = await twoUsers(site);
  const token = await session(one);
  const { Seam } = await site.page();
  let fails = true;
  const seam = Seam.fromClientSessionToken(
    () => {
      if (fails) throw new Error("not yet");
      return token;
    },
    { endpoint: site.info.endpoint },
  );
  const list = seam.devices.watch();
  t.after(list.close);
  await listState(list, "stale");
  fails = false;
  let devices;
  const ask = () =>
    seam.devices.list().then(
      (it) => (devices = it),
      () => {},
    );
  // The function is called again a second after it failed.
  await waitUntil(() => {
    void ask();
    return devices !== undefined;
  });
  assert.equal(devices.length, 1);

  const scope = await seam.scope();

  assert.deepEqual(
    scope.devices.map(({ device }) => device),
    devices,
  );
  assert.deepEqual(list.getSnapshot(), devices);
});

test("a late result of a token function moves no page to another user's client", async (t) => {
  let late;
  const pending = new Promise((resolve) => (late = resolve));
  const site = await looking(t, [pending]);
  const { two, session, lock, other, own, options, listed, go } = site;
  const strange = await session(two);

  late(strange);
  await nextTask();
  await own.heard();
  go();
  const [{ device_id }] = await listed;

  assert.equal(device_id, lock.device_id);
  const { Seam } = await site.page();
  const seam = Seam.fromClientSessionToken(() => strange, options);
  const devices = await seam.devices.list();
  assert.deepEqual(
    devices.map((it) => it.device_id),
    [other.device_id],
  );
});

test("a client whose last page is closed during a token refresh stays closed", async (t) => {
  const { next, own, page, requests, options, go } = await looking(t, []);
  const looks = () =>
    requests.filter(
      (it) => it.path === "/client_sessions/get" && it.token === next,
    ).length;

  own.close();
  const { Seam } = await page();
  go();
  await waitUntil(() => looks() === 1);
  await Seam.fromClientSessionToken(() => next, options).devices.list();

  await waitUntil(() => looks() === 2);
});

test("an action that was called as one user is not sent as the next, but with another token of the same user it is", async (t) => {
  const site = await startWorker(t);
  const { one, two, session, lock, other } = await twoUsers(site);
  const first = await session(one);
  const next = [await session(two), await session(one)];
  const gives = [];
  const waiting = next.map(
    (it) => new Promise((resolve) => gives.push(() => resolve(it))),
  );
  const pages = [
    await given(site, [first, next[0], waiting[0]]),
    await given(site, [first, waiting[1]]),
  ];
  site.sandbox.endSession({ client_session_token: first });
  await pages[0].seam.devices.list().catch(() => {});
  await waitUntil(() =>
    pages.every(({ said }) => said.some((it) => it.type === "token-required")),
  );

  const [refused, done] = pages.map(({ seam }, nth) =>
    seam.locks
      .unlockDoor({ device_id: [other, lock][nth].device_id })
      .then((it) => it.status)
      .catch((error) => error),
  );
  for (const give of gives) give();

  const { name, code, outcome } = await refused;
  assert.deepEqual(
    [name, code, outcome],
    ["SeamOutOfScopeError", "session_changed", "not_sent"],
  );
  assert.equal(await done, "success");
  assert.equal(site.asked("/locks/unlock_door"), 1);
  const { device_id } = other;
  const attempt = await pages[0].seam.locks.unlockDoor({ device_id });
  assert.equal(attempt.status, "success");
});

test("a call that waits for a token that is no longer valid waits for the next one", async (t) => {
  const site = await startWorker(t);
  const { one, two, session, other } = await twoUsers(site);
  const tokens = [await session(one), await session(one)];
  const strange = await session(two);
  let late;
  const waits = new Promise((resolve) => (late = resolve));
  const { seam, said, asked } = await given(site, [
    tokens[0],
    strange,
    waits,
    strange,
  ]);
  const refreshed = (times) =>
    waitUntil(
      () => said.filter((it) => it.type === "token-required").length === times,
    );
  site.sandbox.endSession({ client_session_token: tokens[0] });
  await seam.devices.list().catch(() => {});
  await refreshed(1);
  const call = seam.devices.list().execute();
  await waitUntil(() => asked() === 3);
  await seam.updateClientSessionToken(tokens[1]);
  await seam.devices.list();
  site.sandbox.endSession({ client_session_token: tokens[1] });
  await seam.devices.list().catch(() => {});
  await refreshed(2);

  late(tokens[1]);

  assert.deepEqual(
    (await call).map((it) => it.device_id),
    [other.device_id],
  );
});

test("a page that never returns a token blocks no other page", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout", "Date"], now: 1e12 });
  const site = await startWorker(t);
  const { one, session, lock } = await twoUsers(site);
  const options = { endpoint: site.info.endpoint, timeout: 1_000 };
  const [first, second] = [await session(one), await session(one)];
  const silent = await site.page();
  const answers = [first, new Promise(() => {})];
  const never = silent.Seam.fromClientSessionToken(
    () => answers.shift() ?? new Promise(() => {}),
    options,
  );
  await advanceUntilSettled(t, never.devices.list().execute());
  const { Seam } = await site.page();
  let given = 0;
  const seam = Seam.fromClientSessionToken(
    () => ((given += 1) === 1 ? first : second),
    options,
  );
  await advanceUntilSettled(t, seam.devices.list().execute());
  site.sandbox.endSession({ client_session_token: first });

  await advanceUntilSettled(t, rejected(seam.devices.list()));
  let listed;
  const listing = async () => {
    while (listed === undefined && given === 1) {
      listed = await seam.devices.list().catch(() => undefined);
    }
    listed ??= await seam.devices.list();
  };
  await advanceUntilSettled(t, listing());

  assert.deepEqual(
    listed.map((it) => it.device_id),
    [lock.device_id],
  );
  assert.equal(given, 2);
});
