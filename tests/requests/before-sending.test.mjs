// Requests before they are sent, and what is refused before anything is sent.
import assert from "node:assert/strict";
import { test } from "node:test";

import { rejected } from "../support/errors.mjs";
import { Seam } from "../support/installed.mjs";
import { TOKEN, seamAt, withFetch } from "../support/clients.mjs";

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

test("parameters are copied when the request is created: later changes unlock no other door", async () => {
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

test("parameters that are no object are refused before anything is sent", async () => {
  const seam = withFetch(() => assert.fail("it was sent"));
  for (const params of [[], null, 7, "text", () => {}, Symbol("s")]) {
    const error = await rejected(seam.devices.list(params));
    assert.equal(error.code, "invalid_parameters", String(params));
    assert.equal(error.outcome, "not_sent");
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

test("nothing is sent to an endpoint that is neither https nor loopback, or that hides another host", async () => {
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

test("nothing is sent to an endpoint on Object.prototype", async () => {
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

test("a route that the credential may not call is refused before anything is sent", async () => {
  const error = await rejected(
    withFetch(() => assert.fail("it was sent")).userIdentities.create({}),
  );
  assert.equal(error.code, "credential_not_accepted");
  assert.match(error.message, /apiKey/);
});

test("invalid timeouts are refused before anything is sent", async () => {
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

test("options of the wrong type are refused at once", () => {
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

test("a call's options of the wrong type are refused when it is created", async () => {
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
