// seam-session/worker in Chromium: pages share the requests of one worker, and users are kept
// apart.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { launch } from "../support/browser.mjs";
import { workerSite } from "../support/worker-site.mjs";

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

/** What never answers, as a worker that does not start, is a failure. */
const LIMIT = { timeout: 60_000 };

/** A browser of its own on the site; `tab(token)` opens a page with a client. */
async function visit(t, options) {
  const site = await workerSite(t, options);
  const context = await browser.newContext();
  t.after(() => context.close());
  const strange = [];
  t.after(() => assert.deepEqual(strange, [], "no error on any page"));
  const { endpoint, info } = site;
  const tab = async (token = info.client_session_token, before) => {
    const page = await context.newPage();
    page.on("pageerror", (error) => strange.push(String(error)));
    if (before) await page.addInitScript(before);
    await page.goto(endpoint);
    await page.evaluate(
      async ([token, endpoint]) => {
        const { Seam } = await import("/app/worker.js");
        globalThis.seam = Seam.fromClientSessionToken(token, { endpoint });
        globalThis.live = (list) =>
          new Promise((resolve) => {
            const look = () => list.status.state === "live" && resolve(list);
            list.subscribe(look);
            look();
          });
      },
      [token, endpoint],
    );
    return page;
  };
  return { ...site, context, tab };
}

test(
  "two tabs share one worker, which alone makes requests",
  LIMIT,
  async (t) => {
    const { tab, asked, info } = await visit(t);
    const tabs = [await tab(), await tab()];

    const lists = await Promise.all(
      tabs.map((it) => it.evaluate(() => globalThis.seam.devices.list())),
    );

    assert.ok(lists[0].length > 0);
    assert.deepEqual(lists[0], lists[1]);
    assert.equal(asked.length, 2);
    for (const { referer, token } of asked) {
      assert.match(referer, /\/app\/worker-run\.js$/);
      assert.equal(token, info.client_session_token);
    }
  },
);

test("ten tabs share one poll, and each shows the list", LIMIT, async (t) => {
  const { tab, count } = await visit(t);
  const tabs = [];
  for (let nth = 0; nth < 10; nth += 1) tabs.push(await tab());

  const sizes = await Promise.all(
    tabs.map((it) =>
      it.evaluate(async () => {
        globalThis.list = await globalThis.live(
          globalThis.seam.devices.watch(),
        );
        return globalThis.list.getSnapshot().length;
      }),
    ),
  );

  assert.ok(sizes[0] > 0);
  assert.equal(new Set(sizes).size, 1);
  assert.equal(count("/devices/list"), 1);
  assert.equal(count("/client_sessions/get"), 1);
});

test("two users in two tabs never see each other's data", LIMIT, async (t) => {
  const { tab, info, sandbox, asked } = await visit(t);
  const created = await sandbox.fetch(
    new Request(`${info.endpoint}/client_sessions/create`, {
      method: "PUT",
      headers: {
        authorization: `Bearer ${info.api_key}`,
        "content-type": "application/json",
      },
      body: JSON.stringify({
        user_identifier_key: "somebody-else-of-this-test",
      }),
    }),
  );
  const { client_session: other } = await created.json();
  const show = () =>
    globalThis.live(globalThis.seam.devices.watch()).then((list) => {
      globalThis.list = list;
      return list.getSnapshot().map((it) => it.device_id);
    });

  const one = await tab();
  const shown = await one.evaluate(show);
  const two = await tab(other.token);
  const second = await two.evaluate(show);

  assert.ok(shown.length > 0);
  assert.deepEqual(second, []);
  const own = { [info.client_session_token]: 0, [other.token]: 0 };
  for (const { token } of asked) own[token] += 1;
  assert.deepEqual(Object.values(own), [2, 2]);
  const refused = await two.evaluate(
    (device_id) =>
      globalThis.seam.devices.get({ device_id }).catch((error) => error.code),
    shown[0],
  );
  assert.equal(refused, "device_not_found");
});

/** The second as a control: what is looked for can be found. */
for (const [entry, holds] of [
  ["worker.js", false],
  ["index.js", true],
]) {
  test(
    `a page's memory ${holds ? "holds" : "does not hold"} the token with ${entry}`,
    LIMIT,
    async (t) => {
      const { info, context, endpoint } = await visit(t);
      const page = await context.newPage();
      await page.goto(endpoint);
      // The page fetches it, as an app does: nothing of the test's own brings it there.
      await page.evaluate(
        async ([entry, endpoint]) => {
          const { Seam } = await import(`/app/${entry}`);
          const token = await (await fetch("/token")).text();
          globalThis.seam = Seam.fromClientSessionToken(token, { endpoint });
          await globalThis.seam.devices.list();
        },
        [entry, endpoint],
      );

      const heap = await snapshotOf(context, page);

      assert.equal(heap.includes(info.client_session_token), holds);
    },
  );
}

/** All that V8 keeps for a page, as text. */
async function snapshotOf(context, page) {
  const devtools = await context.newCDPSession(page);
  const chunks = [];
  devtools.on("HeapProfiler.addHeapSnapshotChunk", ({ chunk }) =>
    chunks.push(chunk),
  );
  await devtools.send("HeapProfiler.enable");
  for (let nth = 0; nth < 3; nth += 1) {
    await devtools.send("HeapProfiler.collectGarbage");
  }
  await devtools.send("HeapProfiler.takeHeapSnapshot");
  return chunks.join("");
}

for (const [how, go] of [
  ["closed", (page) => page.close()],
  [
    "killed",
    (page, devtools) => void devtools.send("Page.crash").catch(() => {}),
  ],
  ["sent elsewhere", (page) => page.goto("about:blank")],
]) {
  test(
    `lists and calls of a tab that is ${how} end; another tab's go on`,
    LIMIT,
    async (t) => {
      const held = new Map();
      let allHeld;
      const all = new Promise((resolve) => (allHeld = resolve));
      const { tab, context, count } = await visit(t, {
        answer: (sent) => {
          if (!/locks|thermostats/.test(sent.path)) return undefined;
          held.set(sent.path, sent);
          if (held.size === 2) allHeld();
          return new Promise(() => {});
        },
      });
      const stays = await tab();
      const goes = await tab();
      await stays.evaluate(async () => {
        globalThis.list = await globalThis.live(
          globalThis.seam.devices.watch(),
        );
      });
      await goes.evaluate(() => {
        globalThis.seam.locks.list().catch(() => {});
        globalThis.list = globalThis.seam.thermostats.watch();
        globalThis.same = globalThis.seam.devices.watch();
      });
      await all;

      await go(goes, await context.newCDPSession(goes));

      for (const sent of held.values()) await sent.ended;
      await stays.evaluate(() => globalThis.list.refresh());
      const state = await stays.evaluate(() => globalThis.list.status.state);
      assert.equal(state, "live");
      assert.equal(count("/devices/list"), 2);
    },
  );
}

const REFUSED = {
  "where there are no shared workers": () => delete globalThis.SharedWorker,
  "where shared workers are refused": () => {
    globalThis.SharedWorker = class {
      constructor() {
        throw new DOMException("refused", "SecurityError");
      }
    };
  },
};

for (const [where, before] of Object.entries(REFUSED)) {
  test(`${where} each page has a worker of its own`, LIMIT, async (t) => {
    const { tab, count, asked, info } = await visit(t);
    const tabs = [
      await tab(info.client_session_token, before),
      await tab(info.client_session_token, before),
    ];
    for (const it of tabs) {
      const size = await it.evaluate(async () => {
        const [{ device_id }] = await globalThis.seam.devices.list();
        const got = await globalThis.seam.devices.get({ device_id });
        const list = await globalThis.live(globalThis.seam.devices.watch());
        globalThis.list = list;
        return list.get(got.device_id) ? list.size : 0;
      });
      assert.ok(size > 0);
    }
    assert.equal(count("/devices/list"), 4);
    for (const { referer } of asked) assert.match(referer, /worker-run\.js$/);
  });
}

/** Takes the network from the shared worker of a page, or gives it back: the page's has no bearing on it. */
async function sharedOffline(endpoint) {
  const devtools = await browser.newBrowserCDPSession();
  const { targetInfos } = await devtools.send("Target.getTargets");
  const { targetId } = targetInfos.find(
    ({ type, url }) => type === "shared_worker" && url.startsWith(endpoint),
  );
  const { sessionId } = await devtools.send("Target.attachToTarget", {
    targetId,
  });
  let id = 0;
  const say = (method, params) => {
    const message = JSON.stringify({ id: (id += 1), method, params });
    return devtools.send("Target.sendMessageToTarget", { sessionId, message });
  };
  const open = { latency: 0, downloadThroughput: -1, uploadThroughput: -1 };
  await say("Network.enable");
  return (offline) =>
    say("Network.emulateNetworkConditions", { offline, ...open });
}

for (const [where, before] of [
  ["the shared worker", undefined],
  ["a worker of its own", REFUSED["where there are no shared workers"]],
]) {
  test(
    `${where} waits while offline, and fetches by itself when online again`,
    LIMIT,
    async (t) => {
      const { tab, count, context, endpoint } = await visit(t);
      const page = await tab(undefined, before);
      await page.evaluate(async () => {
        const list = globalThis.seam.devices.watch({}, { interval: 3_600_000 });
        globalThis.list = await globalThis.live(list);
      });
      const offline = before ? async () => {} : await sharedOffline(endpoint);

      await offline(true);
      await context.setOffline(true);
      const state = await page.evaluate(async () => {
        // As a page that is shown while there is none: from then on it waits.
        document.dispatchEvent(new Event("visibilitychange"));
        await globalThis.list.refresh();
        return globalThis.list.status.state;
      });
      assert.equal(state, "stale");
      assert.equal(count("/devices/list"), 1);
      await context.setOffline(false);
      await offline(false);

      const size = await page.evaluate(async () => {
        await globalThis.live(globalThis.list);
        return globalThis.list.size;
      });
      assert.ok(size > 0);
      assert.equal(count("/devices/list"), 2);
    },
  );
}

test(
  "when a worker dies pending calls reject, lists are emptied, and a new client starts another worker",
  LIMIT,
  async (t) => {
    let asked;
    const called = new Promise((resolve) => (asked = resolve));
    const { tab } = await visit(t, {
      answer: ({ path }) => {
        if (path !== "/locks/list") return undefined;
        asked();
        return new Promise(() => {});
      },
    });
    const page = await tab(undefined, () => delete globalThis.SharedWorker);
    await page.evaluate(async () => {
      const { Seam, setWorker } = await import("/app/worker.js?own");
      setWorker(
        () =>
          (globalThis.worker = new Worker("/app/worker-run.js", {
            type: "module",
          })),
      );
      const { url } = globalThis.seam.devices.list();
      const token = await (await fetch("/token")).text();
      globalThis.make = () =>
        Seam.fromClientSessionToken(token, { endpoint: url.origin });
      globalThis.seam = globalThis.make();
      globalThis.list = await globalThis.live(globalThis.seam.devices.watch());
      globalThis.call = globalThis.seam.locks
        .list()
        .catch(({ name, code, outcome }) => [name, code, outcome]);
    });
    await called;

    const result = await page.evaluate(async () => {
      const { list, seam, worker } = globalThis;
      const before = list.size;
      const stopped = new Promise((resolve) => list.subscribe(resolve));
      worker.terminate();
      const call = await globalThis.call;
      await stopped;
      const { state, reason } = list.status;
      const after = [list.size, state, reason.code];
      const next = await seam.devices.list().catch((error) => error.message);
      const newClient = (await globalThis.make().devices.list()).length;
      return {
        before: before > 0,
        call,
        after,
        next,
        newClient: newClient > 0,
      };
    });

    assert.deepEqual(result, {
      before: true,
      call: ["SeamWasmError", "client_crashed", "unknown"],
      after: [0, "stopped", "client_crashed"],
      next: "the worker has ended, and the token with it: create a new client",
      newClient: true,
    });
  },
);

for (const [what, make] of [
  ["not there", () => new SharedWorker("/app/none.js", { type: "module" })],
  [
    "refused",
    () => {
      throw new DOMException("no", "SecurityError");
    },
  ],
]) {
  test(`each call rejects when the worker is ${what}`, LIMIT, async (t) => {
    const { tab } = await visit(t);
    const page = await tab();
    const error = await page.evaluate(async (make) => {
      const { Seam, setWorker } = await import("/app/worker.js?own");
      setWorker(new Function(`return (${make})()`));
      const seam = Seam.fromClientSessionToken("seam_cst_any");
      return seam.devices
        .list()
        .catch(({ name, code, outcome }) => [name, code, outcome]);
    }, String(make));
    assert.deepEqual(error, ["SeamWasmError", "wasm_unavailable", "not_sent"]);
  });
}
