// The session of a page's client in a worker: another token, a sign-out, and a client that is
// pinned to a user identity. Both sides run in Node.
import assert from "node:assert/strict";
import { test } from "node:test";

import {
  liveList,
  listState,
  twoUsers,
  startWorker,
} from "../support/worker-in-node.mjs";
import { rejected } from "../support/errors.mjs";
import { nextTask, waitUntil } from "../support/waiting.mjs";

const ids = (devices) => devices.map((it) => it.device_id);
const summary = ({ name, code, outcome }) => [name, code, outcome];

/**
 * A page of a client of the first user's, with a live list and a scope. What is asked about a
 * session of `held()`'s waits for `release()`.
 */
async function watching(t) {
  let held;
  let release;
  const isReleased = new Promise((resolve) => (release = resolve));
  const site = await startWorker(t, async ({ path, token }) => {
    if (token === held && path === "/client_sessions/get") await isReleased;
    return undefined;
  });
  const of = await twoUsers(site);
  const token = await of.session(of.one);
  const { endpoint } = site.info;
  const page = await site.page();
  const seam = page.Seam.fromClientSessionToken(token, { endpoint });
  const list = await liveList(t, seam);
  const scope = await seam.scope();
  const hold = (it) => ((held = it), it);
  return { ...site, ...of, page, seam, list, scope, token, hold, release };
}

test("while another token is checked nothing is shown and calls wait; then they go as its user", async (t) => {
  const site = await watching(t);
  const { seam, list, scope, lock, other, requests, hold, release } = site;
  const next = hold(await site.session(site.two));
  const seen = [];
  list.subscribe(() => seen.push(...ids(list.getSnapshot())));

  const update = seam.updateClientSessionToken(next);

  assert.deepEqual(list.getSnapshot(), []);
  assert.equal(list.get(lock.device_id), undefined);
  assert.equal(list.status.state, "loading");
  assert.deepEqual(scope.devices, []);
  assert.equal(scope.user_identity_id, undefined);
  const { device_id } = other;
  const action = seam.locks.unlockDoor({ device_id }).execute();
  const listed = seam.devices.list().execute();
  await waitUntil(() => requests.some((it) => it.token === next));
  for (let nth = 0; nth < 20; nth += 1) await nextTask();
  assert.deepEqual(
    requests.filter((it) => it.token === next).map((it) => it.path),
    ["/client_sessions/get"],
  );
  assert.deepEqual(list.getSnapshot(), []);
  release();

  await update;
  assert.equal((await action).status, "success");
  assert.deepEqual(ids(await listed), [device_id]);
  await listState(list, "live");
  assert.deepEqual(ids(list.getSnapshot()), [device_id]);
  assert.ok(!seen.includes(lock.device_id));
  const acts = requests.filter(({ path }) => path === "/locks/unlock_door");
  assert.deepEqual(
    acts.map((it) => it.token),
    [next],
  );
  assert.equal((await seam.scope()).has(device_id), true);
  assert.deepEqual(scope.devices, []);
});

test("a token that the server rejects changes nothing: the list comes back, and reads go on", async (t) => {
  const site = await watching(t);
  const { seam, list, scope, lock, token, requests, hold, release } = site;
  const dead = hold(await site.session(site.two));
  site.sandbox.endSession({ client_session_token: dead });
  const before = list.getSnapshot();
  const states = [];
  list.subscribe(() => states.push([list.status.state, list.size]));

  const update = rejected(seam.updateClientSessionToken(dead));
  const { device_id } = lock;
  const read = seam.locks.list().execute();
  const action = rejected(seam.locks.unlockDoor({ device_id }).execute());
  const rounds = site.asked("/devices/list");
  release();

  const error = await update;
  assert.equal(error.reason, "token_refused");
  assert.deepEqual(states.slice(0, 2), [
    ["loading", 0],
    ["stale", 1],
  ]);
  await listState(list, "live");
  await waitUntil(() => site.asked("/devices/list") > rounds);
  assert.equal(list.getSnapshot(), before);
  assert.equal(scope.has(device_id), true);
  assert.deepEqual(ids(await read), [device_id]);
  assert.ok(requests.some((it) => it.path === "/locks/list"));
  // It was meant for the user of the other token.
  assert.deepEqual(summary(await action), [
    "SeamOutOfScopeError",
    "session_changed",
    "not_sent",
  ]);
  assert.equal(site.asked("/locks/unlock_door"), 0);
  await seam.locks.unlockDoor({ device_id });
  assert.equal(requests.at(-1).token, token);
});

test("an invalid token hides nothing and sends nothing", async (t) => {
  const { seam, list, requests, page } = await watching(t);
  const before = requests.length;
  let heard = 0;
  list.subscribe(() => (heard += 1));

  for (const wrong of ["", "seam_at1_key", "seam_cst1 a", undefined]) {
    const error = await rejected(seam.updateClientSessionToken(wrong));
    assert.equal(error.code, "invalid_token");
  }

  await page.heard();
  assert.equal(list.size, 1);
  assert.equal(heard, 0);
  assert.equal(requests.length, before);
});

test("of two tokens that are checked at the same time the later one wins", async (t) => {
  for (const isFirstSlow of [true, false]) {
    await t.test(isFirstSlow ? "the first is slow" : "both are", async (t) => {
      const site = await watching(t);
      const { seam, list, other, hold, release } = site;
      const first = await site.session(site.one);
      const second = await site.session(site.two);
      hold(isFirstSlow ? first : second);
      const [one, two] = [first, second].map((it) =>
        seam.updateClientSessionToken(it),
      );
      const earlier = rejected(one);
      if (isFirstSlow) await two;
      release();

      const names = ["SeamOutOfScopeError", "session_changed", "not_sent"];
      assert.deepEqual(summary(await earlier), names);
      await two;
      assert.deepEqual(ids(await seam.devices.list()), [other.device_id]);
      await listState(list, "live");
      assert.deepEqual(ids(list.getSnapshot()), [other.device_id]);
    });
  }
});

test("a client without a token stays without one when a token is rejected", async (t) => {
  const site = await startWorker(t);
  const { one, session, lock } = await twoUsers(site);
  const [dead, good] = [await session(one), await session(one)];
  site.sandbox.endSession({ client_session_token: dead });
  const { Seam } = await site.page();
  let asked = 0;
  const { endpoint } = site.info;
  const seam = Seam.fromClientSessionToken(
    () => {
      asked += 1;
      return good;
    },
    { endpoint },
  );

  const error = await rejected(seam.updateClientSessionToken(dead));
  assert.equal(error.reason, "token_refused");
  assert.equal(asked, 0);

  assert.deepEqual(ids(await seam.devices.list()), [lock.device_id]);
  assert.equal(asked, 1);
});

test("a paginator stops when another user's token comes between two pages", async (t) => {
  const { seam, one, two, other, session, backEnd } = await watching(t);
  const { device_id } = other;
  await backEnd.userIdentities.grantAccessToDevice({ ...one, device_id });
  const pages = seam.createPaginator(seam.devices.list({ limit: 1 }));
  const iterator = pages[Symbol.asyncIterator]();
  assert.equal((await iterator.next()).value.length, 1);
  await seam.updateClientSessionToken(await session(two));

  const error = await rejected(iterator.next());
  assert.deepEqual(summary(error), [
    "SeamOutOfScopeError",
    "session_changed",
    "not_sent",
  ]);
});

for (const [how, end] of [
  ["gives null", () => null],
  [
    "throws a SeamSignedOutError",
    ({ SeamSignedOutError }) => {
      throw new SeamSignedOutError();
    },
  ],
]) {
  test(`a function that ${how} at its first call ends the session, and is not called again`, async (t) => {
    const site = await startWorker(t);
    const { one, session, lock } = await twoUsers(site);
    const page = await site.page();
    let asked = 0;
    const seam = page.Seam.fromClientSessionToken(
      () => {
        asked += 1;
        return end(page);
      },
      { endpoint: site.info.endpoint },
    );
    const list = seam.devices.watch();
    t.after(list.close);
    const error = await rejected(seam.devices.list());
    assert.ok(error instanceof page.SeamSignedOutError);
    await listState(list, "stopped");
    assert.equal(list.status.reason.code, "signed_out");

    const passed = performance.now() + 60_000;
    t.mock.method(performance, "now", () => passed);
    const again = await rejected(
      seam.locks.unlockDoor({ device_id: lock.device_id }),
    );
    assert.deepEqual(summary(again), [
      "SeamSignedOutError",
      "signed_out",
      "not_sent",
    ]);
    assert.equal(asked, 1);
    assert.equal(site.asked("/locks/unlock_door"), 0);

    await seam.updateClientSessionToken(await session(one));
    assert.deepEqual(ids(await seam.devices.list()), [lock.device_id]);
    await listState(list, "live");
    assert.equal(asked, 1);
  });

  test(`a function that ${how} for the next token ends the session for all pages, and no other function is called`, async (t) => {
    const site = await startWorker(t);
    const { one, session } = await twoUsers(site);
    const token = await session(one);
    const asked = [];
    const pages = [];
    for (const nth of [0, 1]) {
      const page = await site.page();
      let isFirst = true;
      const seam = page.Seam.fromClientSessionToken(
        () => {
          asked.push(nth);
          if (!isFirst) return end(page);
          isFirst = false;
          return token;
        },
        { endpoint: site.info.endpoint },
      );
      pages.push({ page, seam, list: await liveList(t, seam) });
    }
    site.sandbox.endSession({ client_session_token: token });

    for (const { seam, page } of pages) {
      for (let nth = 0; nth < 2; nth += 1) {
        const error = await rejected(seam.locks.list());
        assert.ok(error instanceof page.SeamSignedOutError, error.message);
        assert.equal(error.code, "signed_out");
      }
    }
    for (const { list } of pages) {
      await waitUntil(() => list.size === 0);
      await listState(list, "stopped");
    }
    assert.deepEqual(asked.length, 3);
  });
}

test("a client that is pinned to a user identity sends nothing as another, and shares nothing with one that is not", async (t) => {
  const site = await startWorker(t);
  const { one, two, session, lock } = await twoUsers(site);
  const token = await session(one);
  const { endpoint } = site.info;
  const make = async (userIdentityId) => {
    const { Seam } = await site.page();
    return Seam.fromClientSessionToken(token, { endpoint, userIdentityId });
  };
  const right = await make(one.user_identity_id);
  const wrong = await make(two.user_identity_id);
  const { device_id } = lock;
  const before = site.requests.length;

  for (const call of [
    wrong.devices.list(),
    wrong.locks.unlockDoor({ device_id }),
  ]) {
    assert.equal((await rejected(call)).code, "wrong_user");
  }
  const paths = site.requests.slice(before).map((it) => it.path);
  assert.deepEqual([...new Set(paths)], ["/client_sessions/get"]);

  assert.deepEqual(ids(await right.devices.list()), [device_id]);
  const error = await rejected(
    right.updateClientSessionToken(await session(two)),
  );
  assert.equal(error.code, "wrong_user");
  assert.deepEqual(ids(await right.devices.list()), [device_id]);
});

test("a function is called again after the clock was set back", async (t) => {
  const site = await startWorker(t);
  const { one, session, lock } = await twoUsers(site);
  const token = await session(one);
  t.mock.timers.enable({ apis: ["Date"], now: Date.now() });
  let now = performance.now();
  t.mock.method(performance, "now", () => now);
  const { Seam } = await site.page();
  let fails = true;
  let asked = 0;
  const seam = Seam.fromClientSessionToken(
    () => {
      asked += 1;
      if (fails) throw new Error("down");
      return token;
    },
    { endpoint: site.info.endpoint },
  );
  assert.equal((await rejected(seam.devices.list())).code, "no_token");
  fails = false;
  t.mock.timers.setTime(Date.now() - 3_600_000);
  now += 1_001;

  assert.deepEqual(ids(await seam.devices.list()), [lock.device_id]);
  assert.equal(asked, 2);
});

test("a paginator goes on when a page's next token is of the same user, and stops when it is not", async (t) => {
  for (const isSameUser of [true, false]) {
    const site = await startWorker(t, ({ path, body }) => {
      if (path !== "/devices/list") return undefined;
      const { page_cursor: cursor } = JSON.parse(body);
      const pagination = {
        has_next_page: cursor === undefined,
        next_page_cursor: cursor === undefined ? "next" : null,
        next_page_url: null,
      };
      const devices = [{ device_id: cursor ?? "first" }];
      return Response.json({ devices, pagination, ok: true });
    });
    const of = await twoUsers(site);
    const { endpoint } = site.info;
    const { Seam } = await site.page();
    const token = await of.session(of.one);
    const seam = Seam.fromClientSessionToken(token, { endpoint });
    const paginator = seam.createPaginator(seam.devices.list());
    const [, { nextPageCursor }] = await paginator.firstPage();

    const next = await of.session(isSameUser ? of.one : of.two);
    await seam.updateClientSessionToken(next);

    if (isSameUser) {
      const [devices] = await paginator.nextPage(nextPageCursor);
      assert.deepEqual(ids(devices), ["next"]);
    } else {
      const error = await rejected(paginator.nextPage(nextPageCursor));
      assert.equal(error.code, "session_changed");
    }
    t.mock.restoreAll();
  }
});

test("a response that nests too deeply for a message is an error of its call alone", async (t) => {
  const deep = 20_000;
  const site = await startWorker(t, ({ path }) =>
    path === "/devices/get"
      ? new Response(
          `{"device":{"device_id":"d","x":${"[".repeat(deep)}${"]".repeat(deep)}},"ok":true}`,
        )
      : undefined,
  );
  const of = await twoUsers(site);
  const { endpoint } = site.info;
  const { Seam } = await site.page();
  const token = await of.session(of.one);
  const seam = Seam.fromClientSessionToken(token, { endpoint });
  const error = await rejected(seam.devices.get({ device_id: "d" }));
  assert.deepEqual(
    [error.code, error.outcome],
    ["invalid_response", "unknown"],
  );
  assert.equal((await seam.devices.list()).length, 1);
});
