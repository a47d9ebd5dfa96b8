// Token functions in Chromium: sessions that end in use or while the computer sleeps, another
// user's token, a function that fails.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";

import { launch } from "../support/browser.mjs";
import { installClock } from "../support/clock.mjs";
import { folder, Seam } from "../support/installed.mjs";
import { servePage } from "../support/plain-page.mjs";
import { startSandbox } from "../support/sandbox.mjs";
import { HOUR, MINUTE, waitUntil } from "../support/waiting.mjs";

const dist = pathToFileURL(`${folder}dist/`);
const script = `(${installClock})(globalThis);`;

/** What waits in the page for something that does not come ends by this. */
const options = { timeout: 120_000 };

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

/**
 * A page with a client whose function gets its tokens here, one session of an hour each:
 * of the user `give()` says, or what it throws. Nothing may have surfaced in the page when
 * the test is over.
 */
async function visit(t, give = ({ one }) => one) {
  const { endpoint, api_key } = await startSandbox(t);
  const backEnd = Seam.fromApiKey(api_key, { endpoint });
  const locks = await backEnd.locks.list();
  const ids = locks.map(({ device_id }) => device_id);
  const user = async (device_id) => {
    const { user_identity_id } = await backEnd.userIdentities.create();
    const one = { user_identity_id, device_id };
    await backEnd.userIdentities.grantAccessToDevice(one);
    return user_identity_id;
  };
  const users = { one: await user(ids[0]), two: await user(ids[1]) };

  /** How far the server's clock is ahead. */
  let ahead = 0;
  const sessions = [];
  let asked = 0;
  const token = async () => {
    asked += 1;
    const user_identity_id = give({ ...users, asked });
    const expires_at = new Date(Date.now() + ahead + HOUR).toISOString();
    const wish = { user_identity_id, expires_at };
    const session = await backEnd.clientSessions.create(wish);
    sessions.push(session);
    return session.token;
  };
  /** The session of the token in use ends at the server. */
  const revoke = () => {
    const { client_session_id } = sessions.at(-1);
    return backEnd.clientSessions.revoke({ client_session_id });
  };
  /** So much time passes at the server. */
  const pass = (advance_ms) => {
    ahead += advance_ms;
    return backEnd.request("/_sandbox/clock", { advance_ms });
  };

  const served = await servePage(dist, { script });
  t.after(() => served.close());
  const page = await browser.newPage();
  const surfaced = [];
  page.on("pageerror", (error) => surfaced.push(String(error)));
  t.after(async () => {
    await page.close();
    assert.deepEqual(surfaced, []);
  });
  await page.exposeFunction("token", token);
  await page.goto(served.url);
  await page.evaluate(begin, endpoint);
  /** What was answered since the last time, by the number of its token, the first being 1. */
  const takeAnswered = () => {
    const { sent } = globalThis;
    const answered = sent.filter(({ status }) => status !== undefined);
    for (const it of answered) sent.splice(sent.indexOf(it), 1);
    return answered;
  };
  const sent = async () =>
    (await page.evaluate(takeAnswered)).map((it) => ({
      ...it,
      token: 1 + sessions.findIndex(({ token }) => it.token === token),
    }));
  return { page, ids, sessions, asked: () => asked, revoke, pass, sent };
}

/** Makes the client, and what the tests do with it. */
async function begin(endpoint) {
  const { Seam } = await import("/index.js");
  const sent = [];
  const underWay = new Set();
  /** Keeps the time from passing until it has an answer, as a whole. */
  const waited = (work) => {
    const promise = work();
    underWay.add(promise);
    const over = () => underWay.delete(promise);
    promise.then(over, over);
    return promise;
  };
  const seam = Seam.fromClientSessionToken(
    () => waited(() => globalThis.token()),
    {
      endpoint,
      maxRetries: 0,
      fetch: (request) =>
        waited(async () => {
          const { pathname: path } = new URL(request.url);
          const token = request.headers.get("authorization").split(" ")[1];
          const it = { path, token };
          sent.push(it);
          const answer = await fetch(request);
          it.status = answer.status;
          return new Response(await answer.arrayBuffer(), answer);
        }),
    },
  );
  const idsOf = (devices) => devices.map(({ device_id }) => device_id);
  Object.assign(globalThis, {
    ...{ seam, sent },
    /** Passes so many milliseconds, in which what is asked has its answers; no further once `holds`. */
    pass: async (ms, holds = () => false) => {
      const { clock } = globalThis;
      const stops = () => underWay.size > 0 || holds();
      for (let left = ms; left > 0 && !holds();) {
        left -= await clock.pass(left, stops);
        await Promise.allSettled(underWay);
      }
    },
    /** Makes so many calls at once; what came of each, as ids or as an error's members. */
    calls: async (count) => {
      const calls = Array.from({ length: count }, () => seam.devices.list());
      return (await Promise.allSettled(calls)).map(({ value, reason }) =>
        value ? { ids: idsOf(value) } : globalThis.summary(reason),
      );
    },
    summary: ({ name, code, outcome, message }) => ({
      ...{ name, code, outcome, message },
    }),
    /** Watches the devices until they are there. */
    watch: async () => {
      const list = (globalThis.list = seam.devices.watch());
      await globalThis.until(() => list.status.state === "live");
      globalThis.shown = list.getSnapshot();
    },
    ids: () => idsOf(globalThis.list.getSnapshot()),
    /** Resolves when `holds` does, which is looked at after each change of the list. */
    until: (holds) =>
      new Promise((resolve) => {
        const look = () => {
          if (!holds()) return;
          off();
          resolve();
        };
        const off = globalThis.list.subscribe(look);
        look();
      }),
  });
}

const calls = (count) => globalThis.calls(count);
const watch = () => globalThis.watch();
/** The list's, and whether it shows the objects that it showed at first. */
const shown = () => {
  const { list, shown } = globalThis;
  const { state } = list.status;
  return { state, size: list.size, same: list.getSnapshot() === shown };
};

test(
  "the token of a session revoked in use is refreshed once for many calls, and the list keeps its data",
  options,
  async (t) => {
    const { page, ids, asked, revoke, sent } = await visit(t);
    await page.evaluate(watch);
    assert.equal(asked(), 1);
    await sent();

    await revoke();
    const results = await page.evaluate(calls, 20);

    assert.deepEqual(results, Array(20).fill({ ids: [ids[0]] }));
    assert.equal(asked(), 2);
    const after = [];
    const lists = (token) =>
      after.filter((it) => it.path === "/devices/list" && it.token === token);
    // A round of the watched list comes with the calls: the session is another one.
    await waitUntil(async () => {
      after.push(...(await sent()));
      return lists(2).length >= 21;
    });
    assert.equal(lists(1).length, 20);
    assert.ok(lists(1).every(({ status }) => status === 401));
    assert.equal(lists(2).length, 21);
    assert.ok(lists(2).every(({ status }) => status === 200));
    const there = { state: "live", size: 1, same: true };
    assert.deepEqual(await page.evaluate(shown), there);
    await page.evaluate(() => globalThis.list.refresh());
    assert.deepEqual(await page.evaluate(shown), there);
    assert.equal(asked(), 2);
  },
);

test(
  "a page that stays open refreshes its token before it expires, and no call is refused",
  options,
  async (t) => {
    const { page, asked, pass, sent } = await visit(t);
    await page.evaluate(watch);
    await sent();

    const states = [];
    for (let minute = 0; minute < 180; minute += 1) {
      await pass(MINUTE);
      await page.evaluate((ms) => globalThis.pass(ms), MINUTE);
      states.push((await page.evaluate(shown)).state);
    }

    assert.deepEqual([...new Set(states)], ["live"]);
    assert.equal(asked(), 4, "in three hours");
    const after = await sent();
    assert.ok(after.length >= 18);
    assert.ok(after.every(({ status }) => status === 200));
  },
);

for (const [who, work] of [
  ["its calls", async () => void (await globalThis.calls(10))],
  [
    "its next poll",
    async () => {
      const { pass, sent } = globalThis;
      const isPolled = () => sent.some(({ path }) => path === "/devices/list");
      await pass(120_000, isPolled);
    },
  ],
])
  test(
    `a laptop that wakes with an expired token has another one before ${who}`,
    options,
    async (t) => {
      const { page, asked, pass, sent } = await visit(t);
      await page.evaluate(watch);
      // Nothing may be under way when the server's clock goes ahead of the page's.
      await page.evaluate(() => globalThis.list.refresh());
      await sent();

      await pass(8 * HOUR);
      await page.evaluate((ms) => globalThis.clock.sleep(ms), 8 * HOUR);
      await page.evaluate(work);

      assert.equal(asked(), 2);
      const after = await sent();
      assert.ok(after.some(({ path }) => path === "/devices/list"));
      for (const { token, status } of after) {
        assert.deepEqual([token, status], [2, 200]);
      }
      const there = { state: "live", size: 1, same: true };
      assert.deepEqual(await page.evaluate(shown), there);
    },
  );

test(
  "with another user's token nothing of the first user is shown, and nothing is sent as the other",
  options,
  async (t) => {
    const site = await visit(t, ({ one, two, asked }) =>
      asked === 1 ? one : two,
    );
    const { page, ids, asked, revoke, sent } = site;
    await page.evaluate(watch);
    await sent();

    await revoke();
    const result = await page.evaluate(async ([first]) => {
      const { seam, list, sent, summary, until } = globalThis;
      const seen = [];
      list.subscribe(() => {
        const tokens = new Set(sent.map(({ token }) => token));
        seen.push({ tokens: tokens.size, ids: globalThis.ids() });
      });
      const action = seam.locks
        .unlockDoor({ device_id: first })
        .then(() => "done", summary);
      const reads = globalThis.calls(5);
      const [refused, listed] = [await action, await reads];
      await until(() => list.status.state === "live" && list.size === 1);
      return { refused, listed, seen, last: globalThis.ids() };
    }, ids);

    assert.equal(result.refused.outcome, "refused");
    assert.deepEqual(result.listed, Array(5).fill({ ids: [ids[1]] }));
    assert.deepEqual(result.last, [ids[1]]);
    const firsts = result.seen.filter((it) => it.ids.includes(ids[0]));
    assert.deepEqual(firsts, [], "from its emptying on");
    assert.equal(asked(), 2);
    const acts = (await sent()).filter(({ path }) => /unlock_door/.test(path));
    assert.deepEqual(
      acts.map(({ token, status }) => [token, status]),
      [[1, 401]],
    );
  },
);

test(
  "a function that fails is one clear error for all waiting calls, and works again after a while",
  options,
  async (t) => {
    let isDown = true;
    const { page, ids, asked, sent } = await visit(t, ({ one }) => {
      if (isDown) throw new Error("the back end is down, seam_cst1secret_x");
      return one;
    });

    const failed = await page.evaluate(calls, 10);
    const soon = await page.evaluate(calls, 10);

    const [{ name, code, outcome, message }] = failed;
    assert.deepEqual(
      { name, code, outcome },
      {
        name: "SeamHttpInvalidTokenError",
        code: "no_token",
        outcome: "not_sent",
      },
    );
    assert.match(message, /clientSessionToken function .* back end is down/);
    assert.ok(!message.includes("secret"), message);
    assert.deepEqual([...failed, ...soon], Array(20).fill(failed[0]));
    assert.equal(asked(), 1);
    assert.deepEqual(await sent(), []);

    isDown = false;
    await page.evaluate((ms) => globalThis.pass(ms), MINUTE);
    assert.deepEqual(await page.evaluate(calls, 2), [
      { ids: [ids[0]] },
      { ids: [ids[0]] },
    ]);
    assert.equal(asked(), 2);
  },
);

test(
  "a list of a session revoked while the function fails is empty, and returns when the function works",
  options,
  async (t) => {
    let isDown = false;
    const { page, ids, asked, revoke } = await visit(t, ({ one }) => {
      if (isDown) throw new Error("the back end is down");
      return one;
    });
    await page.evaluate(watch);

    isDown = true;
    await revoke();
    const failed = await page.evaluate(calls, 5);
    const meanwhile = await page.evaluate(async () => {
      const { list, until } = globalThis;
      await until(() => list.status.state === "stale");
      return [globalThis.ids(), list.status.reason.code];
    });

    assert.deepEqual(
      failed.map(({ code, outcome }) => [code, outcome]),
      Array(5).fill(["no_token", "refused"]),
    );
    assert.deepEqual(meanwhile, [[], "no_token"]);
    assert.equal(asked(), 2);

    isDown = false;
    await page.evaluate((ms) => globalThis.pass(ms), 2 * MINUTE);
    const back = await page.evaluate(async () => {
      const { list, until } = globalThis;
      await until(() => list.status.state === "live");
      return globalThis.ids();
    });
    assert.deepEqual(back, [ids[0]]);
    assert.equal(asked(), 3);
  },
);
