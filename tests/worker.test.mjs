// seam-session/worker: the client in a worker, and its face in the page. Here
// both sides are in Node, with a channel between them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";

import { client, entry, Sandbox } from "./support/installed.mjs";
import { worker } from "./support/worker.mjs";

const thrownBy = (call) =>
  Promise.resolve(call).then(
    () => assert.fail("it did not reject"),
    (error) => error,
  );

/** Resolves when `holds` does, which is looked at after each task. */
async function until(holds) {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}

/** Resolves when the list is in this state. */
const state = (list, name) => until(() => list.status.state === name);

/** Waits for `promise` while mocked time passes, by one millisecond after each task. */
async function passing(t, promise) {
  let settled = false;
  promise.finally(() => (settled = true));
  await until(() => {
    t.mock.timers.tick(1);
    return settled;
  });
}

test("a page lists, gets, acts and pages as with the client itself", async (t) => {
  const { info, sandbox, page } = await worker(t);
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
  const { info, page, requests } = await worker(t);
  const { endpoint, client_session_token } = info;
  const { Seam } = await page();
  const seam = new Seam({ clientSessionToken: client_session_token, endpoint });

  const request = seam.devices.list();
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(requests, []);
  await Promise.all([request, request]);
  assert.equal(requests.length, 1);
});

test("an abort rejects with the signal's own reason, and ends the request", async (t) => {
  let asked;
  const { info, page } = await worker(t, async ({ request }) => {
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
    await thrownBy(seam.devices.list({}, { signal: before })),
    reason,
  );

  const controller = new AbortController();
  const sent = new Promise((resolve) => (asked = resolve));
  const call = thrownBy(
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
    const { info, page } = await worker(t, fail);
    const { endpoint, client_session_token: token } = info;
    const options = { endpoint, maxRetries: 0 };
    const remote = await page();
    const call = ({ Seam }) =>
      thrownBy(
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

test("an attempt that fails or hangs is told with the attempt", async (t) => {
  const { info, page, sandbox } = await worker(t);
  const { endpoint, client_session_token: token } = info;
  const { Seam, ...classes } = await page();
  const seam = Seam.fromClientSessionToken(token, { endpoint });
  const [{ device_id }] = await seam.devices.list();

  sandbox.addFault({ fault: "attempt_fails", times: 1 });
  const failed = await thrownBy(seam.locks.unlockDoor({ device_id }));
  assert.ok(failed instanceof classes.SeamActionAttemptFailedError);
  assert.equal(failed.actionAttempt.status, "error");
  sandbox.addFault({ fault: "attempt_hangs", times: 1 });
  const wait = { timeout: 1, pollingInterval: 1 };
  const hung = await thrownBy(
    seam.locks.unlockDoor({ device_id }, { waitForActionAttempt: wait }),
  );
  assert.ok(hung instanceof classes.SeamActionAttemptTimeoutError);
  assert.equal(hung.actionAttempt.status, "pending");
  assert.equal(hung.outcome, "unknown");
});

test("what is wrong with a client or a call is told in the page, and nothing is said", async (t) => {
  const { info, page } = await worker(t);
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
    (await thrownBy(seam.devices.get())).message,
    /Parameters are required/,
  );
  assert.deepEqual(
    said.filter((it) => it.say !== "ready"),
    [],
  );
});

test("no message back holds the token, however it is written", async (t) => {
  const device = (name) => ({ device_id: `${name.length}`, name });
  const { info, page } = await worker(t, ({ path, token }) => {
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
  const list = seam.devices.watch();
  t.after(list.close);
  await state(list, "live");

  assert.equal(session.token, "[redacted]");
  assert.deepEqual(
    listed.map((it) => it.name),
    ["[redacted]", "[redacted]"],
  );
  assert.deepEqual(list.getSnapshot(), listed);
  assert.ok(said.length > 3);
  assert.ok(!inspect(said, { depth: Infinity }).includes(token));
});

test("what a page keeps does not hold the token", async (t) => {
  const { info, page } = await worker(t);
  const { endpoint, client_session_token: token } = info;
  const { Seam } = await page();
  const seam = Seam.fromClientSessionToken(token, { endpoint });
  await seam.devices.list();
  const options = { depth: Infinity, showHidden: true };
  assert.ok(!inspect([seam, seam.devices.list()], options).includes(token));
});

test("pages with the same token are one client, with another token another one", async (t) => {
  const { info, page, sandbox, requests, asked } = await worker(t);
  const { endpoint, client_session_token: token } = info;
  const backEnd = client.Seam.fromApiKey(info.api_key, {
    endpoint,
    fetch: sandbox.fetch,
  });
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

  await Promise.all(lists.map((it) => state(it, "live")));

  assert.equal(asked("/devices/list"), 2);
  assert.ok(lists[0].size > 0);
  assert.deepEqual(lists[0].getSnapshot(), lists[1].getSnapshot());
  assert.deepEqual(lists[2].getSnapshot(), []);
  const tokens = requests.map((it) => it.token);
  assert.equal(new Set(tokens).size, 2);
});

test("a port reaches no client but its own", async (t) => {
  const { info, page, requests } = await worker(t);
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
  const route = { path: "/devices/list", kind: 0, responseKey: "devices" };
  for (let client = 0; client < 10; client += 1) {
    const of = { client, id: client, route };
    port1.postMessage({
      say: "call",
      ...of,
      options: {},
      calledAt: Date.now(),
    });
    port1.postMessage({ say: "watch", ...of, json: "{}", interval: 1_000 });
  }
  port1.postMessage({ say: "refresh", id: 99, list: 0 });
  await until(() => said.some((it) => it.id === 99));

  assert.equal(requests.length, before);
  assert.deepEqual(
    said.filter((it) => it.say !== "ready"),
    [{ say: "done", id: 99 }],
  );
});

test("an act that reaches the worker too late is not sent", async (t) => {
  t.mock.timers.enable({ apis: ["Date"], now: 1e12 });
  const { info, page, asked } = await worker(t);
  const { endpoint, client_session_token: token } = info;
  const { Seam, hold } = await page();
  const seam = Seam.fromClientSessionToken(token, { endpoint });
  const [{ device_id }] = await seam.devices.list();
  const go = hold();

  const call = thrownBy(seam.locks.unlockDoor({ device_id }).execute());
  await new Promise((resolve) => setImmediate(resolve));
  t.mock.timers.tick(10_001);
  go();

  const { code, outcome } = await call;
  assert.deepEqual([code, outcome], ["too_late", "not_sent"]);
  assert.equal(asked("/locks/unlock_door"), 0);
});

test("what does not change stays the same object, and is not sent again", async (t) => {
  const { info, page, sandbox } = await worker(t);
  const { endpoint, api_key: apiKey } = info;
  const backEnd = client.Seam.fromApiKey(apiKey, {
    endpoint,
    fetch: sandbox.fetch,
  });
  const { Seam, said } = await page();
  const list = new Seam({ apiKey, endpoint }).devices.watch();
  t.after(list.close);
  await state(list, "live");
  const before = list.getSnapshot();
  assert.deepEqual(before, await backEnd.devices.list());
  assert.ok(Object.isFrozen(before) && Object.isFrozen(before[0].properties));
  await list.refresh();
  assert.equal(list.getSnapshot(), before);
  said.length = 0;

  const [{ device_id }] = before;
  await backEnd.devices.update({ device_id, name: "Renamed" });
  await list.refresh();

  const after = list.getSnapshot();
  assert.notEqual(after[0], before[0]);
  assert.equal(after[0], list.get(device_id));
  assert.equal(after[1], before[1]);
  assert.deepEqual(list.find({ text: "renamed" }), [after[0]]);
  const items = said.flatMap((it) => it.news?.items ?? []);
  assert.deepEqual(
    items.map(([, id]) => id),
    [device_id],
  );
  assert.ok(said.every((it) => it.news?.order === undefined));
});

test("changes tell what came, what changed and what went, by ids", async (t) => {
  const { info, page, sandbox } = await worker(t);
  const { endpoint, client_session_token: token, api_key: apiKey } = info;
  const { fetch } = sandbox;
  const backEnd = client.Seam.fromApiKey(apiKey, { endpoint, fetch });
  const { Seam } = await page();
  const list = Seam.fromClientSessionToken(token, { endpoint }).devices.watch();
  t.after(list.close);
  const changes = list.changes[Symbol.asyncIterator]();

  const { value: first } = await changes.next();
  assert.deepEqual(first, {
    added: list.ids?.() ?? first.added,
    changed: [],
    removed: [],
  });
  const [device_id] = first.added;
  await backEnd.devices.update({ device_id, name: "Renamed" });
  await list.refresh();
  assert.deepEqual((await changes.next()).value.changed, [device_id]);
  sandbox.endSession({ client_session_token: token });
  await list.refresh();
  assert.deepEqual((await changes.next()).value.removed, first.added);
  assert.deepEqual(list.getSnapshot(), []);
  assert.equal(list.status.state, "stopped");
  assert.equal(list.status.reason.reason, "token_refused");
  const last = changes.next();
  list.close();
  assert.deepEqual(await last, { done: true, value: undefined });
});

test("find finds what it finds without a worker", async (t) => {
  const letters = Array.from({ length: 0x500 }, (_, at) =>
    String.fromCharCode(at),
  ).filter((it) => !/\p{Cn}/u.test(it));
  const rich = [
    { device_type: "august_lock", can_remotely_unlock: true },
    { device_type: "august_lock", can_remotely_unlock: false },
    { device_type: null, can_remotely_unlock: "yes", name: "of name" },
    { display_name: "Shown", name: "Hidden", properties: { online: true } },
    { display_name: 1, name: "Named", properties: { online: "true" } },
    { errors: [{}], properties: { online: false, battery_level: 0.1 } },
    { errors: {}, properties: { battery: { level: 0.9, status: "low" } } },
    { errors: [], properties: { battery: { level: 0.1, status: "full" } } },
  ];
  const devices = [...rich, ...letters.map((name) => ({ name }))].map(
    (it, nth) => ({ ...it, device_id: `${nth}` }),
  );
  const { info, page } = await worker(t, () => Response.json({ devices }));
  const { endpoint, api_key: apiKey } = info;
  const { Seam } = await page();
  const [list, own] = [Seam, client.Seam].map((Seam) => {
    const list = new Seam({ apiKey, endpoint }).devices.watch();
    t.after(list.close);
    return list;
  });
  await Promise.all([state(list, "live"), state(own, "live")]);
  assert.equal(list.size, devices.length);

  const queries = [
    {},
    ...[true, false].flatMap((is) => [
      { online: is },
      { low_battery: is },
      { has_errors: is },
      { online: is, has_errors: is },
    ]),
    { can: ["can_remotely_unlock"] },
    { can: ["can_fly"] },
    { device_type: "august_lock" },
    { device_types: ["august_lock", "none"], online: false },
    { device_types: [] },
    ...["shown", "HIDDEN", "named", "e", ""].map((text) => ({ text })),
    ...letters.flatMap((it) => [
      { text: it.toLowerCase() },
      { text: it.toUpperCase() },
    ]),
  ];
  let found = 0;
  for (const query of queries) {
    const expected = own.find(query);
    assert.deepEqual(list.find(query), expected, JSON.stringify(query));
    found += expected.length;
  }
  assert.ok(found > devices.length);
});

test("another token empties a list at once, before anything is asked with it", async (t) => {
  const { info, page, sandbox, requests } = await worker(t);
  const { endpoint, client_session_token: token, api_key: apiKey } = info;
  const { fetch } = sandbox;
  const backEnd = client.Seam.fromApiKey(apiKey, { endpoint, fetch });
  const other = await backEnd.clientSessions.create({
    user_identifier_key: "somebody-else-of-this-test",
  });
  const first = await page();
  const seam = first.Seam.fromClientSessionToken(token, { endpoint });
  const list = seam.devices.watch();
  const second = await page();
  const stays = second.Seam.fromClientSessionToken(token, {
    endpoint,
  }).devices.watch();
  t.after(list.close);
  t.after(stays.close);
  await Promise.all([state(list, "live"), state(stays, "live")]);
  const [device_id] = stays.getSnapshot().map((it) => it.device_id);

  const update = seam.updateClientSessionToken(other.token);

  assert.deepEqual(list.getSnapshot(), []);
  assert.equal(list.get(device_id), undefined);
  assert.equal(list.status.state, "loading");
  await update;
  await state(list, "live");
  assert.deepEqual(list.getSnapshot(), []);
  assert.equal(stays.get(device_id).device_id, device_id);
  const late = requests.filter((it) => it.token === other.token);
  assert.ok(late.some(({ path }) => path === "/devices/list"));

  await seam.updateClientSessionToken(token);
  await state(list, "live");
  assert.equal(list.get(device_id).device_id, device_id);
});

test("a scope is the same as without a worker, and guards what is done", async (t) => {
  const { info, page, sandbox, requests, asked } = await worker(t);
  const { endpoint, api_key: apiKey } = info;
  const { fetch } = sandbox;
  const backEnd = client.Seam.fromApiKey(apiKey, { endpoint, fetch });
  const all = await backEnd.devices.list();
  const { user_identity_id } = await backEnd.userIdentities.create();
  const [lock, other] = all.filter((it) => it.can_remotely_unlock);
  const grant = ({ device_id }) =>
    backEnd.userIdentities.grantAccessToDevice({ user_identity_id, device_id });
  await grant(lock);
  const { token } = await backEnd.clientSessions.create({ user_identity_id });
  const own = await client.Seam.fromClientSessionToken(token, {
    endpoint,
    fetch,
  }).scope();
  const { Seam, SeamOutOfScopeError } = await page();
  const seam = Seam.fromClientSessionToken(token, { endpoint });

  const scope = await seam.scope();

  assert.equal(scope.client_session_id, own.client_session_id);
  assert.equal(scope.user_identity_id, user_identity_id);
  assert.deepEqual(scope.expires_at, own.expires_at);
  assert.ok(own.devices.length === 1 && own.devices[0].actions.length > 0);
  assert.deepEqual(scope.devices, own.devices);
  assert.equal(scope.devices, scope.devices);
  assert.equal(scope.can(lock.device_id, "locks.unlockDoor"), true);
  assert.equal(scope.has(other.device_id), false);
  assert.deepEqual(scope.actions(other.device_id), []);

  const { device_id } = other;
  const error = await thrownBy(seam.locks.unlockDoor({ device_id }));
  assert.ok(error instanceof SeamOutOfScopeError);
  assert.ok(error instanceof client.SeamOutOfScopeError);
  assert.equal(error.outcome, "not_sent");
  assert.equal(asked("/locks/unlock_door"), 0);

  await grant(other);
  assert.equal(await seam.scope(), scope);
  assert.equal(scope.has(device_id), true);

  // Another user's: what was asked before is empty, and stays so.
  await seam.updateClientSessionToken(info.client_session_token);
  assert.deepEqual([scope.devices, scope.client_session_id], [[], undefined]);
  const next = await seam.scope();
  assert.notEqual(next, scope);
  assert.ok(next.devices.length > 0);
  assert.deepEqual([scope.devices, scope.has(lock.device_id)], [[], false]);
  assert.ok(requests.length > 0);
});

test("an act is of the user whose token was there when it was made, with a function too", async (t) => {
  const { info, page, sandbox, requests } = await worker(t);
  const { endpoint, client_session_token: token, api_key: apiKey } = info;
  const { fetch } = sandbox;
  const backEnd = client.Seam.fromApiKey(apiKey, { endpoint, fetch });
  const other = await backEnd.clientSessions.create({
    user_identifier_key: "somebody-else-of-this-test",
  });
  const { Seam } = await page();
  for (const given of [token, () => token]) {
    const seam = Seam.fromClientSessionToken(given, { endpoint });
    const device_id = (await seam.devices.list())[0].device_id;
    requests.length = 0;

    const act = seam.locks.unlockDoor({ device_id }).execute();
    const update = seam.updateClientSessionToken(other.token);

    assert.equal((await act).status, "success");
    await update;
    const acts = requests.filter(({ path }) => path === "/locks/unlock_door");
    assert.deepEqual(
      acts.map((it) => it.token),
      [token],
    );
  }
});

test("an API key has no scope in a worker either", async (t) => {
  const { info, page } = await worker(t);
  const { endpoint, api_key: apiKey } = info;
  const { Seam } = await page();
  const { code } = await thrownBy(new Seam({ apiKey, endpoint }).scope());
  assert.equal(code, "credential_not_accepted");
});

/** Users and their sessions: `session(user)` makes a token of one more. */
async function users({ info, sandbox }) {
  const { endpoint, api_key: apiKey } = info;
  const { fetch } = sandbox;
  const backEnd = client.Seam.fromApiKey(apiKey, { endpoint, fetch });
  const [lock, other] = (await backEnd.devices.list()).filter(
    (it) => it.can_remotely_unlock,
  );
  const user = async ({ device_id }) => {
    const { user_identity_id } = await backEnd.userIdentities.create();
    await backEnd.userIdentities.grantAccessToDevice({
      user_identity_id,
      device_id,
    });
    return { user_identity_id };
  };
  const session = async (of) => (await backEnd.clientSessions.create(of)).token;
  const [one, two] = [await user(lock), await user(other)];
  return { one, two, session, lock, other };
}

test("a token function is called in the page, for the first call, and once for all", async (t) => {
  const site = await worker(t);
  const { one, session, lock } = await users(site);
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
  await new Promise((resolve) => setImmediate(resolve));
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

test("a token that dies is renewed once for all pages, and what is shown stays", async (t) => {
  const site = await worker(t);
  const { one, session, lock } = await users(site);
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
    const list = seam.devices.watch();
    t.after(list.close);
    await state(list, "live");
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
  // Whoever comes with the new token comes to the same client.
  const rounds = site.asked("/devices/list");
  const { Seam } = await site.page();
  const list = Seam.fromClientSessionToken(() => tokens[1], {
    endpoint,
  }).devices.watch();
  t.after(list.close);
  await state(list, "live");
  assert.equal(site.asked("/devices/list"), rounds);
});

test("another user's token is for none but the page that gives it", async (t) => {
  const site = await worker(t);
  const { one, two, session, lock, other } = await users(site);
  const { endpoint } = site.info;
  const first = await session(one);
  const next = [await session(two), await session(one)];
  const pages = [];
  for (const nth of [0, 1]) {
    const { Seam } = await site.page();
    let called = 0;
    const ask = () => ((called += 1) === 1 ? first : next[nth]);
    const seam = Seam.fromClientSessionToken(ask, { endpoint });
    const list = seam.devices.watch();
    t.after(list.close);
    await state(list, "live");
    const seen = new Set();
    list.subscribe(() => {
      for (const it of list.getSnapshot()) seen.add(it.device_id);
    });
    pages.push({ seam, list, seen });
  }
  site.sandbox.endSession({ client_session_token: first });

  await pages[1].seam.devices.list().catch(() => {});
  await until(() => pages[0].list.get(other.device_id));
  await until(() => pages[1].list.get(lock.device_id));

  assert.deepEqual([...pages[1].seen], [lock.device_id]);
  for (const { list, seam } of pages) {
    assert.equal(list.size, 1);
    assert.deepEqual(await seam.devices.list(), list.getSnapshot());
  }
});

test("a token function that fails is one clear error, and is not stormed", async (t) => {
  const site = await worker(t);
  const { one, session } = await users(site);
  const { endpoint } = site.info;
  const token = await session(one);
  const { Seam, SeamHttpInvalidTokenError } = await site.page();
  let called = 0;
  const seam = Seam.fromClientSessionToken(
    () => {
      called += 1;
      throw new Error(`the back end is down, ${token}`);
    },
    { endpoint },
  );
  const list = seam.devices.watch();
  t.after(list.close);

  const errors = await Promise.all(
    [0, 1, 2].map(() => thrownBy(seam.devices.list())),
  );
  await state(list, "stale");

  assert.equal(called, 1);
  assert.equal(list.status.reason.code, "no_token");
  for (const error of errors) {
    assert.ok(error instanceof SeamHttpInvalidTokenError);
    assert.deepEqual([error.code, error.outcome], ["no_token", "not_sent"]);
    assert.match(error.message, /the back end is down/);
    assert.ok(!inspect(error).includes(token));
  }
  assert.deepEqual(site.requests, []);
});

test("when the page that is asked for a token goes, another is asked", async (t) => {
  const site = await worker(t);
  const { one, session, lock } = await users(site);
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
  const stays = await site.page();
  let given = 0;
  const seam = stays.Seam.fromClientSessionToken(
    () => ((given += 1) === 1 ? first : second),
    { endpoint },
  );
  await seam.devices.list();
  site.sandbox.endSession({ client_session_token: first });

  const call = seam.devices.list();
  call.catch(() => {});
  await goes;
  close();

  const [{ device_id }] = await call;
  assert.equal(device_id, lock.device_id);
  assert.equal(given, 2);
});

/** Resolves when what was said before has been heard by all. */
const task = () => new Promise((resolve) => setImmediate(resolve));

/** A page whose renewed token `next` the worker has asked the server about, and waits. */
async function looking(t, given) {
  t.mock.timers.enable({ apis: ["setTimeout", "Date"], now: 1e12 });
  let go;
  const gone = new Promise((resolve) => (go = resolve));
  let looked;
  const looks = new Promise((resolve) => (looked = resolve));
  let next;
  const site = await worker(t, async ({ path, token }) => {
    if (path !== "/client_sessions/get" || token !== next) return undefined;
    looked();
    await gone;
    return undefined;
  });
  const of = await users(site);
  const first = await of.session(of.one);
  next = await of.session(of.one);
  const tokens = [first, ...given, next];
  const page = await site.page();
  const options = { endpoint: site.info.endpoint, timeout: 1_000 };
  const seam = page.Seam.fromClientSessionToken(() => tokens.shift(), options);
  await passing(t, seam.devices.list().execute());
  site.sandbox.endSession({ client_session_token: first });
  let isOver = false;
  const listed = (async () => {
    while (!isOver) {
      try {
        return await seam.devices.list();
      } catch {
        await task();
      }
    }
  })();
  t.after(() => (isOver = true));
  await passing(t, looks);
  return { ...site, ...of, own: page, options, next, listed, go };
}

test("a late answer of a token function brings nobody to another's client", async (t) => {
  let late;
  const pending = new Promise((resolve) => (late = resolve));
  const site = await looking(t, [pending]);
  const { two, session, lock, other, own, options, listed, go } = site;
  const strange = await session(two);

  late(strange);
  await task();
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

test("a client whose last page goes while its token is renewed does not come back", async (t) => {
  const { next, own, page, requests, options, go } = await looking(t, []);
  const looks = () =>
    requests.filter(
      (it) => it.path === "/client_sessions/get" && it.token === next,
    ).length;

  own.close();
  const { Seam } = await page();
  go();
  await until(() => looks() === 1);
  await Seam.fromClientSessionToken(() => next, options).devices.list();

  await until(() => looks() === 2);
});

test("what is meant as one user is not done as the next, but as the same user it is", async (t) => {
  const site = await worker(t);
  const { one, two, session, lock, other } = await users(site);
  const { endpoint } = site.info;
  const first = await session(one);
  const next = [await session(two), await session(one)];
  const pages = [];
  for (const nth of [0, 1]) {
    const { Seam, said } = await site.page();
    let give;
    const waits = new Promise((resolve) => (give = resolve));
    const isLast = nth === 1;
    const answers = [first, ...(isLast ? [] : [next[0]]), waits];
    const seam = Seam.fromClientSessionToken(
      () => answers.shift() ?? next[nth],
      { endpoint },
    );
    await seam.devices.list();
    pages.push({ seam, said, give: () => give(next[nth]) });
  }
  site.sandbox.endSession({ client_session_token: first });
  await pages[0].seam.devices.list().catch(() => {});
  await until(() =>
    pages.every(({ said }) => said.some((it) => it.say === "anew")),
  );

  const [refused, done] = pages.map(({ seam }, nth) =>
    seam.locks
      .unlockDoor({ device_id: [other, lock][nth].device_id })
      .then((it) => it.status)
      .catch((error) => error),
  );
  for (const { give } of pages) give();

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

test("who waits for a token that is of no use any more waits for the next", async (t) => {
  const site = await worker(t);
  const { one, two, session, other } = await users(site);
  const { endpoint } = site.info;
  const tokens = [await session(one), await session(one)];
  const strange = await session(two);
  const { Seam, said } = await site.page();
  let late;
  const waits = new Promise((resolve) => (late = resolve));
  const given = [tokens[0], strange, waits];
  const seam = Seam.fromClientSessionToken(() => given.shift() ?? strange, {
    endpoint,
  });
  const anew = (times) =>
    until(() => said.filter((it) => it.say === "anew").length === times);
  await seam.devices.list();
  site.sandbox.endSession({ client_session_token: tokens[0] });
  await seam.devices.list().catch(() => {});
  await anew(1);
  const call = seam.devices.list().execute();
  await until(() => given.length === 0);
  await seam.updateClientSessionToken(tokens[1]);
  await seam.devices.list();
  site.sandbox.endSession({ client_session_token: tokens[1] });
  await seam.devices.list().catch(() => {});
  await anew(2);

  late(tokens[1]);

  assert.deepEqual(
    (await call).map((it) => it.device_id),
    [other.device_id],
  );
});

test("a page that never answers keeps no other from its devices", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout", "Date"], now: 1e12 });
  const site = await worker(t);
  const { one, session, lock } = await users(site);
  const options = { endpoint: site.info.endpoint, timeout: 1_000 };
  const [first, second] = [await session(one), await session(one)];
  const silent = await site.page();
  const answers = [first, new Promise(() => {})];
  const never = silent.Seam.fromClientSessionToken(
    () => answers.shift() ?? new Promise(() => {}),
    options,
  );
  await passing(t, never.devices.list().execute());
  const { Seam } = await site.page();
  let given = 0;
  const seam = Seam.fromClientSessionToken(
    () => ((given += 1) === 1 ? first : second),
    options,
  );
  await passing(t, seam.devices.list().execute());
  site.sandbox.endSession({ client_session_token: first });

  await passing(t, thrownBy(seam.devices.list()));
  let listed;
  const listing = async () => {
    while (listed === undefined && given === 1) {
      listed = await seam.devices.list().catch(() => undefined);
    }
    listed ??= await seam.devices.list();
  };
  await passing(t, listing());

  assert.deepEqual(
    listed.map((it) => it.device_id),
    [lock.device_id],
  );
  assert.equal(given, 2);
});

test("nothing but a greeting is said to a worker that has not answered", async () => {
  const { Seam, setWorker } = await import(
    `${entry("seam-session/worker")}?silent`
  );
  const { info } = await Sandbox.create();
  const { port1, port2 } = new MessageChannel();
  const heard = [];
  port2.addEventListener("message", ({ data }) => heard.push(data.say));
  setWorker(() => port1);
  const { client_session_token: token, endpoint } = info;
  const seam = Seam.fromClientSessionToken(token, { endpoint });
  const call = thrownBy(seam.locks.unlockDoor({ device_id: "any" }));
  await until(() => heard.length > 0);
  await task();

  port1.dispatchEvent(new Event("error"));

  const { code, outcome } = await call;
  assert.deepEqual([code, outcome], ["wasm_unavailable", "not_sent"]);
  port1.postMessage({ say: "last" });
  await until(() => heard.includes("last"));
  assert.deepEqual(heard, ["hello", "last"]);
  port1.close();
});

test("what cannot cross to a worker is left where it is, and is no strange error", async (t) => {
  const site = await worker(t);
  const { info, page } = site;
  const { endpoint, client_session_token: token } = info;
  const { Seam } = await page();
  const extra = () => {};
  const waitForActionAttempt = { timeout: 9_000, extra };
  const seam = Seam.fromClientSessionToken(token, {
    endpoint,
    waitForActionAttempt,
  });
  const devices = await seam.devices.list({}, { extra });
  const { device_id } = devices.find((it) => it.can_remotely_unlock);
  const attempt = await seam.locks.unlockDoor(
    { device_id },
    { waitForActionAttempt, extra },
  );
  assert.equal(attempt.status, "success");

  const next = await page();
  let called = 0;
  const failing = next.Seam.fromClientSessionToken(
    () => {
      called += 1;
      if (called === 1) return token;
      throw Object.assign(new Error("the back end is down"), { data: extra });
    },
    { endpoint },
  );
  await failing.devices.list();
  site.sandbox.endSession({ client_session_token: token });
  const { code, message } = await thrownBy(failing.devices.list());
  assert.equal(code, "no_token");
  assert.match(message, /the back end is down/);
});

test("a page that goes ends what it watched and called; another's goes on", async (t) => {
  let held;
  const { info, page, sandbox, asked } = await worker(
    t,
    ({ path, request }) => {
      if (path !== "/locks/list") return undefined;
      return new Promise((_, reject) => {
        held?.();
        request.signal.addEventListener("abort", () => {
          aborted();
          reject(new Error("over"));
        });
      });
    },
  );
  let aborted;
  const ended = new Promise((resolve) => (aborted = resolve));
  const { endpoint, client_session_token: token } = info;
  const pages = [await page(), await page()];
  const lists = pages.map(({ Seam }) => {
    const seam = Seam.fromClientSessionToken(token, { endpoint });
    const list = seam.devices.watch();
    t.after(list.close);
    return { seam, list };
  });
  await Promise.all(lists.map((it) => state(it.list, "live")));
  const sent = new Promise((resolve) => (held = resolve));
  lists[0].seam.locks.list().catch(() => {});
  await sent;

  pages[0].close();
  await ended;
  await lists[1].list.refresh();
  assert.equal(asked("/devices/list"), 2);
  assert.equal(lists[1].list.status.state, "live");
  // Nobody is left who watches: what comes next begins a list anew.
  pages[1].close();
  sandbox.addFault({ fault: "outage", path: "/devices/list", times: 1 });
  const { Seam } = await page();
  const list = Seam.fromClientSessionToken(token, {
    endpoint,
    maxRetries: 0,
  }).devices.watch();
  t.after(list.close);
  await state(list, "stale");
  assert.deepEqual(list.getSnapshot(), []);
});

test("it polls while any page that watches is visible, and at once when one is again", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout", "Date"], now: 1e12 });
  const { info, page, asked } = await worker(t);
  const { endpoint, client_session_token: token } = info;
  const pages = [await page(), await page()];
  for (const { Seam } of pages) {
    const seam = Seam.fromClientSessionToken(token, { endpoint });
    const list = seam.devices.watch({}, { interval: 60_000 });
    t.after(list.close);
    await passing(t, state(list, "live"));
  }
  const hide = async (nth, hidden) => {
    pages[nth].say({ say: "hidden", hidden });
    await pages[nth].heard();
  };
  const minutes = async (count) => {
    for (let passed = 0; passed < count * 60; passed += 1) {
      t.mock.timers.tick(1_000);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  assert.equal(asked("/devices/list"), 1);

  await hide(0, true);
  await minutes(3);
  const seen = asked("/devices/list");
  assert.ok(seen >= 3, `${seen}`);
  await hide(1, true);
  await minutes(5);
  assert.equal(asked("/devices/list"), seen);
  await hide(0, false);
  await until(() => asked("/devices/list") === seen + 1);
});

test("the shortest interval of all pages counts, whichever page wants it", async (t) => {
  const { info, page, asked } = await worker(t);
  const { endpoint, client_session_token: token } = info;
  const client = async () => {
    const { Seam } = await page();
    return Seam.fromClientSessionToken(token, { endpoint });
  };
  const watch = async (seam, interval) => {
    const list = seam.devices.watch({}, { interval });
    t.after(list.close);
    await state(list, "live");
    return list;
  };
  const [one, two] = [await client(), await client()];
  await watch(one, 3_600_000);
  assert.equal(asked("/devices/list"), 1);

  const short = await watch(two, 1_000);
  await until(() => asked("/devices/list") >= 3);
  short.close();

  await watch(one, 1_000);
  const before = asked("/devices/list");
  await until(() => asked("/devices/list") >= before + 2);
});

test("a path is called as such, and a publishable key makes a session", async (t) => {
  const { info, page } = await worker(t);
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
  assert.deepEqual(await own.devices.list(), []);
});

test("a page of another build is told so", async (t) => {
  const { info, page } = await worker(t);
  const { endpoint, client_session_token: token } = info;
  const { Seam, hold } = await page();
  const go = hold((message) =>
    message.say === "hello" ? { ...message, build: "another" } : message,
  );
  const seam = Seam.fromClientSessionToken(token, { endpoint });
  go();
  const { code, outcome, message } = await thrownBy(seam.devices.list());
  assert.deepEqual([code, outcome], ["wasm_unavailable", "not_sent"]);
  assert.match(message, /another build of seam-session/);
});

test("where there are no workers each call says so", async () => {
  const { Seam } = await import(`${entry("seam-session/worker")}?none`);
  const { info } = await Sandbox.create();
  const seam = Seam.fromClientSessionToken(info.client_session_token);
  const { code, outcome, message } = await thrownBy(seam.devices.list());
  assert.deepEqual([code, outcome], ["wasm_unavailable", "not_sent"]);
  assert.match(message, /there are no workers here/);
  const list = seam.devices.watch();
  await state(list, "stopped");
  assert.match(list.status.reason.message, /there are no workers here/);
});
