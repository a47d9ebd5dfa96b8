// Whatever the caller's own fetch does, the call settles, and no error shows the token.
import assert from "node:assert/strict";
import { test } from "node:test";

import { allTextOf, rejected } from "../support/errors.mjs";
import { TOKEN, fakeResponse, withFetch } from "../support/clients.mjs";

test("a call settles and shows no token whatever its fetch throws or returns", async (t) => {
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
      () => Promise.resolve(fakeResponse({ status: 65_736 })),
      "invalid_fetch",
    ],
    [
      "answers with a body that is a number",
      () => Promise.resolve(fakeResponse({ text: async () => -1 })),
      "invalid_fetch",
    ],
    [
      "answers with a body that is bytes",
      () =>
        Promise.resolve(fakeResponse({ text: async () => new ArrayBuffer(2) })),
      "invalid_fetch",
    ],
    [
      "followed a redirect",
      () => Promise.resolve(fakeResponse({ redirected: true })),
      "redirected",
    ],
    ["answers without a promise", () => "no", "invalid_fetch"],
    [
      "has a body that rejects",
      () =>
        Promise.resolve({
          status: 200,
          headers: new Headers(),
          text: () =>
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
          text: () => {
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
      assert.ok(!allTextOf(error).includes("hunter2"), allTextOf(error));
    });
  }
});

test("fetch is called with a complete request in both arguments, no this, no cookies and no redirects", async () => {
  let seen;
  const seam = withFetch(function (...args) {
    seen = { self: this, args };
    return Promise.resolve(Response.json({ devices: [], ok: true }));
  });
  await seam.devices.list();
  assert.equal(seen.self, undefined);
  assert.equal(seen.args.length, 2);
  const [request, init] = seen.args;
  assert.equal(String(request), request.url);
  for (const of of [request, init]) {
    assert.equal(of.method, "POST");
    assert.equal(of.headers.get("content-type"), "application/json");
    assert.equal(of.headers.get("client-session-token"), TOKEN);
    assert.ok(of.signal instanceof AbortSignal);
    assert.equal(of.credentials, "omit");
    assert.equal(of.redirect, "manual");
    assert.equal(of.cache, "no-store");
  }
  assert.equal(await request.text(), "{}");
  assert.equal(init.body, "{}");
});

test("an invalid result of one call's fetch ends no other call", async () => {
  let answer;
  const held = new Promise((resolve) => (answer = resolve));
  const other = withFetch(() => held)
    .devices.list()
    .execute();
  const bodies = [-1, null, {}, ["x"], new Uint8Array(2), Symbol("s"), 2 ** 40];
  for (const body of bodies) {
    const error = await rejected(
      withFetch(async () =>
        fakeResponse({ text: async () => body }),
      ).devices.list(),
    );
    assert.equal(error.code, "invalid_fetch", String(body));
  }
  answer(Response.json({ devices: [1], ok: true }));
  assert.deepEqual(await other, [1]);
});

test("a client shows its token nowhere", async () => {
  const seam = withFetch(() =>
    Promise.resolve(Response.json({ devices: [], ok: true })),
  );
  const request = seam.devices.list();
  await request;
  const text = allTextOf(seam) + allTextOf(seam.devices) + allTextOf(request);
  assert.ok(!text.includes("hunter2"));
});
