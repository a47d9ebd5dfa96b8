// Whatever the network or the server does, the call settles with an error of its own.
import assert from "node:assert/strict";
import { test } from "node:test";

import { allTextOf, rejected } from "../support/errors.mjs";
import { client } from "../support/installed.mjs";
import { TOKEN, seamAt, withFetch } from "../support/clients.mjs";
import { json, serve } from "../support/server.mjs";

test("each invalid response is an error with a stable code and outcome", async (t) => {
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
      assert.ok(!allTextOf(error).includes("hunter2"));
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
  assert.equal(error.retryAfterMs, 120_000);
});

test("a read is retried and an unlock is not", async (t) => {
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
    const text = allTextOf(error);
    assert.ok(text.includes("[redacted]"), `${status} ${body}`);
    assert.ok(!text.includes("hunter2"), text);
  }
});

test("the cause is that of the last attempt", async () => {
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

test("Retry-After is read as the core reads it (src/retry_after.rs)", async (t) => {
  const now = 784_111_777_000;
  t.mock.timers.enable({ apis: ["Date"], now: now - 1_000 });
  for (const [value, expected] of [
    ["0", 0],
    ["2", 2_000],
    [" 120 ", 120_000],
    ["Sun, 06 Nov 1994 08:49:37 GMT", 1_000],
    ["Sun, 06 Nov 1994 08:49:35 GMT", 0],
    ["", undefined],
    ["soon", undefined],
    ["-1", undefined],
    ["1.5", undefined],
    ["Sun, 06 Nov 1994", undefined],
    ["Sun, 06 Foo 1994 08:49:37 GMT", undefined],
    ["Sun, 06:Nov:1994 08 49 37 GMT", undefined],
    ["5 GMT", undefined],
  ]) {
    const seam = withFetch(async () =>
      Response.json(
        { error: { type: "t", message: "m" } },
        { status: 429, headers: { "retry-after": value } },
      ),
    );
    const error = await rejected(seam.devices.list());
    assert.equal(error.retryAfterMs, expected, value);
  }
});
