// The client's boundary in Node: whatever the network, the server or the
// caller's own fetch does, the call settles, with an error of its own.
import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { setImmediate as turn } from "node:timers/promises";
import { test } from "node:test";

import { everythingOf, rejected } from "./support/errors.mjs";
import { client, Seam } from "./support/installed.mjs";
import { json, serve } from "./support/server.mjs";

const TOKEN = "seam_cst1abcdefgh_hunter2hunter2hunter2hun";
const PENDING = {
  action_attempt: { action_attempt_id: "a-1", status: "pending" },
  ok: true,
};

const seamAt = (endpoint, options = {}) =>
  Seam.fromClientSessionToken(TOKEN, { endpoint, maxRetries: 0, ...options });

const withFetch = (fetch, options = {}) =>
  seamAt("https://seam.test", { fetch, ...options });

const never = () => new Promise(() => {});

/** Something that looks like a Response, but for what a test says. */
const fake = (parts) => ({
  status: 200,
  headers: new Headers(),
  arrayBuffer: async () =>
    new TextEncoder().encode('{"devices":[],"ok":true}').buffer,
  ...parts,
});

test("each bad answer is an error of its own with a stable code and outcome", async (t) => {
  const cases = [
    [
      "a page",
      (r) => r.end("<!doctype html><title>hi</title>"),
      "invalid_response",
      "unknown",
    ],
    [
      "truncated JSON",
      (r) => r.end('{"devices":[{"device_id"'),
      "invalid_response",
      "unknown",
    ],
    ["nothing at all", (r) => r.end(), "invalid_response", "unknown"],
    [
      "another answer",
      (r) => r.end('{"ok":true}'),
      "invalid_response",
      "unknown",
    ],
    [
      "bytes that are no text",
      (r) => r.end(Buffer.from([0x7b, 0xff, 0x7d])),
      "invalid_response",
      "unknown",
    ],
    [
      "a redirect elsewhere",
      (r) => r.writeHead(307, { location: "https://evil.example/" }).end(),
      "redirected",
      "unknown",
    ],
    [
      "a bare 500",
      (r) => r.writeHead(500).end(),
      "invalid_response",
      "unknown",
    ],
    [
      "Seam's 500",
      (r) =>
        json(r, 500, {
          error: { type: "internal_server_error", message: "m" },
        }),
      "internal_server_error",
      "unknown",
    ],
    [
      "429",
      (r) =>
        json(
          r,
          429,
          { error: { type: "too_many_requests", message: "m" } },
          { "retry-after": "7" },
        ),
      "too_many_requests",
      "refused",
    ],
    ["a closed connection", (r) => r.destroy(), "network_error", "unknown"],
    [
      "half a body",
      (r) => {
        r.writeHead(200, { "content-length": "99" });
        r.write("{");
        r.destroy();
      },
      "network_error",
      "unknown",
    ],
  ];
  for (const [name, answer, code, outcome] of cases) {
    await t.test(name, async (t) => {
      const { endpoint } = await serve(t, (_, response) => answer(response));
      const error = await rejected(seamAt(endpoint).devices.list());
      assert.ok(error instanceof client.SeamError, String(error));
      assert.ok(error instanceof Error);
      assert.equal(error.code, code);
      assert.equal(error.outcome, outcome);
      assert.equal(error.name, error.constructor.name);
      assert.ok(!everythingOf(error).includes("hunter2"));
    });
  }
});

test("an endpoint that nobody listens at is a network error with the reason in its cause", async () => {
  const error = await rejected(seamAt("http://127.0.0.1:9").devices.list());
  assert.equal(error.code, "network_error");
  assert.ok(error.cause instanceof Error);
});

test("a 429 says how long the server asked to wait", async (t) => {
  const { endpoint } = await serve(t, (_, response) =>
    json(
      response,
      429,
      { error: { type: "too_many_requests", message: "m" } },
      { "retry-after": "120" },
    ),
  );
  const error = await rejected(
    seamAt(endpoint, { maxRetries: 2 }).devices.list(),
  );
  assert.equal(error.retryAfter, 120_000);
});

test("a read is repeated and an unlock is not", async (t) => {
  const { endpoint, requests } = await serve(t, (_, response, __, nth) =>
    nth % 2 === 1
      ? response.destroy()
      : json(response, 200, { devices: [], ok: true }),
  );
  const seam = seamAt(endpoint, { maxRetries: 2 });
  assert.deepEqual(await seam.devices.list(), []);
  assert.equal(requests.length, 2);
  const error = await rejected(seam.locks.unlockDoor({ device_id: "d" }));
  assert.equal(error.outcome, "unknown");
  assert.equal(requests.length, 3);
});

test("an error keeps all that the server said", async (t) => {
  const { endpoint } = await serve(t, (_, response) =>
    json(
      response,
      400,
      {
        error: {
          type: "invalid_input",
          message: "device_id is required",
          data: { some: "thing" },
          validation_errors: {
            _errors: [],
            device_id: { _errors: ["Required"] },
          },
        },
      },
      { "seam-request-id": "request-7" },
    ),
  );
  const error = await rejected(seamAt(endpoint).devices.get({ name: "x" }));
  assert.ok(error instanceof client.SeamHttpInvalidInputError);
  assert.equal(error.statusCode, 400);
  assert.equal(error.requestId, "request-7");
  assert.equal(error.type, "invalid_input");
  assert.deepEqual(error.data, { some: "thing" });
  assert.deepEqual(error.validationErrors, [
    { parameterName: "device_id", errorMessages: ["Required"] },
  ]);
  assert.deepEqual(error.getValidationErrorMessages("other"), []);
});

test("a fetch that throws anything, or answers no Response, settles the call and shows no token", async (t) => {
  const leak = (request) =>
    Object.assign(new Error(`failed with ${TOKEN}`), {
      request,
      config: { headers: Object.fromEntries(request.headers) },
      code: "E",
      cause: TOKEN,
    });
  const cases = [
    [
      "throws an Error that carries the request",
      (request) => {
        throw leak(request);
      },
      "network_error",
    ],
    [
      "rejects with one",
      (request) => Promise.reject(leak(request)),
      "network_error",
    ],
    [
      "throws undefined",
      () => {
        throw undefined;
      },
      "network_error",
    ],
    ["rejects with null", () => Promise.reject(null), "network_error"],
    ["rejects with a string", () => Promise.reject("no"), "network_error"],
    ["answers undefined", () => Promise.resolve(undefined), "invalid_fetch"],
    ["answers a number", () => Promise.resolve(7), "invalid_fetch"],
    [
      "answers an object",
      () => Promise.resolve({ ok: true, json: () => ({}) }),
      "invalid_fetch",
    ],
    [
      "throws something that throws when it is looked at",
      () => {
        throw {
          get message() {
            throw new Error(TOKEN);
          },
        };
      },
      "network_error",
    ],
    [
      "rejects with a revoked proxy",
      () => {
        const { proxy, revoke } = Proxy.revocable({}, {});
        revoke();
        return Promise.reject(proxy);
      },
      "network_error",
    ],
    [
      "answers a Response of no status",
      () => Promise.resolve(fake({ status: 65_736 })),
      "invalid_fetch",
    ],
    [
      "answers with a body that is a number",
      () => Promise.resolve(fake({ arrayBuffer: async () => -1 })),
      "invalid_fetch",
    ],
    [
      "answers with a body that is text",
      () => Promise.resolve(fake({ arrayBuffer: async () => "{}" })),
      "invalid_fetch",
    ],
    [
      "followed a redirect",
      () => Promise.resolve(fake({ redirected: true })),
      "redirected",
    ],
    ["answers without a promise", () => "no", "invalid_fetch"],
    [
      "has a body that rejects",
      () =>
        Promise.resolve({
          status: 200,
          headers: new Headers(),
          arrayBuffer: () =>
            Promise.reject(
              leak(
                new Request("https://x.test", {
                  headers: { authorization: TOKEN },
                }),
              ),
            ),
        }),
      "network_error",
    ],
    [
      "has a body that throws",
      () =>
        Promise.resolve({
          status: 200,
          headers: new Headers(),
          arrayBuffer: () => {
            throw 1;
          },
        }),
      "network_error",
    ],
  ];
  for (const [name, fetch, code] of cases) {
    await t.test(name, async () => {
      const error = await rejected(withFetch(fetch).devices.list());
      assert.equal(error.code, code, String(error));
      assert.ok(!everythingOf(error).includes("hunter2"), everythingOf(error));
    });
  }
});

test("fetch is called with one Request, no this, no cookies and no redirects", async () => {
  let seen;
  const seam = withFetch(function (...args) {
    seen = { self: this, args };
    return Promise.resolve(Response.json({ devices: [], ok: true }));
  });
  await seam.devices.list();
  assert.equal(seen.self, undefined);
  assert.equal(seen.args.length, 1);
  const [request] = seen.args;
  assert.equal(request.credentials, "omit");
  assert.equal(request.redirect, "manual");
  assert.equal(request.cache, "no-store");
});

test("the time for a try holds while connecting, and while the body comes", async (t) => {
  const cases = [
    ["a fetch that never settles and ignores its signal", never],
    [
      "a body that never ends",
      () =>
        Promise.resolve({
          status: 200,
          headers: new Headers(),
          arrayBuffer: never,
        }),
    ],
  ];
  for (const [name, fetch] of cases) {
    await t.test(name, async () => {
      const error = await rejected(
        withFetch(fetch, { timeout: 20 }).devices.list(),
      );
      assert.equal(error.code, "timeout");
      assert.equal(error.outcome, "unknown");
    });
  }
  await t.test("a server that stalls within the body", async (t) => {
    const { endpoint } = await serve(t, (_, response) =>
      response.writeHead(200).write('{"devices":'),
    );
    const error = await rejected(
      seamAt(endpoint, { timeout: 200 }).devices.list(),
    );
    assert.equal(error.code, "timeout");
  });
});

test("an abort ends the call at once with the signal's own reason, whatever it was doing", async (t) => {
  const reasons = [new Error("mine"), "a string", { any: "thing" }, 0, null];
  const moments = {
    "before it began": (abort) => (abort(), withFetch(never)),
    "while connecting": (abort) =>
      withFetch(() => (queueMicrotask(abort), never())),
    "while the body comes": (abort) =>
      withFetch(() =>
        Promise.resolve({
          status: 200,
          headers: new Headers(),
          arrayBuffer: () => (queueMicrotask(abort), never()),
        }),
      ),
    "during back-off": (abort) =>
      withFetch(
        () => (
          setTimeout(abort, 1),
          Promise.resolve(
            new Response(null, {
              status: 503,
              headers: { "retry-after": "50" },
            }),
          )
        ),
        { maxRetries: 2 },
      ),
    "between two polls": (abort) =>
      withFetch((request) => {
        polls += request.url.endsWith("/action_attempts/get") ? 1 : 0;
        setTimeout(abort, 1);
        return Promise.resolve(Response.json(PENDING));
      }),
    "during a poll": (abort) =>
      withFetch((request) =>
        request.url.endsWith("/locks/unlock_door")
          ? Promise.resolve(Response.json(PENDING))
          : (queueMicrotask(abort), never()),
      ),
  };
  let polls = 0;
  for (const [moment, make] of Object.entries(moments)) {
    for (const reason of reasons) {
      await t.test(
        `${moment}, with ${typeof reason} ${String(reason)}`,
        async () => {
          const controller = new AbortController();
          const seam = make(() => controller.abort(reason));
          const call = moment.includes("poll")
            ? seam.locks.unlockDoor(
                { device_id: "d" },
                {
                  signal: controller.signal,
                  waitForActionAttempt: {
                    pollingInterval: 50,
                    timeout: 60_000,
                  },
                },
              )
            : seam.devices.list({}, { signal: controller.signal });
          assert.equal(await rejected(call), reason);
          assert.equal(getEventListeners(controller.signal, "abort").length, 0);
        },
      );
    }
  }
});

test("the request that an abort cancels is cancelled on the wire", async (t) => {
  const controller = new AbortController();
  let closed;
  const gone = new Promise((resolve) => (closed = resolve));
  const { endpoint } = await serve(t, (request) => {
    request.socket.once("close", closed);
    controller.abort();
  });
  const error = await rejected(
    seamAt(endpoint).devices.list({}, { signal: controller.signal }),
  );
  assert.equal(error.name, "AbortError");
  await gone;
});

test("a long-lived signal holds no listener of a call that is over", async () => {
  const { signal } = new AbortController();
  const seam = withFetch(() =>
    Promise.resolve(Response.json({ devices: [], ok: true })),
  );
  for (let nth = 0; nth < 50; nth += 1) await seam.devices.list({}, { signal });
  await rejected(
    withFetch(() => Promise.reject(1)).devices.list({}, { signal }),
  );
  assert.equal(getEventListeners(signal, "abort").length, 0);
});

test("an attempt that is still pending when time is up tells which", async () => {
  const seam = withFetch(() => Promise.resolve(Response.json(PENDING)));
  const error = await rejected(
    seam.locks.unlockDoor(
      { device_id: "d" },
      { waitForActionAttempt: { timeout: 20, pollingInterval: 5 } },
    ),
  );
  assert.ok(error instanceof client.SeamActionAttemptTimeoutError);
  assert.equal(error.code, "action_attempt_timeout");
  assert.equal(error.outcome, "unknown");
  assert.equal(error.actionAttempt.action_attempt_id, "a-1");
});

test("an attempt that failed carries its own code and itself", async () => {
  const attempt = {
    action_attempt_id: "a-1",
    status: "error",
    error: { type: "jammed", message: "it is stuck" },
  };
  const error = await rejected(
    withFetch(() =>
      Promise.resolve(Response.json({ action_attempt: attempt })),
    ).locks.lockDoor({ device_id: "d" }),
  );
  assert.ok(error instanceof client.SeamActionAttemptFailedError);
  assert.equal(error.code, "jammed");
  assert.equal(error.message, "it is stuck");
  assert.deepEqual(error.actionAttempt, attempt);
});

test("a request is sent when it is awaited, and once", async () => {
  let sent = 0;
  const seam = withFetch(
    () => (
      (sent += 1),
      Promise.resolve(Response.json({ devices: [1], ok: true }))
    ),
  );
  const request = seam.devices.list({ limit: 1 });
  assert.equal(request.pathname, "/devices/list");
  assert.equal(request.responseKey, "devices");
  assert.deepEqual(request.body, { limit: 1 });
  assert.equal(sent, 0);
  assert.deepEqual(await Promise.all([request, request, request.execute()]), [
    [1],
    [1],
    [1],
  ]);
  assert.equal(sent, 1);
});

test("parameters that are no object are refused before anything is sent", async () => {
  const seam = withFetch(() => assert.fail("it was sent"));
  for (const params of [[], null, 7, "text", () => {}, Symbol("s")]) {
    const error = await rejected(seam.devices.list(params));
    assert.equal(error.code, "invalid_parameters", String(params));
    assert.equal(error.outcome, "not_sent");
  }
});

test("a client shows its token nowhere", async () => {
  const seam = withFetch(() =>
    Promise.resolve(Response.json({ devices: [], ok: true })),
  );
  const request = seam.devices.list();
  await request;
  const text =
    everythingOf(seam) + everythingOf(seam.devices) + everythingOf(request);
  assert.ok(!text.includes("hunter2"));
});

test("an endpoint that is not https or loopback, or hides another place, gets no request", async () => {
  const bad = [
    "http://example.com",
    "https://user:pass@example.com",
    "https://example.com/#f",
    "https://example.com?x",
    "ftp://localhost",
    "http://localhost.example.com",
    "not a url",
    "",
  ];
  for (const endpoint of bad) {
    const seam = Seam.fromClientSessionToken(TOKEN, {
      endpoint,
      fetch: () => assert.fail("it was sent"),
    });
    const error = await rejected(seam.devices.list());
    assert.equal(error.code, "invalid_endpoint", endpoint);
    assert.equal(error.outcome, "not_sent");
  }
});

test("a route that the credential may not call is refused before anything is sent", async () => {
  const error = await rejected(
    withFetch(() => assert.fail("it was sent")).userIdentities.create({}),
  );
  assert.equal(error.code, "credential_not_accepted");
  assert.match(error.message, /apiKey/);
});

test("times that cannot be waited are refused before anything is sent", async () => {
  const seam = withFetch(() => assert.fail("it was sent"));
  for (const waitForActionAttempt of [
    { timeout: -1 },
    { timeout: NaN },
    { pollingInterval: 0 },
    { pollingInterval: -5 },
  ]) {
    const error = await rejected(
      seam.locks.unlockDoor({ device_id: "d" }, { waitForActionAttempt }),
    );
    assert.equal(error.code, "invalid_options");
    assert.equal(error.outcome, "not_sent");
  }
  for (const timeout of [0, -1, NaN, "1"]) {
    assert.throws(() => seamAt("https://seam.test", { timeout }), {
      code: "invalid_options",
    });
  }
});

test("an attempt that is lost on the way is told by every error that ends the wait", async () => {
  const answers = {
    "a 404": () =>
      Response.json(
        { error: { type: "device_not_found", message: "m" } },
        { status: 404 },
      ),
    "a network error": () => Promise.reject(new TypeError("gone")),
    "half an answer": () => new Response('{"action_attempt":{'),
  };
  for (const [name, answer] of Object.entries(answers)) {
    const seam = withFetch(async (request) =>
      request.url.endsWith("/locks/unlock_door")
        ? Response.json(PENDING)
        : answer(),
    );
    const error = await rejected(
      seam.locks.unlockDoor(
        { device_id: "d" },
        { waitForActionAttempt: { timeout: 1_000, pollingInterval: 1 } },
      ),
    );
    assert.equal(error.outcome, "unknown", name);
    assert.equal(error.actionAttempt.action_attempt_id, "a-1", name);
  }
  const plain = await rejected(
    withFetch(() => Promise.reject(1)).devices.list(),
  );
  assert.ok(!("actionAttempt" in plain));
});

test("a server that repeats the token, plain or escaped, shows it in no error", async () => {
  const escaped = TOKEN.replaceAll("h", "\\u0068");
  const envelope = `{"error":{"type":"${escaped}","message":"${escaped}","data":{"${escaped}":["${escaped}"]},
    "validation_errors":{"${escaped}":{"_errors":["${escaped}"]}}}}`;
  const failed = `{"action_attempt":{"action_attempt_id":"a-1","status":"error","more":"${escaped}",
    "error":{"type":"${escaped}","message":"${escaped}"}}}`;
  const headers = { "seam-request-id": TOKEN };
  const bodies = [
    [400, envelope],
    [400, envelope.replace(escaped, "invalid_input")],
    [401, envelope],
    [500, envelope],
    [200, failed],
    [404, TOKEN],
  ];
  for (const [status, body] of bodies) {
    const seam = withFetch(() =>
      Promise.resolve(new Response(body, { status, headers })),
    );
    const error = await rejected(seam.locks.unlockDoor({ device_id: "d" }));
    const text = everythingOf(error);
    assert.ok(text.includes("[redacted]"), `${status} ${body}`);
    assert.ok(!text.includes("hunter2"), text);
  }
});

test("one call's nonsense ends no other call", async () => {
  let answer;
  const held = new Promise((resolve) => (answer = resolve));
  const other = withFetch(() => held)
    .devices.list()
    .execute();
  const bodies = [-1, null, {}, "x", new Uint8Array(2), Symbol("s"), 2 ** 40];
  for (const body of bodies) {
    const error = await rejected(
      withFetch(async () =>
        fake({ arrayBuffer: async () => body }),
      ).devices.list(),
    );
    assert.equal(error.code, "invalid_fetch", String(body));
  }
  answer(Response.json({ devices: [1], ok: true }));
  assert.deepEqual(await other, [1]);
});

test("options that are not of their kind are refused at once", () => {
  const cases = [
    { endpoint: new URL("https://seam.test") },
    { endpoint: 7 },
    { fetch: 7 },
    { maxRetries: -1 },
    { maxRetries: 1.5 },
    { maxRetries: Infinity },
    { maxRetries: NaN },
    { maxRetries: "2" },
    { maxRetries: 2 ** 32 },
    { waitForActionAttempt: 0 },
    { waitForActionAttempt: "false" },
    { waitForActionAttempt: null },
    { waitForActionAttempt: { timeout: null } },
    { waitForActionAttempt: { pollingInterval: "1" } },
  ];
  for (const options of cases) {
    assert.throws(() => Seam.fromClientSessionToken(TOKEN, options), {
      code: "invalid_options",
      outcome: "not_sent",
    });
  }
});

test("a call's options that are not of their kind are refused when it is made", async () => {
  const seam = withFetch(() => assert.fail("it was sent"));
  for (const options of [
    { signal: {} },
    { signal: null },
    { signal: 7 },
    { waitForActionAttempt: 7 },
  ]) {
    const error = await rejected(seam.devices.list({}, options));
    assert.equal(error.code, "invalid_options");
  }
});

test("parameters that cannot be written as JSON are refused when the call is made", async () => {
  const seam = withFetch(() => assert.fail("it was sent"));
  const device_id = "d";
  const circle = { device_id };
  circle.circle = circle;
  const thrower = (thrown) => ({
    device_id,
    toJSON() {
      throw thrown;
    },
  });
  for (const params of [
    circle,
    { device_id, big: 1n },
    thrower(undefined),
    thrower(null),
    thrower(new Error("mine")),
  ]) {
    const error = await rejected(seam.locks.unlockDoor(params));
    assert.equal(error.code, "invalid_parameters");
    assert.equal(error.outcome, "not_sent");
  }
});

test("parameters that change after the request was made up unlock no other door", async () => {
  let sent;
  const seam = withFetch(async (request) => {
    sent = await request.json();
    return Response.json({
      action_attempt: { action_attempt_id: "a-1", status: "success" },
    });
  });
  const params = { device_id: "mine" };
  const request = seam.locks.unlockDoor(params);
  params.device_id = "theirs";
  await request;
  assert.deepEqual(sent, { device_id: "mine" });
});

test("an endpoint that somebody put on Object.prototype gets nothing", async () => {
  let url;
  Object.prototype.endpoint = "https://evil.example";
  try {
    const seam = Seam.fromClientSessionToken(TOKEN, {
      fetch: (request) => (
        (url = request.url),
        Promise.resolve(Response.json({ devices: [], ok: true }))
      ),
    });
    await seam.devices.list();
  } finally {
    delete Object.prototype.endpoint;
  }
  assert.equal(url, "https://connect.getseam.com/devices/list");
});

test("the time to wait for an attempt holds while a poll hangs", async () => {
  const seam = withFetch(
    (request) =>
      request.url.endsWith("/locks/unlock_door")
        ? Promise.resolve(Response.json(PENDING))
        : never(),
    { maxRetries: 2 },
  );
  const began = performance.now();
  const error = await rejected(
    seam.locks.unlockDoor(
      { device_id: "d" },
      { waitForActionAttempt: { timeout: 50, pollingInterval: 10 } },
    ),
  );
  assert.equal(error.code, "action_attempt_timeout");
  // The time for a try is 30 seconds: had it been waited for, this would be far off.
  assert.ok(performance.now() - began < 15_000);
});

test("the cause is of the try that failed, not of one before", async () => {
  let nth = 0;
  const seam = withFetch(
    () =>
      (nth += 1) === 1
        ? Promise.reject(new Error("the first"))
        : Promise.resolve(
            Response.json(
              { error: { type: "device_not_found", message: "m" } },
              { status: 404 },
            ),
          ),
    { maxRetries: 1 },
  );
  const error = await rejected(seam.devices.list());
  assert.equal(error.code, "device_not_found");
  assert.equal(error.cause, undefined);
});
