// Options of any shape: the client uses the credential that the caller provided or throws. It
// never replaces it with one from the environment.
import assert from "node:assert/strict";
import { test } from "node:test";

import { rejected } from "../support/errors.mjs";
import { Seam } from "../support/installed.mjs";

const TOKEN = "seam_cst1user_bbbbbbbbbbbbbbbbbbb";
const ENDPOINT = "https://seam.test";
const KEY = "seam_a_whole_workspace";

/** Sets the environment's key while a test runs, and gives what was sent. */
function withKey(t) {
  process.env.SEAM_API_KEY = KEY;
  const global = globalThis.fetch;
  t.after(() => {
    delete process.env.SEAM_API_KEY;
    globalThis.fetch = global;
  });
  const sent = [];
  const fetch = async (request) => {
    sent.push([
      new URL(request.url).origin,
      request.headers.get("authorization"),
    ]);
    return Response.json({ devices: [], ok: true });
  };
  globalThis.fetch = fetch;
  return { sent, fetch };
}

/** Ways to write `{ clientSessionToken, endpoint, fetch }`. */
const SHAPES = {
  "a plain object": (all) => ({ ...all }),
  "an object without a prototype": (all) =>
    Object.assign(Object.create(null), all),
  "a class with accessors": (all) =>
    new (class {
      get clientSessionToken() {
        return all.clientSessionToken;
      }
      get endpoint() {
        return all.endpoint;
      }
      get fetch() {
        return all.fetch;
      }
    })(),
  "a class with a private field": (all) =>
    new (class {
      #token = all.clientSessionToken;
      endpoint = all.endpoint;
      fetch = all.fetch;
      get clientSessionToken() {
        return this.#token;
      }
    })(),
  "defaults as the prototype": (all) => Object.create(all),
  "properties that are not enumerable": (all) =>
    Object.defineProperties(
      {},
      Object.fromEntries(
        Object.entries(all).map(([name, value]) => [name, { value }]),
      ),
    ),
  "own accessors": (all) =>
    Object.defineProperties(
      {},
      Object.fromEntries(
        Object.keys(all).map((name) => [name, { get: () => all[name] }]),
      ),
    ),
  "a Proxy that only answers reads": (all) =>
    new Proxy({}, { get: (_, name) => all[name] }),
  "a Proxy that says it has everything": (all) =>
    new Proxy({}, { get: (_, name) => all[name], has: () => true }),
};

for (const [name, make] of Object.entries(SHAPES)) {
  test(`the token and endpoint of ${name} are used, each read at most once`, async (t) => {
    const { sent, fetch } = withKey(t);
    const reads = new Map();
    const all = { clientSessionToken: TOKEN, endpoint: ENDPOINT, fetch };
    const counted = Object.defineProperties(
      {},
      Object.fromEntries(
        Object.entries(all).map(([key, value]) => [
          key,
          {
            enumerable: true,
            get() {
              reads.set(key, (reads.get(key) ?? 0) + 1);
              return value;
            },
          },
        ]),
      ),
    );
    const options = make(name === "a plain object" ? all : counted);
    reads.clear();

    await new Seam(options).devices.list();

    assert.deepEqual(sent, [[ENDPOINT, `Bearer ${TOKEN}`]]);
    for (const [key, times] of reads) assert.ok(times <= 1, `${key} ${times}`);
  });

  test(`fromClientSessionToken takes the endpoint of ${name}`, async (t) => {
    const { sent, fetch } = withKey(t);
    const all = { endpoint: ENDPOINT, fetch };
    await Seam.fromClientSessionToken(TOKEN, make(all)).devices.list();
    assert.deepEqual(sent, [[ENDPOINT, `Bearer ${TOKEN}`]]);
  });
}

test("a token that is missing is an error, whatever shape it is missing in", async (t) => {
  const { sent, fetch } = withKey(t);
  class Missing {
    endpoint = ENDPOINT;
    fetch = fetch;
    get clientSessionToken() {
      return undefined;
    }
  }
  for (const make of [
    () => new Seam({ clientSessionToken: undefined }),
    () => new Seam({ clientSessionToken: null }),
    () => new Seam(new Missing()),
    () => new Seam(Object.create({ clientSessionToken: undefined })),
    () => Seam.fromClientSessionToken(undefined),
    () => new Seam(new Map([["clientSessionToken", TOKEN]])),
    () => new Seam([TOKEN]),
    () => new Seam(Promise.resolve({ clientSessionToken: TOKEN })),
    () => new Seam(() => TOKEN),
    () => new Seam({ clientSesionToken: TOKEN }),
  ]) {
    assert.throws(make, { outcome: "not_sent" }, String(make));
  }
  assert.deepEqual(sent, []);
});

test("what somebody put on Object.prototype changes nothing", async (t) => {
  const { sent, fetch } = withKey(t);
  const polluted = {
    clientSessionToken: "seam_cst1evil_evil",
    endpoint: "https://evil.test",
    fetch: () => assert.fail("the prototype's fetch was called"),
    userIdentityId: "evil",
    timeout: 1,
  };
  for (const [name, value] of Object.entries(polluted)) {
    Object.defineProperty(Object.prototype, name, {
      value,
      configurable: true,
      writable: true,
    });
    t.after(() => delete Object.prototype[name]);
  }
  const own = { clientSessionToken: TOKEN, endpoint: ENDPOINT, fetch };
  await new Seam(own).devices.list();
  await Seam.fromClientSessionToken(TOKEN, {
    endpoint: ENDPOINT,
    fetch,
  }).devices.list();
  assert.deepEqual(sent, [
    [ENDPOINT, `Bearer ${TOKEN}`],
    [ENDPOINT, `Bearer ${TOKEN}`],
  ]);
});

test("an accessor that throws ends the construction with its error", async (t) => {
  const { sent } = withKey(t);
  const error = new Error("no token yet");
  const options = {
    get clientSessionToken() {
      throw error;
    },
  };
  const thrown = await rejected((async () => new Seam(options))());
  assert.equal(thrown, error);
  assert.deepEqual(sent, []);
});
