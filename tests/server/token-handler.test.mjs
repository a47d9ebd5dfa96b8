// `createTokenHandler` of `seam-session/server`: the back end's half of a token function.
import assert from "node:assert/strict";
import { test } from "node:test";

import { SeamHttp } from "@seamapi/http";

import { rejected } from "../support/errors.mjs";
import { entry, Sandbox, Seam } from "../support/installed.mjs";
import { startSandbox } from "../support/sandbox.mjs";

const { createTokenHandler } = await import(entry("seam-session/server"));

const ADDRESS = "https://app.test/api/seam-token";
const HOUR = 3_600_000;
const NOBODY = "00000000-0000-4000-8000-000000000000";

/** A request as the page's own script sends it. */
const post = (headers = {}, init = {}) =>
  new Request(ADDRESS, {
    method: "POST",
    headers: { "sec-fetch-site": "same-origin", ...headers },
    ...init,
  });

/** A sandbox, a handler on it for the user whom the cookie names, and the calls of the handler. */
async function backEnd(options = {}) {
  const sandbox = await Sandbox.create();
  const calls = [];
  const errors = [];
  const seam = new Seam({
    ...sandbox.backEnd(),
    maxRetries: 0,
    fetch: async (request) => {
      calls.push(await request.clone().json());
      return sandbox.fetch(request);
    },
  });
  const handler = createTokenHandler({
    seam,
    userIdentity: (request) => request.headers.get("cookie"),
    onError: (error) => errors.push(error),
    ...options,
  });
  const cookie = sandbox.info.user_identity_id;
  return { sandbox, seam, handler, cookie, calls, errors };
}

const noStore = (response) => {
  assert.equal(response.headers.get("cache-control"), "no-store");
  return response;
};

async function refusal(response) {
  noStore(response);
  assert.equal(response.headers.get("content-type"), "application/json");
  const { error, token } = await response.json();
  assert.equal(token, undefined);
  return [response.status, error.type];
}

/** A client of either SDK, as `seam`. */
const CLIENTS = {
  "this package": (info) =>
    Seam.fromApiKey(info.api_key, { endpoint: info.endpoint }),
  "the official SDK": (info) =>
    SeamHttp.fromApiKey(info.api_key, { endpoint: info.endpoint }),
};

for (const [name, make] of Object.entries(CLIENTS)) {
  test(`it gives the signed-in user a token, with ${name} as seam`, async (t) => {
    const info = await startSandbox(t);
    const { user_identity_id } = info;
    const handler = createTokenHandler({
      seam: make(info),
      userIdentity: async () => ({ user_identity_id }),
    });
    const before = Date.now();
    const response = noStore(await handler(post()));
    assert.equal(response.status, 200);
    const { token, expires_at, ...more } = await response.json();
    assert.deepEqual(more, {});
    const ends = Date.parse(expires_at) - HOUR;
    assert.ok(ends >= before - 1 && ends <= Date.now());
    const { endpoint } = info;
    const user = Seam.fromClientSessionToken(token, { endpoint });
    assert.equal((await user.devices.list()).length, 1);
    // The same user has the same session, which now lives longer.
    const again = await (await handler(post())).json();
    assert.equal(again.token, token);
    assert.ok(Date.parse(again.expires_at) >= Date.parse(expires_at));
  });
}

test("nobody signed in is 403, and Seam is not called", async () => {
  const { handler, calls } = await backEnd();
  assert.deepEqual(await refusal(await handler(post())), [403, "signed_out"]);
  const other = await backEnd({ userIdentity: () => undefined });
  assert.equal((await other.handler(post())).status, 403);
  assert.deepEqual([calls, other.calls], [[], []]);
});

test("only POST opens a session, so that no link, image or prefetch does", async () => {
  const { handler, cookie, calls } = await backEnd();
  for (const method of ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"]) {
    const response = noStore(await handler(post({ cookie }, { method })));
    assert.equal(response.status, 405, method);
    assert.equal(response.headers.get("allow"), "POST");
  }
  assert.deepEqual(calls, []);
});

test("a page of another origin is refused, with the browser's word or without", async () => {
  const { handler, cookie, calls } = await backEnd();
  const other = "https://evil.test";
  for (const headers of [
    { "sec-fetch-site": "cross-site", origin: other },
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site", origin: "https://blog.app.test" },
    { origin: other },
    { origin: "null" },
    { origin: "https://app.test.evil.test" },
    { origin: "null", "x-forwarded-host": "" },
    { origin: "null", "x-forwarded-host": "app.test," },
    { origin: "null", host: "" },
  ]) {
    const init = { method: "POST", headers: { cookie, ...headers } };
    assert.deepEqual(
      await refusal(await handler(new Request(ADDRESS, init))),
      [400, "cross_origin"],
      JSON.stringify(headers),
    );
  }
  assert.deepEqual(calls, []);
});

test("the own page, older browsers, proxies and programs are accepted", async () => {
  const { handler, cookie } = await backEnd();
  for (const headers of [
    { "sec-fetch-site": "same-origin", origin: "https://app.test" },
    { "sec-fetch-site": "none" },
    { origin: "https://app.test" },
    { origin: "https://public.test", host: "public.test" },
    { origin: "https://public.test", "x-forwarded-host": "public.test" },
    { origin: "https://public.test", "x-forwarded-host": "public.test, inner" },
    {},
  ]) {
    const init = { method: "POST", headers: { cookie, ...headers } };
    const { status } = await handler(new Request(ADDRESS, init));
    assert.equal(status, 200, JSON.stringify(headers));
  }
});

test("allowedOrigins lets the pages of these origins call and read, with cookies", async () => {
  const origin = "https://app.example";
  const { handler, cookie } = await backEnd({ allowedOrigins: [origin] });
  const preflight = await handler(
    post(
      { origin, "access-control-request-headers": "x-csrf-token" },
      { method: "OPTIONS" },
    ),
  );
  assert.equal(preflight.status, 204);
  assert.equal(
    preflight.headers.get("access-control-allow-headers"),
    "x-csrf-token",
  );
  const cross = { "sec-fetch-site": "cross-site" };
  for (const [user, status] of [
    [{ cookie }, 200],
    [{}, 403],
  ]) {
    const response = await handler(post({ ...cross, origin, ...user }));
    assert.equal(response.status, status);
    const header = (name) => response.headers.get(name);
    assert.equal(header("access-control-allow-origin"), origin);
    assert.equal(header("access-control-allow-credentials"), "true");
    assert.equal(header("vary"), "Origin");
  }
  const other = await handler(post({ ...cross, origin: "https://evil.test" }));
  assert.equal(other.status, 400);
  assert.equal(other.headers.get("access-control-allow-origin"), null);
  assert.equal(other.headers.get("vary"), "Origin");
});

test("concurrent requests of a user share one call of Seam, and each has a response of its own", async () => {
  const { sandbox, handler, cookie, calls } = await backEnd();
  const admin = new Seam(sandbox.backEnd());
  const joe = await admin.userIdentities.create({});
  const before = (await admin.clientSessions.list()).length;
  const requests = [cookie, joe.user_identity_id].flatMap((user) =>
    Array.from({ length: 20 }, () => handler(post({ cookie: user }))),
  );
  const bodies = await Promise.all(
    (await Promise.all(requests)).map((response) => response.json()),
  );
  assert.equal(calls.length, 2);
  assert.equal(new Set(bodies.map((it) => it.token)).size, 2);
  assert.equal(new Set(bodies.slice(0, 20).map((it) => it.token)).size, 1);
  // The next request asks again: nothing is cached.
  await handler(post({ cookie }));
  assert.equal(calls.length, 3);
  // Of one user there was a session already.
  assert.equal((await admin.clientSessions.list()).length, before + 1);
});

test("a user whose requests failed is served the next time", async () => {
  const { sandbox, handler, cookie } = await backEnd();
  sandbox.addFault({ fault: "outage", times: 1 });
  const failed = await Promise.all([
    handler(post({ cookie })),
    handler(post({ cookie })),
  ]);
  assert.deepEqual(
    failed.map((it) => it.status),
    [503, 503],
  );
  assert.equal((await handler(post({ cookie }))).status, 200);
});

test("what may pass is 503 with Retry-After, and what Seam rejects is 500", async () => {
  const { sandbox, handler, cookie, errors } = await backEnd();
  for (const fault of ["outage", "rate_limit", "drop_before"]) {
    sandbox.addFault({ fault, times: 1 });
    const response = await handler(post({ cookie }));
    assert.equal(response.headers.get("retry-after"), "2");
    assert.deepEqual(await refusal(response), [503, "unavailable"], fault);
  }
  const response = await handler(post({ cookie: NOBODY }));
  assert.deepEqual(await refusal(response), [500, "rejected"]);
  assert.equal(errors.length, 4);
});

test("the log says what went wrong, without the API key, also with the official SDK", async (t) => {
  const lines = [];
  t.mock.method(console, "error", (...parts) => lines.push(parts.join(" ")));
  const info = await startSandbox(t);
  for (const make of Object.values(CLIENTS)) {
    const seam = make(info);
    const handler = createTokenHandler({ seam, userIdentity: () => NOBODY });
    const response = await handler(post());
    assert.equal(response.status, 500);
    assert.ok(!(await response.text()).includes(info.api_key));
  }
  const leaky = createTokenHandler({
    seam: {
      clientSessions: {
        getOrCreate: async () => {
          throw new Error(`bad key ${info.api_key}`);
        },
      },
    },
    userIdentity: () => NOBODY,
  });
  assert.equal((await leaky(post())).status, 503);
  assert.equal(lines.length, 3);
  for (const line of lines) {
    assert.match(line, /^seam-session: no client session was opened: \w+/);
    assert.ok(!line.includes(info.api_key), line);
  }
  assert.match(lines[0], /SeamHttpApiError \(400\): User identity not found/);
});

test("what the app's own function throws is the framework's, and Seam is not called", async () => {
  const thrown = new Error("redirect to the login");
  const { handler, calls, errors } = await backEnd({
    userIdentity: () => {
      throw thrown;
    },
  });
  assert.equal(await rejected(handler(post())), thrown);
  assert.deepEqual([calls, errors], [[], []]);
});

test("what is no user identity is an error and not another user", async () => {
  for (const user of ["", 7, {}, true]) {
    const { handler, calls } = await backEnd({ userIdentity: () => user });
    const error = await rejected(handler(post()));
    assert.match(error.message, /must return a user identity, its id, or null/);
    assert.deepEqual(calls, []);
  }
});

test("the lifetime and the time that it is computed from are options", async () => {
  let now;
  const { sandbox, handler, cookie } = await backEnd({
    lifetime: 60_000,
    now: () => now,
  });
  sandbox.advanceClock({ days: 2 });
  now = sandbox.now();
  const { expires_at } = await (await handler(post({ cookie }))).json();
  assert.equal(Date.parse(expires_at), +now + 60_000);
});

test("the request's body is not read, so a stream that never ends holds nothing up", async () => {
  const { handler, cookie } = await backEnd();
  const body = new ReadableStream({ pull() {} });
  const request = post({ cookie }, { body, duplex: "half" });
  assert.equal((await handler(request)).status, 200);
  assert.equal(request.bodyUsed, false);
});

test("the context is passed to userIdentity", async () => {
  const { handler, cookie } = await backEnd({
    userIdentity: (_, context) => context.user,
  });
  assert.equal((await handler(post(), { user: cookie })).status, 200);
  assert.equal((await handler(post(), { user: null })).status, 403);
});

test("wrong options are refused when the handler is made", async () => {
  const { seam } = await backEnd();
  const userIdentity = () => null;
  for (const [options, message] of [
    [undefined, /seam must be a client/],
    [{ userIdentity }, /seam must be a client/],
    [{ seam }, /userIdentity must be a function/],
    [{ seam, userIdentity, lifetime: 0 }, /lifetime must be a number/],
    [{ seam, userIdentity, lifetime: "1h" }, /lifetime must be a number/],
    ...[
      "https://app.example",
      null,
      [undefined],
      ["app.example"],
      ["*"],
      ["null"],
      ["https://app.example/"],
      ["https://App.example"],
      ["https://app.example/page"],
    ].map((allowedOrigins) => [
      { seam, userIdentity, allowedOrigins },
      /^allowedOrigins must be an array of origins such as "https:/,
    ]),
  ]) {
    assert.throws(() => createTokenHandler(options), {
      name: "TypeError",
      message,
    });
  }
  createTokenHandler({
    seam,
    userIdentity,
    allowedOrigins: ["http://localhost:5173", "capacitor://localhost"],
  });
});
