// Everything that an in-process sandbox throws has a `code` and an `outcome`.
import assert from "node:assert/strict";
import { test } from "node:test";

import { rejected } from "../support/errors.mjs";
import { client, Sandbox, Seam } from "../support/installed.mjs";

/** A value that holds itself. */
const cyclic = {};
cyclic.self = cyclic;

/** Fails unless it is such an `Error`, which `details` describes. */
function assertCoded(error, ErrorClass, details) {
  assert.ok(error instanceof ErrorClass, String(error?.stack ?? error));
  assert.ok(error instanceof Error);
  const { code, outcome, message } = error;
  assert.deepEqual({ code, outcome }, details.expected, message);
  assert.match(message, details.message);
}

const INVALID_OPTIONS = { code: "invalid_options", outcome: "not_sent" };
const BAD_ARGUMENT = { code: "invalid_parameters", outcome: "not_sent" };
const REFUSED = { code: "invalid_input", outcome: "refused" };

/** Options that cannot be used, and what the message says of each. */
const OPTIONS = [
  [{ device: 3 }, /no option device: it takes devices, seed, outOfScope/],
  [{ random_seed: 3 }, /no option random_seed/],
  [{ toString: 3 }, /no option toString/],
  [null, /must be an object/],
  ["seed", /must be an object/],
  [[], /must be an object/],
  [{ devices: -1 }, /^devices must be a whole number/],
  [{ devices: 2.5 }, /^devices must be a whole number/],
  [{ devices: NaN }, /^devices must be a whole number/],
  [{ devices: "3" }, /^devices must be a whole number/],
  [{ devices: 1_000_000 }, /devices/],
  [{ randomSeed: 2 ** 53 }, /^randomSeed must be a whole number/],
  [{ randomSeed: 7n }, /^randomSeed must be a whole number/],
  [{ outOfScope: 403 }, /^outOfScope must be 404 or 401/],
  [{ endpoint: new URL("https://a.test") }, /^endpoint must be a string/],
  [{ rateLimits: "no" }, /^rateLimits must be true or false/],
  [{ faults: { fault: "outage" } }, /^faults must be an array of objects/],
  [{ faults: ["outage"] }, /^faults must be an array of objects/],
  [{ faults: [{ fault: "fire" }] }, /^fault 1: .*"fault"/],
  [{ faults: [cyclic] }, /writable as JSON/],
  [{ seed: null }, /^seed must be an object/],
  [{ seed: [] }, /^seed must be an object/],
  [{ seed: { doors: [] } }, /unknown field `doors`/],
  [{ seed: { devices: [{ bigint: 1n }] } }, /writable as JSON/],
];

for (const [index, [options, message]] of OPTIONS.entries()) {
  test(`an option that cannot be used is refused by name: ${message} (${index})`, async () => {
    const error = await rejected(Sandbox.create(options));
    assertCoded(error, client.SeamHttpInvalidOptionsError, {
      expected: INVALID_OPTIONS,
      message,
    });
  });
}

test("an option that is undefined counts as not given", async () => {
  const { info } = await Sandbox.create({
    devices: undefined,
    seed: undefined,
    outOfScope: undefined,
    endpoint: undefined,
    randomSeed: undefined,
    faults: undefined,
    rateLimits: undefined,
  });
  assert.equal(info.device_ids.length, 8);
});

/** Calls that the sandbox's own routes refuse. */
const REFUSALS = {
  addFault: [(it) => it.addFault({ fault: "fire" }), /"fault"/],
  "addFault with nothing": [(it) => it.addFault(), /fault/],
  "addFault with null": [(it) => it.addFault(null), /./],
  removeFaults: [(it) => it.removeFaults("one"), /fault_id/],
  advanceClock: [(it) => it.advanceClock(-1), /advance_ms/],
  "advanceClock by no number": [(it) => it.advanceClock(NaN), /./],
  "endSession of nothing": [(it) => it.endSession({}), /client_session/],
  "endSession of null": [(it) => it.endSession(null), /client_session/],
  restore: [(it) => it.restore({}), /no state of a sandbox/],
};

for (const [name, [call, message]] of Object.entries(REFUSALS)) {
  test(`what ${name} cannot take is refused as the route refuses it, and changes nothing`, async () => {
    const sandbox = await Sandbox.create();
    const before = sandbox.state();
    const error = await rejected((async () => call(sandbox))());
    assertCoded(error, client.SeamHttpInvalidInputError, {
      expected: REFUSED,
      message,
    });
    assert.equal(error.statusCode, 400);
    assert.deepEqual(sandbox.state().workspace, before.workspace);
    assert.deepEqual(sandbox.faults(), []);
  });
}

test("a session that is not there is refused with the status and type of the route", async () => {
  const sandbox = await Sandbox.create();
  const call = async () =>
    sandbox.endSession({ client_session_token: "seam_cst1none_none" });
  const error = await rejected(call());
  assertCoded(error, client.SeamHttpApiError, {
    expected: { code: "client_session_not_found", outcome: "refused" },
    message: /./,
  });
  assert.equal(error.statusCode, 404);
});

/** Calls with what is none of the arguments that they take. */
const ARGUMENTS = {
  "addFault of what holds itself": (it) => it.addFault(cyclic),
  "restore of what is no JSON": (it) => it.restore({ at: 1n }),
  "handle without a method": (it) =>
    it.handle(undefined, "/", [], new Uint8Array()),
  "handle without a target": (it) => it.handle("GET", 7, [], new Uint8Array()),
  "handle without headers": (it) =>
    it.handle("GET", "/", null, new Uint8Array()),
  "handle with a name without its value": (it) =>
    it.handle("GET", "/", ["accept"], new Uint8Array()),
  "handle with a text for its body": (it) => it.handle("GET", "/", [], "{}"),
  "fetch of what is no URL": (it) => it.fetch("devices/list"),
  "fetch of nothing": (it) => it.fetch(),
  "fetch of a GET with a body": (it) =>
    it.fetch(it.info.endpoint, { body: "{}" }),
  "fetch of a body that breaks": (it) =>
    it.fetch(it.info.endpoint, {
      method: "POST",
      duplex: "half",
      body: new ReadableStream({
        pull(controller) {
          controller.error(new Error("it broke"));
        },
      }),
    }),
};

for (const [name, call] of Object.entries(ARGUMENTS)) {
  test(`${name} is a TypeError with a code and an outcome`, async () => {
    const sandbox = await Sandbox.create();
    const error = await rejected((async () => call(sandbox))());
    assertCoded(error, TypeError, { expected: BAD_ARGUMENT, message: /./ });
    assert.equal(typeof sandbox.state(), "object", "it goes on");
  });
}

test("a dropped connection and a truncated answer are a TypeError of fetch, of code network_error", async () => {
  const expected = { code: "network_error", outcome: "unknown" };
  const sandbox = await Sandbox.create();
  const { endpoint, api_key } = sandbox.info;
  const url = `${endpoint}/devices/list`;
  const headers = { authorization: `Bearer ${api_key}` };
  sandbox.addFault({ fault: "drop_before", times: 1 });
  assertCoded(await rejected(sandbox.fetch(url, { headers })), TypeError, {
    expected,
    message: /dropped the connection/,
  });
  sandbox.addFault({ fault: "truncate", times: 1 });
  const answer = await sandbox.fetch(url, { headers });
  assertCoded(await rejected(answer.text()), TypeError, {
    expected,
    message: /cut the answer off/,
  });
});

test("an aborted request rejects with the signal's own reason, also while its body is read", async () => {
  const { fetch, info } = await Sandbox.create();
  const reason = new Error("no longer wanted");
  const signal = AbortSignal.abort(reason);
  assert.equal(await rejected(fetch(info.endpoint, { signal })), reason);

  const controller = new AbortController();
  const body = new ReadableStream({
    pull: () => controller.abort(reason),
  });
  const { signal: later } = controller;
  const init = { method: "POST", duplex: "half", body, signal: later };
  assert.equal(await rejected(fetch(info.endpoint, init)), reason);
});

test("the client tells of a dropped connection as of any network error, with the sandbox's as its cause", async () => {
  const { fetch, info } = await Sandbox.create({
    faults: [{ fault: "drop_before" }],
  });
  const seam = Seam.fromClientSessionToken(info.client_session_token, {
    endpoint: info.endpoint,
    fetch,
    maxRetries: 0,
  });
  const error = await rejected(seam.devices.list());
  assert.equal(error.name, "SeamHttpNetworkError");
  assert.equal(error.outcome, "unknown");
  assert.match(error.cause.message, /the sandbox dropped the connection/);
});

test("Vue does not wrap a sandbox in a proxy, behind which its methods could not run", async () => {
  const sandbox = await Sandbox.create();
  assert.equal(sandbox.__v_skip, true);
  assert.deepEqual(Object.keys(sandbox), ["fetch"]);
});
