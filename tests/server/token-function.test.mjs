// `createTokenFunction` of `seam-session/token-function`: the page's half.
import assert from "node:assert/strict";
import { test } from "node:test";

import { rejected } from "../support/errors.mjs";
import { client, entry, Sandbox, Seam } from "../support/installed.mjs";
import { json, serve } from "../support/server.mjs";

const { createTokenHandler } = await import(entry("seam-session/server"));
const { createTokenFunction } = await import(
  entry("seam-session/token-function")
);

/** Serves these responses, the last of them again and again. */
async function responding(t, ...responses) {
  const { endpoint, requests } = await serve(t, (_, response, body, nth) =>
    responses[Math.min(nth, responses.length) - 1](response),
  );
  return { address: `${endpoint}/api/seam-token`, requests };
}

const ok = (response) => json(response, 200, { token: "seam_cst1x" });
const status =
  (code, headers = {}) =>
  (response) => {
    response.writeHead(code, headers).end();
  };
const drop = (response) => response.destroy();
const page = (code) => (response) => {
  response.writeHead(code, { "content-type": "text/html; charset=utf-8" });
  response.end("<!doctype html><title>App</title>");
};

test("it sends a POST that no cache answers, and returns the token", async (t) => {
  const { address, requests } = await responding(t, ok);
  const sent = [];
  const token = await createTokenFunction(new URL(address), {
    headers: async () => ({ authorization: "Bearer of-the-app" }),
    fetch: (url, init) => {
      sent.push(init);
      return fetch(url, init);
    },
  })();
  assert.equal(token, "seam_cst1x");
  const [{ method, headers, body }] = requests;
  assert.deepEqual([method, body], ["POST", ""]);
  assert.equal(headers.authorization, "Bearer of-the-app");
  const [{ cache, credentials, redirect }] = sent;
  assert.deepEqual(
    [cache, credentials, redirect],
    ["no-store", "same-origin", "manual"],
  );
});

test("403, 401 and a null token mean signed out, and are not retried", async (t) => {
  for (const response of [
    status(403),
    status(401),
    (it) => json(it, 403, { error: { type: "signed_out", message: "x" } }),
    (it) => json(it, 200, { token: null }),
  ]) {
    const { address, requests } = await responding(t, response);
    assert.equal(await createTokenFunction(address)(), null);
    assert.equal(requests.length, 1);
  }
});

test("a firewall's page with 403 does not sign the user out", async (t) => {
  const { address, requests } = await responding(t, page(403));
  const error = await rejected(createTokenFunction(address)());
  assert.match(error.message, /responded with 403 and a page in HTML/);
  assert.equal(requests.length, 1);
});

test("5xx, 429 and lost connections are retried", async (t) => {
  for (const response of [
    status(500),
    status(503, { "retry-after": "0" }),
    status(429),
    status(408),
    drop,
  ]) {
    const { address, requests } = await responding(t, response, ok);
    assert.equal(await createTokenFunction(address)(), "seam_cst1x");
    assert.equal(requests.length, 2);
  }
});

test("after three attempts the error says what came back", async (t) => {
  const unavailable = (it) =>
    json(it, 503, { error: { message: "Seam cannot be reached now" } });
  for (const [response, message] of [
    [unavailable, /^POST .*seam-token responded with 503: Seam cannot be rea/],
    [drop, /^POST http.*seam-token cannot be reached \(TypeError/],
  ]) {
    const { address, requests } = await responding(t, response);
    const error = await rejected(createTokenFunction(address)());
    assert.match(error.message, message);
    assert.equal(requests.length, 3);
  }
});

test("a back end that does not respond is given up and asked again", async (t) => {
  const { address, requests } = await responding(t, () => {}, ok);
  let attempt = 0;
  const getToken = createTokenFunction(address, {
    // Only the first attempt is short, so that a slow machine does not end the second.
    timeout: 200,
    fetch: (url, { signal, ...init }) =>
      fetch(url, attempt++ === 0 ? { ...init, signal } : init),
  });
  assert.equal(await getToken(), "seam_cst1x");
  assert.equal(requests.length, 2);
});

test("what would fail again is an error at once, and says what to do", async (t) => {
  for (const [response, message] of [
    [page(200), /200 and a page in HTML: is the path right, and does/],
    [page(404), /404 and a page in HTML/],
    [status(404), /responded with 404$/],
    [status(405), /responded with 405$/],
    [
      (it) => json(it, 400, { error: { message: "A page of x called" } }),
      /responded with 400: A page of x called$/,
    ],
    [(it) => json(it, 200, { tokens: 1 }), /but not with { "token"/],
    [(it) => json(it, 200, "seam_cst1x"), /but not with { "token"/],
    [(it) => it.end("seam_cst1x"), /but not with { "token"/],
    [status(302, { location: "/login" }), /was redirected: the back end must/],
  ]) {
    const { address, requests } = await responding(t, response);
    const error = await rejected(createTokenFunction(address)());
    assert.match(error.message, message);
    assert.ok(!error.message.includes("seam_cst1x"));
    assert.equal(requests.length, 1);
  }
});

test("a client with both halves is signed in, refreshed and signed out", async () => {
  const sandbox = await Sandbox.create();
  let user = sandbox.info.user_identity_id;
  const handler = createTokenHandler({
    seam: new Seam(sandbox.backEnd()),
    userIdentity: () => user,
    now: () => sandbox.now(),
  });
  let count = 0;
  const getToken = createTokenFunction("https://app.test/api/seam-token", {
    fetch: (url, init) => {
      count += 1;
      return handler(new Request(url, init));
    },
  });
  const { endpoint, fetch } = sandbox.app();
  const signIn = () =>
    Seam.fromClientSessionToken(getToken, { endpoint, fetch });
  const seam = signIn();
  assert.equal((await seam.devices.list()).length, 1);
  sandbox.advanceClock({ hours: 2 });
  assert.equal((await seam.devices.list()).length, 1);
  assert.equal(count, 2);

  user = null;
  const later = signIn();
  for (let call = 0; call < 2; call += 1) {
    const error = await rejected(later.devices.list());
    assert.ok(error instanceof client.SeamSignedOutError, error.stack);
  }
  assert.equal(count, 3);
});
