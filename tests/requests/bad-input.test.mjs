// Invalid or hostile input of callers and servers: a clear error or the right result, no prototype
// pollution, and the next call works.
import assert from "node:assert/strict";
import { test } from "node:test";

import { allTextOf, rejected } from "../support/errors.mjs";
import { client, entry, Seam } from "../support/installed.mjs";
import { json, serve } from "../support/server.mjs";
import { waitUntil } from "../support/waiting.mjs";
import { SUCCESS } from "../support/clients.mjs";
import { dice } from "../support/random.mjs";

const TOKEN = "seam_cst1abcdefgh_hunter2hunter2hunter2hun";
const EMPTY = '{"devices":[],"ok":true}';

/** A client whose requests `answer` answers with a body, and the bodies it sent. */
function answering(answer, options = {}) {
  const sent = [];
  const seam = new Seam({
    clientSessionToken: TOKEN,
    endpoint: "https://seam.test",
    maxRetries: 0,
    fetch: async (request) => {
      sent.push(await request.text());
      const body = typeof answer === "function" ? await answer() : answer;
      return body instanceof Response ? body : new Response(body);
    },
    ...options,
  });
  return { seam, sent };
}

const SUCCEEDED = JSON.stringify(SUCCESS);

/** Fails when an object has by its prototype what only bad input gave. */
function assertClean() {
  for (const name of ["polluted", "endpoint", "token", "device_id"]) {
    assert.equal({}[name], undefined, name);
    assert.equal((() => {})[name], undefined, name);
  }
}

/** A body that holds each name which JavaScript gives a meaning. */
const TRICKS = `{"device_id":"d","__proto__":{"polluted":1,"device_id":"theirs"},
  "constructor":{"prototype":{"polluted":1}},"prototype":{"polluted":1},
  "inner":{"__proto__":{"polluted":1},"list":[{"__proto__":{"polluted":1}}]},
  "toString":"x","hasOwnProperty":"x","then":"x"}`;

test("parameters called __proto__, constructor or prototype arrive as data and pollute nothing", async () => {
  const { seam, sent } = answering(SUCCEEDED);
  await seam.locks.unlockDoor(JSON.parse(TRICKS));
  await seam.request("/robots/dance", JSON.parse(TRICKS));
  for (const body of sent) {
    assert.equal(body, JSON.stringify(JSON.parse(TRICKS)));
  }
  assert.equal(sent.length, 2);
  assertClean();
});

test("a required parameter is not taken from a __proto__ that came as data", async () => {
  const { seam, sent } = answering(SUCCEEDED);
  const error = await rejected(
    seam.locks.unlockDoor(JSON.parse('{"__proto__":{"device_id":"theirs"}}')),
  );
  assert.equal(error.code, "invalid_parameters");
  assert.deepEqual(sent, []);
});

test("options called __proto__ or constructor are refused, and set nothing", async () => {
  for (const name of ["__proto__", "constructor", "prototype", "toString"]) {
    const options = JSON.parse(
      `{"clientSessionToken":"${TOKEN}","${name}":{"endpoint":"https://evil.test"}}`,
    );
    assert.throws(() => new Seam(options), { code: "invalid_options" });
    assert.throws(() => Seam.fromClientSessionToken(TOKEN, options), {
      code: "invalid_options",
    });
  }
  const { seam, sent } = answering(EMPTY);
  const error = await rejected(
    seam.devices.list({}, JSON.parse('{"__proto__":{"signal":7}}')),
  );
  assert.equal(error.code, "invalid_options");
  assert.deepEqual(sent, []);
  assertClean();
});

test("a response with members called __proto__ arrives as from JSON.parse, and pollutes nothing", async () => {
  const body = `{"devices":[${TRICKS}],"__proto__":{"polluted":1,"devices":[7]},"ok":true}`;
  const { seam } = answering(body);
  assert.deepEqual(await seam.devices.list(), JSON.parse(body).devices);
  assert.deepEqual(
    Object.entries(await seam.devices.list().fetchResponse()),
    Object.entries(JSON.parse(body)),
  );
  const hidden = answering('{"__proto__":{"devices":[7]},"ok":true}').seam;
  assert.equal(
    (await rejected(hidden.devices.list())).code,
    "invalid_response",
  );
  assertClean();
});

test("an attempt that is waited for keeps members called __proto__", async () => {
  const pending = SUCCEEDED.replace("success", "pending");
  const last = `{"action_attempt":{"__proto__":{"polluted":1},${SUCCEEDED.slice(19)}`;
  const answers = [pending, last];
  const { seam } = answering(() => answers.shift());
  const request = seam.locks.unlockDoor({ device_id: "d" });
  await request.fetchResponse();
  assert.deepEqual(await request, JSON.parse(last).action_attempt);
  assertClean();
});

test("an error whose parts are called __proto__ or constructor tells them, and pollutes nothing", async () => {
  const tree = `{"_errors":[],"__proto__":{"_errors":["no"]},"constructor":{"_errors":["neither"]}}`;
  const envelope = `{"error":{"type":"invalid_input","message":"m","data":${TRICKS},"validation_errors":${tree}}}`;
  const { seam } = answering(() => new Response(envelope, { status: 400 }));
  const error = await rejected(seam.devices.list());
  assert.deepEqual(error.validationErrors, [
    { parameterName: "__proto__", errorMessages: ["no"] },
    { parameterName: "constructor", errorMessages: ["neither"] },
  ]);
  assert.deepEqual(error.getValidationErrorMessages("__proto__"), ["no"]);
  assert.deepEqual(error.getValidationErrorMessages("toString"), []);
  assert.deepEqual(
    Object.entries(error.data),
    Object.entries(JSON.parse(TRICKS)),
  );
  assertClean();

  for (const type of ["__proto__", "constructor", "SeamError", ""]) {
    const text = JSON.stringify({ error: { type, message: "m" } });
    const { seam } = answering(() => new Response(text, { status: 404 }));
    const error = await rejected(seam.devices.list());
    assert.ok(error instanceof client.SeamHttpApiError, type);
    assert.equal(error.name, "SeamHttpApiError");
    assert.equal(error.type, type);
  }
});

test("malformed validation errors are left out, or reported as far as possible", async () => {
  for (const tree of ["null", "7", '"text"', "[]", '{"a":null,"b":7}']) {
    const envelope = `{"error":{"type":"invalid_input","message":"m","validation_errors":${tree}}}`;
    const { seam } = answering(() => new Response(envelope, { status: 400 }));
    const error = await rejected(seam.devices.list());
    assert.equal(error.code, "invalid_input", tree);
    assert.ok(Array.isArray(error.validationErrors), tree);
    assert.deepEqual(error.getValidationErrorMessages("a"), [], tree);
  }
});

const INJECTIONS = [
  "\r\nx-evil: 1",
  "\nx-evil: 1",
  "\r",
  "\0",
  "\u2028",
  "\u0085",
  "é",
  "😀",
  "\ud800",
  " ",
  "\t",
  ", Bearer seam_other",
  ";",
  '"',
];

test("a token with a header in it is refused before anything is sent, and is shown nowhere", async () => {
  const fetch = () => assert.fail("it was sent");
  const begins = {
    clientSessionToken: TOKEN,
    apiKey: "seam_hunter2_b",
    personalAccessToken: "seam_at1hunter2_b",
  };
  for (const injection of INJECTIONS) {
    for (const [kind, begin] of Object.entries(begins)) {
      for (const token of [begin + injection, injection + begin]) {
        const error = await rejected(
          (async () => new Seam({ [kind]: token, fetch }))(),
        );
        assert.equal(error.code, "invalid_token", JSON.stringify(token));
        assert.ok(!allTextOf(error).includes("hunter2"));
      }
    }
    const error = await rejected(
      Seam.fromPublishableKey(`seam_pk1hunter2_b${injection}`, "key", {
        fetch,
      }),
    );
    assert.equal(error.code, "invalid_token");
    assert.ok(!allTextOf(error).includes("hunter2"));
  }
});

test("a new token with a header in it is refused, and the old one goes on", async () => {
  const { seam, sent } = answering(EMPTY);
  for (const injection of INJECTIONS) {
    const error = await rejected(
      seam.updateClientSessionToken(TOKEN + injection),
    );
    assert.equal(error.code, "invalid_token");
  }
  assert.deepEqual(sent, []);
  assert.deepEqual(await seam.devices.list(), []);
});

test("a workspaceId with a header in it is refused before anything is sent", async () => {
  const sent = [];
  const fetch = async (request) => {
    sent.push(request.headers.get("seam-workspace"));
    return new Response(EMPTY);
  };
  for (const injection of INJECTIONS) {
    for (const workspaceId of [`ws-1${injection}`, injection]) {
      const seam = Seam.fromPersonalAccessToken("seam_at1_b", workspaceId, {
        fetch,
      });
      if (/^[!-~]+$/.test(workspaceId)) {
        // It is one header value, whatever stands in it.
        await seam.devices.list();
        assert.equal(sent.pop(), workspaceId);
        continue;
      }
      const error = await rejected(seam.devices.list());
      assert.equal(error.code, "invalid_options", JSON.stringify(workspaceId));
      assert.equal(error.outcome, "not_sent");
      assert.ok(!error.message.includes("x-evil"));
    }
  }
  assert.deepEqual(sent, []);
});

test("an endpoint with a header or another place in it is refused before anything is sent", async () => {
  for (const rest of [
    "\r\nx-evil: 1",
    "\n",
    "\t",
    "@evil.test",
    "\\@evil.test",
    "\u0000",
    "/..//evil.test",
    "?x",
    "#x",
  ]) {
    const { seam, sent } = answering(EMPTY, {
      endpoint: `https://seam.test${rest}`,
    });
    const error = await rejected(seam.devices.list());
    assert.equal(error.code, "invalid_endpoint", JSON.stringify(rest));
    assert.deepEqual(sent, []);
  }
});

test("functions and symbols are refused where the official SDK refuses them, and left out where it leaves them out", async () => {
  for (const value of [() => {}, Symbol("s"), class {}, async () => {}]) {
    const { seam, sent } = answering(SUCCEEDED);
    const refused = await rejected(seam.devices.get({ device_id: value }));
    assert.equal(refused.name, "UnserializableParamError");
    assert.equal(refused.outcome, "not_sent");
    assert.deepEqual(sent, []);
    // Elsewhere it sends what JSON.stringify leaves of them.
    await seam.locks.unlockDoor({ device_id: "d", more: value, list: [value] });
    assert.deepEqual(sent, ['{"device_id":"d","list":[null]}']);
  }
});

test("parameters that are written as something else than an object are refused", async () => {
  const { seam, sent } = answering(SUCCEEDED);
  for (const json of [7, null, "text", [], true, false]) {
    const params = { device_id: "d", toJSON: () => json };
    const error = await rejected(seam.locks.unlockDoor(params));
    assert.equal(error.code, "invalid_parameters", JSON.stringify(json));
    assert.equal(error.outcome, "not_sent");
  }
  assert.deepEqual(sent, []);
});

test("parameters that throw when they are looked at are refused", async () => {
  const { seam, sent } = answering(SUCCEEDED);
  const thrower = () => {
    throw new Error("hunter2");
  };
  for (const params of [
    Object.defineProperty({}, "device_id", { enumerable: true, get: thrower }),
    new Proxy({}, { get: thrower, ownKeys: thrower }),
    { device_id: "d", when: new Date(NaN), big: 1n },
  ]) {
    for (const request of [seam.locks.unlockDoor, seam.devices.get]) {
      const error = await rejected(request(params));
      assert.equal(error.code, "invalid_parameters");
      assert.equal(error.outcome, "not_sent");
    }
  }
  assert.deepEqual(sent, []);
});

test("a body of 50 MB is parsed or a clear error, and the next call works", async () => {
  const large = "x".repeat(50 * 2 ** 20);
  // What an error says is unescaped and searched for the token, which takes longer.
  const long = "x".repeat(5 * 2 ** 20);
  const envelope = (parts) =>
    new Response(
      JSON.stringify({ error: { type: "odd", message: "m", ...parts } }),
      {
        status: 400,
      },
    );
  const answers = [
    () => `{"devices":["${large}"],"ok":true}`,
    () => `{"devices":["${large}`,
    () => large,
    () => new Uint8Array(50 * 2 ** 20),
    () => new Response(large, { status: 502 }),
    () => envelope({ message: long }),
    () => envelope({ data: { long } }),
    () => EMPTY,
  ];
  const { seam } = answering(() => answers.shift()());
  const [device] = await seam.devices.list();
  assert.equal(device.length, large.length);
  for (let n = 0; n < 4; n += 1) {
    const error = await rejected(seam.devices.list());
    assert.equal(error.code, "invalid_response");
    assert.ok(error.message.length < 200);
  }
  const { message } = await rejected(seam.devices.list());
  assert.equal(message, `${long} (/devices/list)`);
  assert.equal((await rejected(seam.devices.list())).data.long, long);
  assert.deepEqual(await seam.devices.list(), []);
});

test("parameters of 50 MB arrive", async (t) => {
  const { endpoint, requests } = await serve(t, (_, response) =>
    json(response, 200, SUCCEEDED),
  );
  const seam = Seam.fromClientSessionToken(TOKEN, { endpoint });
  const search = "x".repeat(50 * 2 ** 20);
  await seam.locks.unlockDoor({ device_id: "d", search });
  assert.equal(JSON.parse(requests[0].body).search, search);
});

test("ten thousand levels of nesting in a response end no other call", async () => {
  const deep = "[".repeat(10_000) + "]".repeat(10_000);
  for (const body of [`{"devices":${deep}}`, `{"devices":[],"more":${deep}}`]) {
    const { seam } = answering(() => new Response(body));
    assert.ok(Array.isArray(await seam.devices.list()));
  }
  const bodies = [
    [200, "[".repeat(1_000_000)],
    [200, '{"a":'.repeat(100_000)],
    [400, `{"error":{"type":"odd","message":"m","data":${deep}}}`],
    [401, `{"error":${deep}}`],
  ];
  for (const [status, body] of bodies) {
    const { seam } = answering(() => new Response(body, { status }));
    const error = await rejected(seam.devices.list());
    assert.ok(error instanceof client.SeamHttpApiError, body.slice(0, 20));
    assert.ok(error.message.length < 200);
  }
  assert.deepEqual(await answering(EMPTY).seam.devices.list(), []);
});

test("the client accepts exactly the broken bodies that JSON.parse accepts, with the same result", async () => {
  const roll = dice(12_345);
  const whole = [
    '{"devices":[{"a":1.5e3,"b":"x\\u00e9\\n","c":null,"d":[true,false],"e":{}}],"ok":true}',
    ' {"ok":true , "devices" : [ -0.1, "\\ud83d\\ude00", 1e400, 12345678901234567890 ] } ',
    '{"devices":{"__proto__":1,"":[]},"pagination":{"next_page_cursor":null}}',
  ];
  const bits = ['"', "\\", "{", "}", "[", "]", ",", ":", "0", "-", ".", "e"];
  bits.push("tru", "\n", "\t", "\0", "\u2028", "\\x", "\\ud800", "/**/");
  bits.push("NaN", "\u00a0", "\v", "é", " ", "01", "+", "\\u12");
  const seen = { taken: 0, refused: 0 };
  let body;
  const { seam } = answering(() => body);
  for (let n = 0; n < 4_000; n += 1) {
    const text = whole[roll(whole.length)];
    const at = roll(text.length);
    body =
      text.slice(0, at) + bits[roll(bits.length)] + text.slice(at + roll(3));
    const expected = parsed(body)?.devices;
    if (expected === undefined) {
      const error = await rejected(seam.devices.list());
      assert.equal(error.code, "invalid_response", JSON.stringify(body));
      seen.refused += 1;
    } else {
      assert.deepEqual(
        await seam.devices.list(),
        expected,
        JSON.stringify(body),
      );
      seen.taken += 1;
    }
  }
  assert.ok(seen.taken > 500 && seen.refused > 500, JSON.stringify(seen));
});

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

test("two hundred concurrent calls each get their own response or error", async (t) => {
  const { endpoint } = await serve(t, (request, response, body) => {
    const { device_id } = JSON.parse(body);
    const n = Number(device_id);
    // Not in the order in which they came.
    setImmediate(() =>
      n % 5 === 0
        ? json(response, 404, {
            error: { type: "device_not_found", message: device_id },
          })
        : json(response, 200, { device: { device_id }, ok: true }),
    );
  });
  const one = Seam.fromClientSessionToken(TOKEN, { endpoint });
  const other = Seam.fromApiKey("seam_a_b", { endpoint });
  const settled = await Promise.allSettled(
    Array.from({ length: 200 }, (_, n) =>
      (n % 2 ? one : other).devices.get({ device_id: String(n) }),
    ),
  );
  for (const [n, { value, reason }] of settled.entries()) {
    if (n % 5 === 0) {
      assert.equal(reason.code, "device_not_found");
      assert.equal(reason.message, `${n} (/devices/get)`);
    } else {
      assert.deepEqual(value, { device_id: String(n) });
    }
  }
});

test("aborting half of two hundred concurrent calls does not affect the other half", async () => {
  let answerAll;
  const held = new Promise((resolve) => (answerAll = resolve));
  const { seam, sent } = answering(() => held.then(() => EMPTY));
  const controller = new AbortController();
  const calls = Array.from({ length: 200 }, (_, n) =>
    seam.devices.list({}, n % 2 ? { signal: controller.signal } : {}).execute(),
  );
  const all = Promise.allSettled(calls);
  await waitUntil(() => sent.length >= 200);
  controller.abort(new Error("enough"));
  answerAll();
  const settled = await all;
  for (const [n, { value, reason }] of settled.entries()) {
    if (n % 2) assert.equal(reason.message, "enough");
    else assert.deepEqual(value, []);
  }
});

test("calls that meet a module that does not compile all say so, and the next call works", async (t) => {
  const { Seam: Fresh } = await import(`${entry("seam-session")}?bad-input`);
  const seam = new Fresh({
    clientSessionToken: TOKEN,
    fetch: async () => new Response(EMPTY),
  });
  for (let round = 0; round < 2; round += 1) {
    const compile = t.mock.method(WebAssembly, "Module", () => {
      throw new WebAssembly.CompileError("not today");
    });
    const settled = await Promise.allSettled(
      Array.from({ length: 20 }, () => seam.devices.list()),
    );
    for (const { reason } of settled) {
      assert.equal(reason.code, "wasm_unavailable");
      assert.equal(reason.outcome, "not_sent");
    }
    assert.equal(compile.mock.callCount(), 1);
    compile.mock.restore();
  }
  assert.deepEqual(await seam.devices.list(), []);
});
