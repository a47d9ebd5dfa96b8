// Messages to a worker that no page of the package sends: any script of the origin can post to a
// shared worker. Both sides run in Node.
import assert from "node:assert/strict";
import { test } from "node:test";

import { entry } from "../support/installed.mjs";
import { liveList, startWorker } from "../support/worker-in-node.mjs";
import { rejected } from "../support/errors.mjs";
import { nextTask, waitUntil } from "../support/waiting.mjs";

const { serve } = await import(entry("seam-session/worker/thread"));

/** A script that talks to the worker by itself, with a client of its own under the number 1. */
async function stranger(t, { info, backEnd }) {
  const { token } = await backEnd.clientSessions.create({
    user_identifier_key: "the-stranger-of-this-test",
  });
  const { port1, port2 } = new MessageChannel();
  t.after(() => port1.close());
  serve(port2);
  const said = [];
  port1.addEventListener("message", ({ data }) => said.push(data));
  port1.start();
  const say = (message) => port1.postMessage(message);
  const credential = { kind: "clientSessionToken", token };
  const { endpoint } = info;
  const options = { endpoint, maxRetries: 0 };
  const open = {
    type: "open-client",
    client: 1,
    credential,
    options,
    hasTokenFunction: false,
  };
  say(open);
  let last = 1e9;
  /** Resolves when all that was said before has been heard. */
  const heard = async () => {
    const id = (last += 1);
    say({ type: "refresh", id, list: -1 });
    await waitUntil(() => said.some((it) => it.id === id));
  };
  return { say, said, heard, open };
}

const call = (more) => ({
  ...{ type: "call", client: 1, path: "/devices/list", params: "{}" },
  ...{ options: {}, issuedForPreviousUser: false },
  calledAt: { monotonic: performance.now(), wall: Date.now() },
  check: 0,
  generation: 0,
  ...more,
});

const NO_CALLS = {
  "an object for a path": { path: { a: 1 } },
  "no path": { path: undefined },
  "an object for parameters": { params: { a: 1 } },
  "a number for parameters": { params: 5 },
  "parameters that are no JSON": { params: "{" },
  "parameters that are a list": { params: "[]" },
  "parameters that nest without end": { params: "[".repeat(1e6) },
  "no time": { calledAt: undefined },
  "a time that is none": { calledAt: { monotonic: NaN, wall: 0 } },
  "an endless time": { calledAt: { monotonic: 0, wall: Infinity } },
  "no check": { check: undefined },
  "a token generation that is no number": { generation: "1" },
  "headers that are none": { options: { headers: { "no name": "x" } } },
  "an option that is not known": { options: { fetch: 1 } },
  "options that are a map": { options: new Map() },
  "a wait of texts": { options: { waitForActionAttempt: { timeout: "1" } } },
  "a client that is not there": { client: 7 },
  "a client that is no number": { client: "1" },
};

test("an invalid call fails with a code and affects no other", async (t) => {
  const site = await startWorker(t);
  const { endpoint, client_session_token: token } = site.info;
  const { Seam } = await site.page();
  const seam = Seam.fromClientSessionToken(token, { endpoint });
  const devices = await seam.devices.list();
  const { say, said, heard } = await stranger(t, site);
  await heard();
  const before = site.requests.length;

  const names = Object.keys(NO_CALLS);
  const others = [];
  for (const [id, name] of names.entries()) {
    say(call({ id, ...NO_CALLS[name] }));
    others.push(seam.devices.list());
  }
  await heard();

  for (const [id, name] of names.entries()) {
    const answers = said.filter((it) => it.id === id);
    assert.deepEqual(
      answers.map((it) => [it.type, it.error?.more.outcome]),
      [["error", "not_sent"]],
      name,
    );
    assert.equal(answers[0].error.more.code, "invalid_options", name);
  }
  for (const list of await Promise.all(others)) assert.deepEqual(list, devices);
  assert.equal(site.requests.length, before + names.length);
});

const NO_CLIENTS = {
  "another kind of credential": ({ credential }) => ({
    credential: { ...credential, kind: "password" },
  }),
  "a token with a line break": ({ credential }) => ({
    credential: { ...credential, token: `${credential.token}\n` },
  }),
  "an object for a token": ({ credential }) => ({
    credential: { ...credential, token: { length: undefined } },
  }),
  "a fetch": ({ options }) => ({ options: { ...options, fetch: {} } }),
  "no endpoint": () => ({ options: {} }),
  "a number for an endpoint": () => ({ options: { endpoint: 1 } }),
  "retries without end": ({ options }) => ({
    options: { ...options, maxRetries: Infinity },
  }),
  "a user identity that is an object": ({ options }) => ({
    options: { ...options, userIdentityId: {} },
  }),
};

test("an invalid client is not created, and the page's other clients continue", async (t) => {
  const site = await startWorker(t);
  const { say, said, heard, open } = await stranger(t, site);
  const names = Object.keys(NO_CLIENTS);
  for (const [nth, name] of names.entries()) {
    const client = 100 + nth;
    say({ ...open, client, ...NO_CLIENTS[name](open) });
    say(call({ client, id: nth }));
  }
  say(call({ id: 99 }));
  await waitUntil(() => said.some((it) => it.id === 99));
  await heard();

  for (const [id, name] of names.entries()) {
    const { type: how, error } = said.find((it) => it.id === id);
    assert.equal(how, "error", name);
    assert.equal(error.message, "the worker has no client of this number");
  }
  assert.equal(said.find((it) => it.id === 99).type, "result");
});

test("an invalid list stops with an error", async (t) => {
  const site = await startWorker(t);
  const { say, said, heard } = await stranger(t, site);
  const watch = { type: "watch", client: 1, path: "/devices/list", json: "{}" };
  const wrong = [
    { interval: 1 },
    { interval: NaN },
    { path: "/locks/unlock_door" },
    { path: {} },
    { json: "null" },
    { client: 2 },
  ];
  for (const [id, it] of wrong.entries()) {
    say({ ...watch, id, interval: 1_000, ...it });
  }
  await heard();

  for (const [id] of wrong.entries()) {
    const { update } = said.find((it) => it.id === id);
    assert.equal(update.status.state, "stopped");
    assert.equal(update.status.reason.more.code, "invalid_options");
  }
  assert.deepEqual(site.requests, []);
});

test("the number of pending calls of a page is limited", async (t) => {
  const site = await startWorker(t, ({ path }) =>
    path === "/locks/list" ? new Promise(() => {}) : undefined,
  );
  const { say, said, heard } = await stranger(t, site);
  for (let id = 0; id < 10_010; id += 1) {
    say(call({ id, path: "/locks/list" }));
  }
  await heard();
  const failed = said.filter((it) => it.type === "error");
  assert.deepEqual(
    failed.map((it) => it.id),
    Array.from({ length: 10 }, (_, nth) => 10_000 + nth),
  );
  for (let id = 0; id < 10_000; id += 1) say({ type: "abort", id });
  await heard();
});

/** Numbers from 0 to 1, the same for the same seed. */
function random(seed) {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

const ODD = [
  undefined,
  null,
  NaN,
  Infinity,
  -1,
  2 ** 53,
  1e308,
  "",
  "{}",
  "\ud800",
  "x".repeat(100_000),
  10n,
  [],
  {},
  new Map([[1, 2]]),
  new Date(NaN),
  new Uint8Array(8),
  { length: undefined },
  { toString: 1 },
  [[[[]]]],
];

const COUNT = Number(process.env.WORKER_MESSAGES ?? 3_000);

test(`${COUNT} malformed messages keep no other page from its devices`, async (t) => {
  const site = await startWorker(t);
  const { endpoint, client_session_token: token } = site.info;
  const { Seam } = await site.page();
  const seam = Seam.fromClientSessionToken(token, { endpoint });
  const list = await liveList(t, seam);
  const devices = await seam.devices.list();
  const { say, said, heard, open } = await stranger(t, site);
  const at = { client: 1, id: 5 };
  const valid = [
    { ...open, client: 2 },
    call({ id: 5 }),
    call({ id: 6, path: "/not/known", issuedForPreviousUser: true }),
    { type: "watch", ...at, path: "/locks/list", json: "{}", interval: 1_000 },
    { type: "set-interval", id: 5, interval: 2_000 },
    { type: "refresh", id: 5, list: 5 },
    { type: "unwatch", id: 5 },
    { type: "abort", id: 5 },
    { type: "load-scope", ...at },
    {
      ...open,
      ...{ type: "change-token", client: 2, id: 7, check: 1 },
    },
    { type: "page-state", hidden: true, online: false },
    { type: "token", id: 1, token: "seam_cst1" },
    {
      type: "token-error",
      id: 1,
      error: { name: "A", message: "b", more: {} },
    },
    { type: "close-client", client: 2 },
    { type: "handshake", build: "another", hidden: false },
    { type: "lock", name: "a" },
    { type: "frozen" },
    { type: "ping" },
  ];
  const next = random(COUNT);
  const one = (of) => of[Math.floor(next() * of.length)];
  const mutated = (message) => {
    const copy = structuredClone(message);
    // One in itself is right, and would only end this page's own connection.
    if (copy.type === "handshake") copy.hidden = one(ODD.slice(0, 12));
    let within = copy;
    for (;;) {
      const name = one(Object.keys(within));
      const value = within[name];
      if (value && typeof value === "object" && next() < 0.5) {
        if (Object.keys(value).length === 0) return copy;
        within = value;
        continue;
      }
      if (next() < 0.2) delete within[name];
      else if (next() < 0.2) within[one(Object.keys(one(valid)))] = one(ODD);
      else within[name] = one(ODD);
      return copy;
    }
  };

  const others = [];
  for (let nth = 0; nth < COUNT; nth += 1) {
    say(next() < 0.02 ? one(ODD) : mutated(one(valid)));
    if (nth % 50 === 0) {
      others.push(seam.devices.list().execute());
      await nextTask();
    }
  }
  await heard();

  for (const it of await Promise.all(others)) assert.deepEqual(it, devices);
  assert.equal(list.status.state, "live");
  assert.deepEqual(list.getSnapshot(), devices);
  assert.ok(said.some((it) => it.type === "error"));
  assert.ok(
    !said.some((it) => it.type === "result" && it.value?.devices?.length),
  );
});

test("a message that cannot be cloned fails its own call, and no other waits for it", async (t) => {
  const { info, page } = await startWorker(t);
  const { endpoint, client_session_token: token } = info;
  const { Seam } = await page();
  const other = Seam.fromClientSessionToken(token, {
    endpoint,
    dangerouslyAllowBrowser: () => true,
  });
  const seam = Seam.fromClientSessionToken(token, { endpoint });
  let reads = 0;
  const waitForActionAttempt = {
    // It is a number when it is checked, and what has no clone after that.
    get timeout() {
      return (reads += 1) > 1 ? () => {} : 1_000;
    },
  };
  const wrong = rejected(
    seam.locks.list({}, { waitForActionAttempt }).execute(),
  );

  const calls = [seam, other].map((it) => it.devices.list().execute());

  const { code, outcome } = await wrong;
  assert.deepEqual([code, outcome], ["invalid_options", "not_sent"]);
  for (const devices of await Promise.all(calls)) {
    assert.equal(devices.length, (await seam.devices.list()).length);
  }
});
