// Parameters beside the official SDK, which sends those of many routes in a query string. We send
// all as JSON, and both must mean the same.
import assert from "node:assert/strict";
import { test } from "node:test";

import { SeamHttp, serializeUrlSearchParams } from "@seamapi/http";

import { rejected } from "../support/errors.mjs";
import { Seam } from "../support/installed.mjs";
import { json, serve } from "../support/server.mjs";

const KEY = "seam_test2bMS_94SrGUXuNR2JmJkjtvBQDg5c";
const DATE = new Date("2026-02-03T04:05:06.789Z");
const otherRealmDate = Object.assign(Object.create(Date.prototype), {
  [Symbol.toStringTag]: "Date",
  toISOString: () => "2026-01-01T00:00:00.000Z",
});
const instant = {
  epochMilliseconds: DATE.getTime(),
  toJSON: () => DATE.toISOString(),
};
// A class's, as Temporal.Instant is: a plain object would be taken for members.
Object.setPrototypeOf(instant, Object.create(Object.prototype));

/** Both clients before a server that keeps what each of them sent last. */
async function clients(t) {
  const last = {};
  const { endpoint } = await serve(t, (request, response, body) => {
    const who = request.headers["seam-sdk-name"];
    last[who] = { url: new URL(request.url, "http://x"), body };
    json(response, 200, { devices: [], device: {}, events: [], ok: true });
  });
  const options = { endpoint, timeout: 5_000 };
  return {
    ours: Seam.fromApiKey(KEY, options),
    theirs: SeamHttp.fromApiKey(KEY, options),
    last,
  };
}

const QUERY = [
  ["nothing", undefined, {}],
  ["no parameters", {}, {}],
  ["text", { search: "door" }, { search: "door" }],
  ["an empty search", { search: "", limit: 2 }, { limit: 2 }],
  ["what is not there", { search: undefined, limit: 2 }, { limit: 2 }],
  ["null", { page_cursor: null }, { page_cursor: null }],
  ["numbers", { limit: 0, x: -1.5 }, { limit: 0, x: -1.5 }],
  ["a BigInt", { limit: 12n }, { limit: 12 }],
  ["booleans", { a: true, b: false }, { a: true, b: false }],
  ["a list", { device_ids: ["a", "b"] }, { device_ids: ["a", "b"] }],
  ["an empty list", { device_ids: [] }, { device_ids: [] }],
  ["a date", { created_before: DATE }, { created_before: DATE.toISOString() }],
  [
    "a date of another realm",
    { created_before: otherRealmDate },
    { created_before: "2026-01-01T00:00:00.000Z" },
  ],
  [
    "an instant",
    { created_before: instant },
    { created_before: DATE.toISOString() },
  ],
  ["a list of dates", { between: [DATE] }, { between: [DATE.toISOString()] }],
  [
    "members",
    { custom_metadata_has: { a: "1", b: true, c: "", d: undefined } },
    { custom_metadata_has: { a: "1", b: true } },
  ],
  ["members that are all empty", { custom_metadata_has: { a: "" } }, {}],
  ["no members", { custom_metadata_has: {} }, {}],
  ["members of members", { a: { b: { c: 1 } } }, { a: { b: { c: 1 } } }],
  [
    "an object without a prototype",
    { a: Object.assign(Object.create(null), { b: 1 }) },
    { a: { b: 1 } },
  ],
  [
    "odd characters",
    { search: "a b&c=d?é\u{1f511}\u0000" },
    { search: "a b&c=d?é\u{1f511}\u0000" },
  ],
];

test("parameters that the official SDK sends in the query mean the same in our JSON", async (t) => {
  const { ours, theirs, last } = await clients(t);
  for (const [name, params, expected] of QUERY) {
    await t.test(name, async () => {
      await ours.devices.list(params);
      await theirs.devices.list(params);
      const sent = JSON.parse(last["seam-session"].body);
      assert.deepEqual(Object.entries(sent), Object.entries(expected));
      const { url } = last["seamapi/javascript-http"];
      assert.equal(url.searchParams.toString(), serializeUrlSearchParams(sent));
    });
  }
});

test("a member called __proto__ is one like any other", async (t) => {
  const { ours, last } = await clients(t);
  const text = '{"__proto__":"x","inner":{"__proto__":{"polluted":"y"}}}';
  for (const call of [ours.devices.list, ours.workspaces.update]) {
    await call(JSON.parse(text));
    assert.equal(last["seam-session"].body, text);
    assert.equal({}.polluted, undefined);
  }
});

const REFUSED = [
  ["an empty text in a list", { device_ids: ["a", ""] }],
  ["a list of an empty text", { device_ids: [""] }],
  ["null in a list", { device_ids: ["a", null] }],
  ["undefined in a list", { device_ids: [undefined] }],
  ["an object in a list", { device_ids: [{}] }],
  ["a list in a list", { device_ids: [["a"]] }],
  ["NaN", { limit: NaN }],
  ["infinity", { limit: -Infinity }],
  ["a function", { search: () => {} }],
  ["a symbol", { search: Symbol("x") }],
  ["a Map", { custom_metadata_has: new Map() }],
  ["a dot in a name", { "a.b": 1 }],
  ["a dot in an inner name", { custom_metadata_has: { "a.b": 1 } }],
  ["a dot in the name of nothing", { "a.b": undefined }],
];

test("what has no place in a query is refused with the official SDK's words", async (t) => {
  const { ours, theirs, last } = await clients(t);
  for (const [name, params] of REFUSED) {
    await t.test(name, async () => {
      const error = await rejected(ours.devices.list(params));
      const official = await rejected(theirs.devices.list(params));
      assert.equal(error.name, "UnserializableParamError");
      assert.equal(error.message, official.message);
      assert.equal(error.outcome, "not_sent");
      assert.equal(error.code, "invalid_parameters");
    });
  }
  assert.deepEqual(last, {});
});

test("a date that is none, and parameters that hold themselves, are refused", async (t) => {
  const { ours, last } = await clients(t);
  const cycle = {};
  cycle.cycle = cycle;
  for (const params of [{ x: new Date(NaN) }, cycle, { x: 2n ** 60n }]) {
    const error = await rejected(ours.devices.list(params));
    assert.ok(error instanceof Error);
    const update = { device_id: "d", params: cycle };
    assert.ok((await rejected(ours.devices.update(update))) instanceof Error);
  }
  const bigint = { device_id: "d", name: 1n };
  assert.ok((await rejected(ours.devices.update(bigint))) instanceof Error);
  assert.deepEqual(last, {});
  await ours.devices.list();
});

const BODY = [
  { device_id: "d", name: "" },
  { device_id: "d", name: null },
  { device_id: "d", name: undefined },
  { device_id: "d", custom_metadata: { a: "", b: null, "c.d": true } },
  { device_id: "d", at: DATE, list: [null, undefined, ""] },
  { device_id: "d", run: () => {}, number: NaN },
];

test("parameters that the official SDK sends as JSON are sent as they are", async (t) => {
  const { ours, theirs, last } = await clients(t);
  for (const params of BODY) {
    await ours.devices.update(params);
    await theirs.devices.update(params);
    assert.equal(
      last["seam-session"].body,
      last["seamapi/javascript-http"].body,
    );
  }
});

const INCOMPLETE = [
  ["nothing, where something is needed", (it) => it.devices.update()],
  ["null", (it) => it.devices.list(null)],
  ["a text", (it) => it.devices.list("x")],
  ["a list", (it) => it.devices.list([])],
  ["a function", (it) => it.devices.list(() => {})],
  ["one missing", (it) => it.devices.update({})],
  ["one undefined", (it) => it.devices.update({ device_id: undefined })],
  ["two missing", (it) => it.userIdentities.grantAccessToDevice({})],
  ["neither of two", (it) => it.devices.get({})],
  ["none of many", (it) => it.events.list({ limit: 1 })],
  ["neither, and none given", (it) => it.locks.get()],
  ["an inherited name", (it) => it.devices.get({ toString: 1 })],
];

test("parameters that are missing or no object are refused with the official SDK's words", async (t) => {
  const { ours, theirs, last } = await clients(t);
  for (const [name, call] of INCOMPLETE) {
    await t.test(name, async () => {
      const error = await rejected(call(ours));
      const official = await rejected(call(theirs));
      assert.ok(official instanceof TypeError);
      assert.ok(error instanceof TypeError);
      assert.equal(error.message, official.message);
      assert.equal(error.code, "invalid_parameters");
      assert.equal(error.outcome, "not_sent");
    });
  }
  assert.deepEqual(last, {});
});

test("what is needed by either SDK is needed by the other, for every route", async (t) => {
  const { ours, theirs } = await clients(t);
  const routes = [];
  const walk = (at, names) => {
    for (const name of Object.getOwnPropertyNames(Object.getPrototypeOf(at))) {
      if (["constructor", "client", "defaults"].includes(name)) continue;
      if (["createPaginator", "updateClientSessionToken"].includes(name))
        continue;
      const value = at[name];
      if (typeof value === "function") routes.push([...names, name]);
      else walk(value, [...names, name]);
    }
  };
  walk(theirs, []);
  // Theirs is newer by one route.
  assert.equal(routes.length, 202);
  for (const names of routes) {
    if (names.join(".") === "userIdentities.merge") continue;
    const call = (seam) =>
      names.reduce((at, name) => at[name].bind?.(at) ?? at[name], seam)({});
    const official = await call(theirs).then(
      () => undefined,
      (error) => (error instanceof TypeError ? error.message : undefined),
    );
    const message = await call(ours).then(
      () => undefined,
      (error) => (error instanceof TypeError ? error.message : undefined),
    );
    assert.equal(message, official, names.join("."));
  }
});
