// How often a server and a token function are called, whatever their results are.
import assert from "node:assert/strict";
import { test } from "node:test";

import { Seam } from "../support/installed.mjs";
import { navigatorOf } from "../support/navigator.mjs";
import { mockSeam, tokenOf } from "../support/mock-seam.mjs";
import {
  HOUR,
  MINUTE,
  advance,
  mockClocks,
  waitUntil,
  flushTasks,
} from "../support/waiting.mjs";

/** A client of a made-up Seam, and a list that it watches. */
function watching(t, server, options = {}) {
  const seam = Seam.fromClientSessionToken(options.token ?? tokenOf("a"), {
    endpoint: "https://seam.test",
    fetch: server.fetch,
    maxRetries: 0,
  });
  const list = seam.devices.watch({}, { interval: options.interval ?? MINUTE });
  t.after(() => list.close());
  return { seam, list };
}

const lists = (server) =>
  server.requests.filter(({ path }) => path === "/devices/list").length;

const busy =
  (status, retryAfter) =>
  ({ path }) =>
    path === "/devices/list"
      ? new Response("", { status, headers: { "retry-after": retryAfter } })
      : undefined;

for (const status of [429, 503]) {
  for (const [name, retryAfter] of [
    ["a month", "2592000"],
    ["a date a month ahead", new Date(1e12 + 30 * 24 * HOUR).toUTCString()],
    ["ten thousand years", "315360000000"],
  ]) {
    test(`a list fetches once when a ${status} says to retry after ${name}`, async (t) => {
      mockClocks(t);
      const server = mockSeam();
      server.answer = busy(status, retryAfter);
      const { list } = watching(t, server);
      await waitUntil(() => list.status.state === "stale");
      await advance(t, 10 * MINUTE, 5_000);
      assert.equal(lists(server), 1);
    });
  }
}

test("Retry-After is honoured when the wall clock is set back", async (t) => {
  for (const back of [10 * MINUTE, HOUR]) {
    const clocks = mockClocks(t);
    const server = mockSeam();
    const { list } = watching(t, server);
    await waitUntil(() => list.status.state === "live");
    clocks.wall(-back);
    server.answer = busy(503, "3600");
    await list.refresh();
    assert.equal(lists(server), 2);
    await advance(t, 10 * MINUTE, 5_000);
    assert.equal(lists(server), 2);
    server.answer = undefined;
    await advance(t, HOUR, 10_000);
    await waitUntil(() => list.status.state === "live");
    list.close();
    t.mock.timers.reset();
    t.mock.restoreAll();
    clocks.restore();
  }
});

test("no jump of the wall clock stops a list or makes it poll more often", async (t) => {
  for (const jump of [-HOUR, -8 * HOUR, 30 * 24 * HOUR]) {
    const clocks = mockClocks(t);
    const server = mockSeam();
    const { list } = watching(t, server, { interval: MINUTE });
    await waitUntil(() => list.status.state === "live");
    clocks.wall(jump);
    await advance(t, 10 * MINUTE, 1_000);
    const polls = lists(server) - 1;
    assert.ok(polls >= 9 && polls <= 12, `${jump}: ${polls}`);
    list.close();
    t.mock.timers.reset();
    t.mock.restoreAll();
    clocks.restore();
  }
});

test("a page that is hidden and shown while the server fails does not end the backoff", async (t) => {
  mockClocks(t);
  const page = new EventTarget();
  page.visibilityState = "visible";
  globalThis.document = page;
  t.after(() => delete globalThis.document);
  const server = mockSeam();
  server.answer = ({ path }) => {
    if (path === "/devices/list") throw new TypeError("away");
  };
  const { list } = watching(t, server);
  await waitUntil(() => list.status.state === "stale");
  for (let nth = 0; nth < 20; nth += 1) {
    for (const state of ["hidden", "visible"]) {
      page.visibilityState = state;
      page.dispatchEvent(new Event("visibilitychange"));
      await advance(t, 100, 100);
    }
  }
  // Four seconds: after two, and not yet after four more.
  assert.ok(lists(server) <= 3, `${lists(server)}`);
});

test("a network that comes and goes ends the backoff at most once in five seconds", async (t) => {
  mockClocks(t);
  const network = navigatorOf(t, { onLine: true });
  const { addEventListener, removeEventListener } = globalThis;
  const events = new EventTarget();
  globalThis.addEventListener = events.addEventListener.bind(events);
  globalThis.removeEventListener = events.removeEventListener.bind(events);
  t.after(() =>
    Object.assign(globalThis, { addEventListener, removeEventListener }),
  );
  const server = mockSeam();
  server.answer = ({ path }) => {
    if (path === "/devices/list") throw new TypeError("away");
  };
  const { list } = watching(t, server);
  await waitUntil(() => list.status.state === "stale");
  const before = lists(server);
  for (let nth = 0; nth < 100; nth += 1) {
    network.onLine = !network.onLine;
    events.dispatchEvent(new Event(network.onLine ? "online" : "offline"));
    await advance(t, 100, 100);
  }
  // Ten seconds: one after each of at most three events, and the backoff between them.
  const asked = lists(server) - before;
  assert.ok(asked >= 2 && asked <= 8, `${asked}`);
});

test("the first fetch is attempted though the platform says that there is no network", async (t) => {
  const network = navigatorOf(t, { onLine: false });
  const server = mockSeam();
  const { list } = watching(t, server);
  await waitUntil(() => list.status.state === "live");
  assert.equal(list.size, 2);
  assert.equal(network.onLine, false);
  assert.equal(lists(server), 1);
});

test("a listener that closes its list is called at most once more, and does not block the event loop", async () => {
  const server = mockSeam();
  const seam = Seam.fromClientSessionToken(tokenOf("a"), {
    endpoint: "https://seam.test",
    fetch: server.fetch,
  });
  const list = seam.devices.watch();
  let calls = 0;
  list.subscribe(() => {
    calls += 1;
    assert.ok(calls < 100, "an endless loop");
    list.close();
  });
  await waitUntil(() => list.status.state === "stopped");
  await flushTasks();
  assert.ok(calls <= 2, `${calls}`);
});

/** A made-up Seam whose sessions end so many milliseconds after they are asked about. */
function shortLived(ms) {
  const server = mockSeam();
  server.answer = ({ path, token }) => {
    if (path !== "/client_sessions/get") return undefined;
    const client_session = {
      client_session_id: token,
      user_identity_id: "user-a",
      expires_at: new Date(Date.now() + ms).toISOString(),
    };
    return Response.json({ client_session, ok: true });
  };
  return server;
}

for (const ms of [50, 900, -50]) {
  test(`a token function is called at a bounded rate when its sessions end after ${ms} ms`, async (t) => {
    mockClocks(t);
    const server = shortLived(ms);
    let asked = 0;
    const { list, seam } = watching(t, server, {
      token: () => tokenOf("a", (asked += 1)),
      interval: 1_000,
    });
    await waitUntil(() => list.status.state === "live");
    for (let second = 0; second < 60; second += 1) {
      await advance(t, 1_000, 250);
      await seam.devices.list().catch(() => {});
    }
    assert.ok(asked <= 12, `${asked} in a minute`);
  });
}

test("a token function is called at a bounded rate when its tokens are accepted and then refused", async (t) => {
  mockClocks(t);
  const server = mockSeam();
  server.answer = ({ path }) =>
    path === "/devices/list"
      ? Response.json(
          { error: { type: "client_session_revoked", message: "m" } },
          { status: 401 },
        )
      : undefined;
  let asked = 0;
  const { seam } = watching(t, server, {
    token: () => tokenOf("a", (asked += 1)),
    interval: 1_000,
  });
  for (let second = 0; second < 60; second += 1) {
    await advance(t, 1_000, 250);
    await seam.devices.list().catch(() => {});
  }
  assert.ok(asked >= 2 && asked <= 12, `${asked} in a minute`);
});

test("a token function that failed is called again within a minute, however far the clock is set back", async (t) => {
  const clocks = mockClocks(t);
  const server = mockSeam();
  let asked = 0;
  const seam = Seam.fromClientSessionToken(
    () => {
      asked += 1;
      if (asked === 1) throw new Error("the back end is down");
      return tokenOf("a");
    },
    { endpoint: "https://seam.test", fetch: server.fetch, maxRetries: 0 },
  );
  await assert.rejects(seam.devices.list().execute(), { code: "no_token" });
  clocks.wall(-HOUR);
  await advance(t, MINUTE);
  assert.equal((await seam.devices.list()).length, 2);
  assert.equal(asked, 2);
});

test("a read uses the wall clock and random numbers only after its first response", async (t) => {
  for (const [name, token] of [
    ["a token", tokenOf("a")],
    ["a function", () => tokenOf("a")],
  ]) {
    let isAnswered = false;
    const early = [];
    for (const [object, method] of [
      [Date, "now"],
      [Math, "random"],
    ]) {
      const real = object[method];
      t.mock.method(object, method, (...args) => {
        if (!isAnswered) early.push(`${method}\n${new Error().stack}`);
        return real.apply(object, args);
      });
    }
    const server = mockSeam();
    const seam = Seam.fromClientSessionToken(token, {
      endpoint: "https://seam.test",
      fetch: async (request) => {
        const response = await server.fetch(request);
        isAnswered = true;
        return response;
      },
    });
    await seam.devices.list();
    assert.deepEqual(early, [], name);
    assert.ok(isAnswered);
    t.mock.restoreAll();
  }
});
