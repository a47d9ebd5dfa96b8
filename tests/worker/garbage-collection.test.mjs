// Clients of seam-session/worker that are no longer referenced. Both sides run in Node, and tests
// run the garbage collector.
import assert from "node:assert/strict";
import { test } from "node:test";

import { collect, collected } from "../support/gc.mjs";
import { watchMemories } from "../support/many-calls.mjs";
import { liveList, twoUsers, startWorker } from "../support/worker-in-node.mjs";

/** What is not collected is a failure. */
const LIMIT = { timeout: 30_000 };

/** The numbers of a page's clients that the worker was told to let go of. */
const closed = ({ posted }) =>
  posted.filter((it) => it.type === "close-client").map((it) => it.client);

/** The number of the client that was opened last. */
const opened = ({ posted }) =>
  posted.findLast((it) => it.type === "open-client").client;

/** How often the server was asked whose a token is: once for each client of the worker's. */
const looks = ({ asked }) => asked("/client_sessions/get");

for (const [name, use] of [
  ["has made calls", (seam) => seam.devices.list()],
  [
    "has watched",
    async (seam, t) => {
      (await liveList(t, seam)).close();
    },
  ],
  ["has a scope", (seam) => seam.scope()],
]) {
  for (const given of ["a token", "a token function"]) {
    test(
      `a client with ${given} that ${name} is released in the worker too`,
      LIMIT,
      async (t) => {
        const site = await startWorker(t);
        const { endpoint, client_session_token: token } = site.info;
        const page = await site.page();
        const make = () =>
          page.Seam.fromClientSessionToken(
            given === "a token" ? token : () => token,
            { endpoint },
          );
        // In a function of its own, so that nothing here has it.
        const dropped = await (async () => {
          const seam = make();
          await use(seam, t);
          return opened(page);
        })();

        await collected(() => closed(page).length > 0);
        await page.heard();

        assert.deepEqual(closed(page), [dropped]);
        const before = looks(site);
        await liveList(t, make());
        assert.equal(looks(site), before + 1, "it is another client");
      },
    );
  }
}

for (const [name, use] of [
  ["the client itself", (seam) => seam],
  ["a list that is watched", (seam, t) => liveList(t, seam)],
  ["a scope", (seam) => seam.scope()],
  ["a namespace", ({ devices }) => devices],
]) {
  test(`${name} keeps the client`, LIMIT, async (t) => {
    const site = await startWorker(t);
    const { endpoint, client_session_token: token } = site.info;
    const page = await site.page();
    const make = () => page.Seam.fromClientSessionToken(token, { endpoint });
    const kept = await (async () => {
      const seam = make();
      await seam.devices.list();
      return { it: await use(seam, t), client: opened(page) };
    })();
    // What is dropped after it shows that the collector has been there.
    await (async () => void (await make().devices.list()))();

    await collected(() => closed(page).length > 0);

    assert.ok(!closed(page).includes(kept.client));
    assert.ok(kept.it);
  });
}

test(
  "a list of which only a listener is left keeps updating",
  LIMIT,
  async (t) => {
    const site = await startWorker(t);
    const { endpoint, client_session_token: token } = site.info;
    const page = await site.page();
    let heard = 0;
    await (async () => {
      const seam = page.Seam.fromClientSessionToken(token, { endpoint });
      const list = seam.devices.watch({}, { interval: 1_000 });
      list.subscribe(() => (heard += 1));
      await new Promise((resolve) => {
        const off = list.subscribe(() => {
          if (list.status.state !== "live") return;
          off();
          resolve();
        });
      });
    })();
    t.after(() => page.close());
    await collect();

    const [{ device_id }] = await site.backEnd.devices.list();
    const before = heard;
    await site.backEnd.devices.update({ device_id, name: "Renamed" });
    await collected(() => heard > before);

    assert.deepEqual(closed(page), []);
  },
);

test(
  "a listener is notified even if nothing else references the list, which is fetched once",
  LIMIT,
  async (t) => {
    let hold;
    const held = new Promise((resolve) => (hold = resolve));
    const site = await startWorker(t, async ({ path }) => {
      if (path === "/devices/list") await held;
      return undefined;
    });
    const { endpoint, client_session_token: token } = site.info;
    const page = await site.page();
    const added = new Promise((resolve) => {
      const seam = page.Seam.fromClientSessionToken(token, { endpoint });
      const list = seam.devices.watch({}, { interval: Infinity });
      const { changes } = list;
      void changes[Symbol.asyncIterator]()
        .next()
        .then(({ value }) => resolve(value.added));
    });
    await collected(() => site.asked("/devices/list") > 0);
    for (let nth = 0; nth < 5; nth += 1) await collect();
    hold();

    assert.equal((await added).length, 1);
    await collected(() => closed(page).length > 0);
  },
);

test(
  "no token is requested for a client that was dropped",
  LIMIT,
  async (t) => {
    const site = await startWorker(t);
    const { one, session } = await twoUsers(site);
    const { endpoint } = site.info;
    const [first, second] = [await session(one), await session(one)];
    const [goes, stays] = [await site.page(), await site.page()];
    const asked = [];
    const make = ({ Seam }, name) => {
      let times = 0;
      return Seam.fromClientSessionToken(
        () => {
          asked.push(name);
          return (times += 1) === 1 ? first : second;
        },
        { endpoint },
      );
    };
    await (async () => {
      const seam = make(goes, "goes");
      await seam.devices.list();
    })();
    const seam = make(stays, "stays");
    await seam.devices.list();
    await collected(() => closed(goes).length > 0);
    await goes.heard();
    site.sandbox.endSession({ client_session_token: first });

    await seam.devices.list();

    assert.deepEqual(asked, ["goes", "stays", "stays"]);
  },
);

test(
  "lists and scopes of dropped clients leave no memory in the worker",
  LIMIT,
  async (t) => {
    const memories = watchMemories(globalThis);
    const site = await startWorker(t);
    const { one, session } = await twoUsers(site);
    const { endpoint } = site.info;
    const page = await site.page();
    const one_ = async () => {
      const token = await session(one);
      const seam = page.Seam.fromClientSessionToken(token, { endpoint });
      await seam.scope();
    };
    await one_();
    await collected(() => closed(page).length === 1);
    await page.heard();
    await collect();
    const before = memories().length;

    for (let nth = 0; nth < 10; nth += 1) await one_();
    const most = memories().length;
    await collected(() => closed(page).length === 11);
    await page.heard();

    assert.ok(most > before, `${most}`);
    // What the test has recorded are requests, which keep who has made them.
    site.requests.length = 0;
    globalThis.fetch.mock.resetCalls();
    await collected(() => memories().length <= before);
  },
);

test(
  "a call of a client that is no longer referenced settles",
  LIMIT,
  async (t) => {
    let hold;
    const held = new Promise((resolve) => (hold = resolve));
    let sent;
    const isSent = new Promise((resolve) => (sent = resolve));
    const site = await startWorker(t, async ({ path, token }) => {
      if (path !== "/locks/list" || token !== first) return undefined;
      sent();
      await held;
      return undefined;
    });
    const { one, session, lock } = await twoUsers(site);
    const { endpoint } = site.info;
    const first = await session(one);
    const tokens = [first, await session(one)];
    const { Seam } = await site.page();

    const call = await (async () => {
      const seam = Seam.fromClientSessionToken(() => tokens.shift(), {
        endpoint,
      });
      await seam.devices.list();
      return [seam.locks.list().execute()];
    })();
    await isSent;
    site.sandbox.endSession({ client_session_token: first });
    for (let nth = 0; nth < 5; nth += 1) await collect();
    hold();

    assert.deepEqual(
      (await call[0]).map((it) => it.device_id),
      [lock.device_id],
    );
  },
);
