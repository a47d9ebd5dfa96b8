// seam-session/worker: calls, and what crosses between page and worker. Both sides run in Node,
// with a channel between them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";

import { client, entry, Sandbox } from "../support/installed.mjs";
import {
  liveList,
  listState,
  startWorker,
} from "../support/worker-in-node.mjs";
import { rejected } from "../support/errors.mjs";
import { nextTask, waitUntil } from "../support/waiting.mjs";

test("reads, actions and paginators work as without a worker", async (t) => {
  const { info, sandbox, page } = await startWorker(t);
  const { endpoint, client_session_token: token } = info;
  const { fetch } = sandbox;
  const own = client.Seam.fromClientSessionToken(token, { endpoint, fetch });
  const { Seam } = await page();
  const seam = Seam.fromClientSessionToken(token, { endpoint });

  const devices = await seam.devices.list();
  assert.deepEqual(devices, await own.devices.list());
  const [{ device_id }] = devices;
  assert.deepEqual(
    await seam.devices.get({ device_id }),
    await own.devices.get({ device_id }),
  );
  const attempt = await seam.locks.unlockDoor({ device_id });
  assert.equal(attempt.status, "success");
  const pages = seam.createPaginator(seam.devices.list({ limit: 1 }));
  assert.deepEqual(await pages.flattenToArray(), await own.devices.list());
  const { ok } = await seam.devices.list().fetchResponse();
  assert.equal(ok, true);
});

test("nothing is sent before a request is awaited, and then once", async (t) => {
  const { info, page, requests } = await startWorker(t);
  const { endpoint, client_session_token } = info;
  const { Seam } = await page();
  const seam = new Seam({ clientSessionToken: client_session_token, endpoint });

  const request = seam.devices.list();
  await nextTask();
  assert.deepEqual(requests, []);
  await Promise.all([request, request]);
  assert.equal(requests.length, 1);
});

test("an abort rejects with the signal's own reason, and ends the request", async (t) => {
  let asked;
  const { info, page } = await startWorker(t, async ({ request }) => {
    asked?.(request.signal);
    return new Promise((_, reject) => {
      request.signal.addEventListener("abort", () => reject(new Error("over")));
    });
  });
  const { endpoint, client_session_token: token } = info;
  const { Seam } = await page();
  const seam = Seam.fromClientSessionToken(token, { endpoint });
  const reason = { of: "the caller" };

  const before = AbortSignal.abort(reason);
  assert.equal(
    await rejected(seam.devices.list({}, { signal: before })),
    reason,
  );

  const controller = new AbortController();
  const sent = new Promise((resolve) => (asked = resolve));
  const call = rejected(
    seam.devices.list({}, { signal: controller.signal }).execute(),
  );
  const inWorker = await sent;
  const ended = new Promise((resolve) =>
    inWorker.addEventListener("abort", resolve),
  );
  controller.abort(reason);
  assert.equal(await call, reason);
  await ended;
});

const json = (status, error, headers = {}) =>
  new Response(JSON.stringify({ error }), { status, headers });

/** What a server answers, or the network does; each throws another error. */
const FAILURES = {
  "a refusal": () =>
    json(404, { type: "device_not_found", message: "no", data: { a: [1] } }),
  "parameters that were not taken": () =>
    json(400, {
      type: "invalid_input",
      message: "no",
      validation_errors: { _errors: [], device_id: { _errors: ["is wrong"] } },
    }),
  "a token that is dead": () => json(401, { type: "unauthorized" }),
  "too many requests": () =>
    json(429, { type: "too_many" }, { "retry-after": "120" }),
  "an answer that is no JSON": () => new Response("<!doctype html>"),
  "a redirect": () =>
    new Response("", { status: 307, headers: { location: "/" } }),
  "no network": ({ token }) => {
    const cause = Object.assign(new Error(`not ${token}`), { code: "ECONN" });
    throw new TypeError(`failed with ${token}`, { cause });
  },
};

for (const [name, fail] of Object.entries(FAILURES)) {
  test(`${name} is the same error of the same class as without a worker`, async (t) => {
    const { info, page } = await startWorker(t, fail);
    const { endpoint, client_session_token: token } = info;
    const options = { endpoint, maxRetries: 0 };
    const remote = await page();
    const call = ({ Seam }) =>
      rejected(
        Seam.fromClientSessionToken(token, options).devices.get({
          device_id: "any",
        }),
      );

    const own = await call(client);
    const error = await call(remote);

    const { name: className } = own;
    assert.ok(error instanceof remote[className], className);
    assert.ok(error instanceof client[className], className);
    assert.equal(error.constructor, remote[className]);
    assert.deepEqual(members(error), members(own));
    assert.equal(remote.errorKind(error), client.errorKind(own));
    assert.ok(!JSON.stringify(members(error)).includes(token));
    assert.ok(!JSON.stringify(remote.said).includes(token));
  });
}

/** All that an error tells, but for its stack. */
function members(error) {
  if (error === undefined) return undefined;
  const { name, message, cause, ...own } = error;
  const { validationErrors, code } = error;
  return { name, message, code, validationErrors, own, cause: members(cause) };
}

test("the error of an attempt that fails or hangs has the attempt", async (t) => {
  const { info, page, sandbox } = await startWorker(t);
  const { endpoint, client_session_token: token } = info;
  const { Seam, ...classes } = await page();
  const seam = Seam.fromClientSessionToken(token, { endpoint });
  const [{ device_id }] = await seam.devices.list();

  sandbox.addFault({ fault: "attempt_fails", times: 1 });
  const failed = await rejected(seam.locks.unlockDoor({ device_id }));
  assert.ok(failed instanceof classes.SeamActionAttemptFailedError);
  assert.equal(failed.actionAttempt.status, "error");
  assert.equal(classes.errorKind(failed), "action_failed");
  sandbox.addFault({ fault: "attempt_hangs", times: 1 });
  const wait = { timeout: 1, pollingInterval: 1 };
  const hung = await rejected(
    seam.locks.unlockDoor({ device_id }, { waitForActionAttempt: wait }),
  );
  assert.ok(hung instanceof classes.SeamActionAttemptTimeoutError);
  assert.equal(hung.actionAttempt.status, "pending");
  assert.equal(hung.outcome, "unknown");
  assert.equal(classes.errorKind(hung), "may_have_happened");
});

test("invalid options and parameters throw in the page, and no message is sent", async (t) => {
  const { info, page } = await startWorker(t);
  const { endpoint, client_session_token: clientSessionToken } = info;
  const { Seam, said } = await page();
  const options = { clientSessionToken, endpoint };

  assert.throws(
    () => new Seam({ ...options, fetch: () => {} }),
    /a fetch cannot go to the worker/,
  );
  assert.throws(() => new Seam({ ...options, timeout: -1 }), /timeout must be/);
  assert.throws(
    () => Seam.fromClientSessionToken("seam_pk1"),
    /publishableKey/,
  );
  const seam = new Seam(options);
  assert.match(
    (await rejected(seam.devices.get())).message,
    /Parameters are required/,
  );
  assert.deepEqual(
    said.filter((it) => it.type !== "ready"),
    [],
  );
});

test("no message back holds the token, however it is written", async (t) => {
  const device = (name) => ({ device_id: `${name.length}`, name });
  const { info, page } = await startWorker(t, ({ path, token }) => {
    const escaped = [...token]
      .map((it) => `\\u00${it.charCodeAt(0).toString(16)}`)
      .join("");
    const first = JSON.stringify(device(token));
    const second = JSON.stringify(device("it")).replaceAll("it", escaped);
    return path === "/devices/list"
      ? new Response(`{"devices":[${first},${second}],"ok":true}`)
      : undefined;
  });
  const { endpoint, client_session_token: token } = info;
  const { Seam, said } = await page();
  const seam = Seam.fromClientSessionToken(token, { endpoint });

  const session = await seam.clientSessions.get();
  const listed = await seam.devices.list();
  const list = await liveList(t, seam);

  assert.equal(session.token, "[redacted]");
  assert.deepEqual(
    listed.map((it) => it.name),
    ["[redacted]", "[redacted]"],
  );
  assert.deepEqual(list.getSnapshot(), listed);
  assert.ok(said.length > 3);
  assert.ok(!inspect(said, { depth: Infinity }).includes(token));
});

test("nothing that a page can reach contains the token", async (t) => {
  const { info, page } = await startWorker(t);
  const { endpoint, client_session_token: token } = info;
  const { Seam } = await page();
  const seam = Seam.fromClientSessionToken(token, { endpoint });
  await seam.devices.list();
  const options = { depth: Infinity, showHidden: true };
  assert.ok(!inspect([seam, seam.devices.list()], options).includes(token));
});

test("pages with the same token are one client, with another token another one", async (t) => {
  const { info, page, requests, asked, backEnd } = await startWorker(t);
  const { endpoint, client_session_token: token } = info;
  const other = await backEnd.clientSessions.create({
    user_identifier_key: "somebody-else-of-this-test",
  });
  const lists = [];
  for (const it of [token, token, other.token]) {
    const { Seam } = await page();
    const list = Seam.fromClientSessionToken(it, { endpoint }).devices.watch();
    t.after(list.close);
    lists.push(list);
  }

  await Promise.all(lists.map((it) => listState(it, "live")));

  assert.equal(asked("/devices/list"), 2);
  assert.ok(lists[0].size > 0);
  assert.deepEqual(lists[0].getSnapshot(), lists[1].getSnapshot());
  assert.deepEqual(lists[2].getSnapshot(), []);
  const tokens = requests.map((it) => it.token);
  assert.equal(new Set(tokens).size, 2);
});

test("with another endpoint or other options it is another client", async (t) => {
  const { info, page, asked } = await startWorker(t);
  const { endpoint, client_session_token: token } = info;
  const wishes = [
    { endpoint },
    { endpoint: `${endpoint}/` },
    { endpoint, maxRetries: 1 },
    { endpoint, timeout: 10_000 },
    { endpoint, waitForActionAttempt: false },
  ];

  for (const wish of wishes) {
    for (const again of [wish, { ...wish }]) {
      const { Seam } = await page();
      await liveList(t, Seam.fromClientSessionToken(token, again));
    }
  }

  assert.equal(asked("/devices/list"), wishes.length);
});

test("a port can use no client but its own", async (t) => {
  const { info, page, requests } = await startWorker(t);
  const { endpoint, client_session_token: token } = info;
  const { Seam } = await page();
  const seam = Seam.fromClientSessionToken(token, { endpoint });
  await seam.devices.list();
  const before = requests.length;

  const { port1, port2 } = new MessageChannel();
  t.after(() => port1.close());
  const thread = await import(entry("seam-session/worker/thread"));
  thread.serve(port2);
  const said = [];
  port1.addEventListener("message", ({ data }) => said.push(data));
  const calledAt = { monotonic: performance.now(), wall: Date.now() };
  for (let client = 0; client < 10; client += 1) {
    const of = { client, path: "/devices/list" };
    port1.postMessage({
      type: "call",
      ...{
        ...of,
        id: client,
        options: {},
        calledAt,
        ...{ check: 0, generation: 0 },
        issuedForPreviousUser: false,
      },
    });
    const id = 100 + client;
    const watch = { ...of, id, json: "{}", interval: 1_000 };
    port1.postMessage({ type: "watch", ...watch });
    port1.postMessage({ type: "load-scope", client, id: 200 + client });
  }
  port1.postMessage({ type: "refresh", id: 999, list: 0 });
  await waitUntil(() => said.some((it) => it.id === 999));

  assert.equal(requests.length, before);
  assert.equal(said.length, 31);
  for (const it of said.slice(0, -1)) {
    const { message } = it.error ?? it.update.status.reason;
    assert.equal(message, "the worker has no client of this number");
  }
});

test("an action that reaches the worker too late is not sent", async (t) => {
  t.mock.timers.enable({ apis: ["Date"], now: 1e12 });
  const { info, page, asked } = await startWorker(t);
  const { endpoint, client_session_token: token } = info;
  const { Seam, hold } = await page();
  const seam = Seam.fromClientSessionToken(token, { endpoint });
  const [{ device_id }] = await seam.devices.list();
  const go = hold();

  const call = rejected(seam.locks.unlockDoor({ device_id }).execute());
  await nextTask();
  t.mock.timers.tick(10_001);
  go();

  const { code, outcome } = await call;
  assert.deepEqual([code, outcome], ["too_late", "not_sent"]);
  assert.equal(asked("/locks/unlock_door"), 0);
});

test("an action is not sent late when the clock is set back while it waits for the worker", async (t) => {
  t.mock.timers.enable({ apis: ["Date"], now: 1e12 });
  const { info, page, asked } = await startWorker(t);
  const { endpoint, client_session_token: token } = info;
  const { Seam, hold } = await page();
  const seam = Seam.fromClientSessionToken(token, { endpoint });
  const [{ device_id }] = await seam.devices.list();
  const go = hold();

  const call = rejected(seam.locks.unlockDoor({ device_id }).execute());
  await nextTask();
  t.mock.timers.setTime(1e12 - 3_600_000);
  const passed = performance.now() + 10_001;
  t.mock.method(performance, "now", () => passed);
  go();

  const { code, outcome } = await call;
  assert.deepEqual([code, outcome], ["too_late", "not_sent"]);
  assert.equal(asked("/locks/unlock_door"), 0);
});

test("an action belongs to the user whose token was set when it was called, also with a token function", async (t) => {
  const { info, page, requests, backEnd } = await startWorker(t);
  const { endpoint, client_session_token: token } = info;
  const other = await backEnd.clientSessions.create({
    user_identifier_key: "somebody-else-of-this-test",
  });
  const { Seam } = await page();
  for (const given of [token, () => token]) {
    const seam = Seam.fromClientSessionToken(given, { endpoint });
    const device_id = (await seam.devices.list())[0].device_id;
    requests.length = 0;

    const action = seam.locks.unlockDoor({ device_id }).execute();
    const update = seam.updateClientSessionToken(other.token);

    assert.equal((await action).status, "success");
    await update;
    const acts = requests.filter(({ path }) => path === "/locks/unlock_door");
    assert.deepEqual(
      acts.map((it) => it.token),
      [token],
    );
  }
});

test("nothing but the handshake is sent to a worker that has not responded", async () => {
  const { Seam, setWorker } = await import(
    `${entry("seam-session/worker")}?silent`
  );
  const { info } = await Sandbox.create();
  const { port1, port2 } = new MessageChannel();
  const heard = [];
  port2.addEventListener("message", ({ data }) => heard.push(data.type));
  setWorker(() => port1);
  const { client_session_token: token, endpoint } = info;
  const seam = Seam.fromClientSessionToken(token, { endpoint });
  const call = rejected(seam.locks.unlockDoor({ device_id: "any" }));
  await waitUntil(() => heard.length > 0);
  await nextTask();

  port1.dispatchEvent(new Event("error"));

  const { code, outcome } = await call;
  assert.deepEqual([code, outcome], ["wasm_unavailable", "not_sent"]);
  port1.postMessage({ type: "last" });
  await waitUntil(() => heard.includes("last"));
  assert.deepEqual(heard, ["handshake", "last"]);
  port1.close();
});

test("a value that cannot be cloned stays in the page, and is a clear error", async (t) => {
  const site = await startWorker(t);
  const { info, page } = site;
  const { endpoint, client_session_token: token } = info;
  const { Seam } = await page();
  const extra = () => {};
  const waitForActionAttempt = Object.create({ extra }, {});
  waitForActionAttempt.timeout = 9_000;
  const options = { waitForActionAttempt, [Symbol("extra")]: extra };
  const seam = Seam.fromClientSessionToken(token, {
    endpoint,
    waitForActionAttempt,
  });
  const devices = await seam.devices.list({}, options);
  const { device_id } = devices.find((it) => it.can_remotely_unlock);
  const attempt = await seam.locks.unlockDoor({ device_id }, options);
  assert.equal(attempt.status, "success");

  const next = await page();
  const thrown = Object.assign(new Error("the back end is down"), {
    data: extra,
  });
  let called = 0;
  const failing = next.Seam.fromClientSessionToken(
    () => {
      called += 1;
      if (called === 1) return token;
      throw thrown;
    },
    { endpoint },
  );
  await failing.devices.list();
  site.sandbox.endSession({ client_session_token: token });
  const { code, message, cause } = await rejected(failing.devices.list());
  assert.equal(code, "no_token");
  assert.match(message, /the back end is down/);
  assert.equal(cause, thrown);
});

test("a path is called as such, and a publishable key makes a session in the page", async (t) => {
  const { info, page, requests } = await startWorker(t);
  const { endpoint, client_session_token: token } = info;
  const { Seam } = await page();
  const seam = Seam.fromClientSessionToken(token, { endpoint });
  const { devices } = await seam.request("/devices/list");
  assert.deepEqual(devices, await seam.devices.list());

  const own = await Seam.fromPublishableKey(
    info.publishable_key,
    "a-long-random-key-of-this-test",
    { endpoint },
  );
  const { path, body } = requests.at(-1);
  assert.equal(path, "/client_sessions/get_or_create");
  assert.match(body, /a-long-random-key-of-this-test/);
  assert.deepEqual(await own.devices.list(), []);
  // What it is called with has come from there.
  const { token: made } = requests.at(-1);
  assert.ok(made.startsWith("seam_cst") && made !== token);
});

test("a page of another build gets a version mismatch error", async (t) => {
  const { info, page } = await startWorker(t);
  const { endpoint, client_session_token: token } = info;
  const { Seam, hold } = await page();
  const go = hold((message) =>
    message.type === "handshake" ? { ...message, build: "another" } : message,
  );
  const seam = Seam.fromClientSessionToken(token, { endpoint });
  go();
  const { code, outcome, message } = await rejected(seam.devices.list());
  assert.deepEqual([code, outcome], ["wasm_unavailable", "not_sent"]);
  assert.match(message, /another build of seam-session/);
});

test("a page that was considered closed is told so at its next message", async (t) => {
  const { info, page, requests } = await startWorker(t);
  const { endpoint, client_session_token: token } = info;
  const { Seam, close } = await page();
  const seam = Seam.fromClientSessionToken(token, { endpoint });
  const list = await liveList(t, seam);
  close();
  const before = requests.length;

  const first = await rejected(seam.devices.list());
  const next = await rejected(seam.devices.list());

  assert.deepEqual(
    [first.code, first.outcome, next.code, next.outcome],
    ["client_crashed", "unknown", "client_crashed", "not_sent"],
  );
  assert.match(next.message, /create a new client/);
  assert.deepEqual([list.size, list.status.state], [0, "stopped"]);
  assert.equal(requests.length, before);
});

test("without workers each call rejects with an error that says so", async () => {
  const { Seam } = await import(`${entry("seam-session/worker")}?none`);
  const { info } = await Sandbox.create();
  const seam = Seam.fromClientSessionToken(info.client_session_token);
  const { code, outcome, message } = await rejected(seam.devices.list());
  assert.deepEqual([code, outcome], ["wasm_unavailable", "not_sent"]);
  assert.match(message, /there are no workers here/);
  const list = seam.devices.watch();
  await listState(list, "stopped");
  assert.match(list.status.reason.message, /there are no workers here/);
});
