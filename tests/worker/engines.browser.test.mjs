// seam-session/worker in each browser engine: one worker for all tabs, or one per tab where there
// are no shared workers; tokens of several users; workers that die and tabs that close.
import assert from "node:assert/strict";
import { test } from "node:test";

import { Seam } from "../support/installed.mjs";
import { engines, startBrowser } from "../support/webdriver.mjs";
import { workerSite } from "../support/worker-site.mjs";

const OTHER = { user_identifier_key: "somebody-else-of-this-test" };

/** What never answers, as a worker that does not start, is a failure. */
const LIMIT = { timeout: 120_000 };

for (const engine of engines)
  test(`${engine}`, LIMIT, async (t) => {
    const browser = await startBrowser(engine);
    t.after(() => browser.close());

    /** A site of its own; `tab({ token, without })` opens it with a client, in a tab. */
    async function visit(t) {
      let held = { paths: /^$/ };
      const site = await workerSite(t, {
        answer: (sent) => {
          const { paths, count, all, come } = held;
          if (!paths.test(sent.path)) return undefined;
          if (all.push(sent) === count) come(all);
          return new Promise(() => {});
        },
      });
      /** So many requests are never answered; gives them when they are there. */
      const hold = (paths, count) =>
        new Promise((come) => (held = { paths, count, all: [], come }));
      const tabs = new Set();
      t.after(async () => {
        for (const tab of [...tabs]) await tab.close();
      });
      const { endpoint, info } = site;
      const tab = async ({
        token = info.client_session_token,
        without,
      } = {}) => {
        // The browser's first stays as it is: without any, it would end.
        const [first] = await browser.pages();
        await browser.turn(first);
        const handle = await browser.page();
        const it = {
          async run(work, argument) {
            await browser.turn(handle);
            return browser.run(work, argument);
          },
          /** Goes elsewhere and back; whether the browser has kept the page meanwhile. */
          async back() {
            await browser.open("about:blank");
            await browser.back();
            const isKept = await it.run(async () => "seam" in globalThis);
            if (!isKept) await it.run(begin, { token, endpoint, without });
            return isKept;
          },
          async close() {
            tabs.delete(it);
            assert.deepEqual(await it.run(surfaced), []);
            await browser.closePage();
          },
        };
        tabs.add(it);
        await browser.turn(handle);
        await browser.open(endpoint);
        await it.run(begin, { token, endpoint, without });
        return it;
      };
      const { fetch } = site.sandbox;
      const backEnd = Seam.fromApiKey(info.api_key, {
        endpoint: info.endpoint,
        fetch,
      });
      const session = async (of) =>
        (await backEnd.clientSessions.create(of)).token;
      return { ...site, tab, hold, session };
    }

    await t.test("tabs share one worker, and poll once", async (t) => {
      const { tab, asked, count, info } = await visit(t);

      const tabs = [await tab(), await tab()];
      const shown = [];
      for (const { run } of tabs) shown.push(await run(watched));
      const polls = count("/devices/list");
      const called = [];
      for (const { run } of tabs) called.push(await run(listed));

      const [{ ids, workers }] = shown;
      assert.ok(ids.length > 0);
      assert.deepEqual(workers, { shared: 1, own: 0 });
      assert.deepEqual(shown[1], shown[0]);
      assert.deepEqual(called, [ids, ids]);
      assert.equal(polls, 1);
      assert.equal(count("/client_sessions/get"), 1);
      for (const { token } of asked) {
        assert.equal(token, info.client_session_token);
      }
    });

    await t.test(
      "where there are no shared workers each page has one of its own",
      async (t) => {
        const { tab, count } = await visit(t);
        const without = "SharedWorker";
        const tabs = [await tab({ without }), await tab({ without })];

        for (const { run } of tabs) {
          const { ids, workers } = await run(watched);
          assert.ok(ids.length > 0);
          assert.deepEqual(await run(listed), ids);
          assert.deepEqual(workers, { shared: 0, own: 1 });
        }

        assert.equal(count("/devices/list"), 4);
      },
    );

    await t.test(
      "two users in two tabs never see each other's data",
      async (t) => {
        const { tab, info, asked, session } = await visit(t);
        const other = await session(OTHER);

        const one = await tab();
        const first = await one.run(watched);
        const two = await tab({ token: other });
        const second = await two.run(watched);
        const [device_id] = first.ids;
        const refused = await two.run(got, device_id);

        assert.ok(first.ids.length > 0);
        assert.deepEqual(second.ids, []);
        assert.equal(refused, "device_not_found");
        assert.equal(await one.run(got, device_id), device_id);
        const sent = (token) =>
          asked.filter((it) => it.token === token).map(({ path }) => path);
        const rounds = [
          "/client_sessions/get",
          "/devices/get",
          "/devices/list",
        ];
        assert.deepEqual(sent(info.client_session_token).sort(), rounds);
        assert.deepEqual(sent(other).sort(), rounds);
      },
    );

    await t.test(
      "a dead token is refreshed once for all tabs, and their lists keep their data",
      async (t) => {
        const { tab, asked, count, info, sandbox, session } = await visit(t);
        const { user_identity_id } = info;
        const token = [
          await session({ user_identity_id }),
          await session({ user_identity_id }),
        ];
        const tabs = [await tab({ token }), await tab({ token })];
        const before = [];
        for (const { run } of tabs) before.push(await run(watched));
        const polls = count("/devices/list");
        sandbox.endSession({ client_session_token: token[0] });

        const called = [];
        for (const { run } of tabs) called.push(await run(listed));

        const [{ ids }] = before;
        assert.ok(ids.length > 0);
        assert.equal(polls, 1);
        assert.deepEqual(called, [ids, ids]);
        const given = [];
        for (const { run } of tabs) {
          const { times, ...after } = await run(shown);
          assert.deepEqual(after, { state: "live", same: true });
          given.push(times);
        }
        assert.equal(given[0] + given[1], 3);
        assert.equal(asked.at(-1).token, token[1]);
      },
    );

    for (const [name, without, go] of [
      ["closed, in the shared worker", undefined, (it) => it.close()],
      ["closed, in its own worker", "SharedWorker", (it) => it.close()],
    ]) {
      await t.test(
        `lists and calls of a tab end when it is ${name}; another tab's go on`,
        async (t) => {
          const { tab, count, hold } = await visit(t);
          const stays = await tab({ without });
          await stays.run(watched);
          const goes = await tab({ without });
          const held = hold(/locks|thermostats/, 2);
          await goes.run(leaving);
          const sent = await held;

          await go(goes);

          for (const { ended } of sent) await ended;
          const before = count("/devices/list");
          assert.equal(await stays.run(refreshed), "live");
          assert.equal(count("/devices/list"), before + 1);
        },
      );
    }

    for (const without of [undefined, "SharedWorker"]) {
      const where = without ? "a worker of its own" : "the shared worker";
      await t.test(
        `a page restored by going back continues, with ${where}`,
        async (t) => {
          const { tab } = await visit(t);
          const page = await tab({ without });
          const { ids } = await page.run(watched);
          assert.ok(ids.length > 0);

          for (let nth = 0; nth < 2; nth += 1) {
            // Whether it is kept is the browser's choice.
            if (!(await page.back())) await page.run(watched);

            assert.equal(await page.run(refreshed), "live");
            assert.deepEqual(await page.run(listed), ids);
          }
        },
      );
    }

    await t.test(
      "a client is closed with the last tab that uses it",
      async (t) => {
        const { tab, asked, hold, session } = await visit(t);
        await tab();
        const token = await session(OTHER);
        const looks = () =>
          asked.filter(
            (it) => it.token === token && it.path === "/client_sessions/get",
          ).length;
        for (const nth of [1, 2]) {
          let goes = await tab({ token });
          await goes.run(watched);
          // The worker learns of a tab that has gone when the browser releases its lock, which on a
          // busy machine may be after the next tab has opened.
          for (let more = 20; looks() < nth && more > 0; more -= 1) {
            await goes.close();
            goes = await tab({ token });
            await goes.run(watched);
          }
          assert.equal(looks(), nth);
          const held = hold(/locks|thermostats/, 2);
          await goes.run(leaving);
          const sent = await held;
          await goes.close();
          for (const { ended } of sent) await ended;
        }
      },
    );
  });

/**
 * Makes a client in a page that makes no request itself, of a token, or of two that a function
 * gives one after the other; counts what it gives, and the workers that are made.
 */
async function begin({ token, endpoint, without }) {
  globalThis.surfaced = [];
  for (const type of ["error", "unhandledrejection"])
    addEventListener(type, (event) =>
      globalThis.surfaced.push(String(event.reason ?? event.message)),
    );
  globalThis.workers = { shared: 0, own: 0 };
  const { SharedWorker, Worker, workers } = globalThis;
  globalThis.SharedWorker = class extends SharedWorker {
    constructor(...given) {
      super(...given);
      workers.shared += 1;
    }
  };
  globalThis.Worker = class extends Worker {
    constructor(...given) {
      super(...given);
      workers.own += 1;
    }
  };
  if (without) delete globalThis[without];
  globalThis.fetch = () => Promise.reject(new Error("the page made a request"));
  globalThis.given = 0;
  const next = () => token[Math.min((globalThis.given += 1), 2) - 1];
  const { Seam } = await import("/app/worker.js");
  globalThis.seam = Seam.fromClientSessionToken(
    Array.isArray(token) ? next : token,
    { endpoint },
  );
}

async function surfaced() {
  return globalThis.surfaced;
}

async function watched() {
  const list = (globalThis.list = globalThis.seam.devices.watch());
  await new Promise((resolve) => {
    const look = () => list.status.state === "live" && resolve();
    list.subscribe(look);
    look();
  });
  globalThis.first = list.getSnapshot();
  const ids = globalThis.first.map(({ device_id }) => device_id);
  return { ids, workers: globalThis.workers };
}

/** What becomes of what was watched, and how often the page has given a token. */
async function shown() {
  const { list, first, given } = globalThis;
  const same = list.getSnapshot() === first;
  return { state: list.status.state, same, times: given };
}

async function refreshed() {
  await globalThis.list.refresh();
  return globalThis.list.status.state;
}

async function leaving() {
  globalThis.seam.locks.list().catch(() => {});
  globalThis.others = globalThis.seam.thermostats.watch();
  globalThis.same = globalThis.seam.devices.watch();
}

async function got(device_id) {
  return globalThis.seam.devices.get({ device_id }).then(
    (device) => device.device_id,
    (error) => error.code,
  );
}

async function listed() {
  const devices = await globalThis.seam.devices.list();
  return devices.map(({ device_id }) => device_id);
}
