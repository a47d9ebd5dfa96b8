// Misspelt and misplaced names are refused, any invalid argument is an error with a code, and
// stacks lead to the line of the call.
import assert from "node:assert/strict";
import { test } from "node:test";

import { rejected, thrownBy } from "../support/errors.mjs";
import { client, entry, Seam } from "../support/installed.mjs";
import { runModule } from "../support/process.mjs";
import { listUntil } from "../support/watched-lists.mjs";

const TOKEN = "seam_cst1a_b";
const unsent = () =>
  Seam.fromClientSessionToken(TOKEN, {
    fetch: () => assert.fail("it was sent"),
  });

test("whatever is given to request() is a coded error that was not sent, and breaks no other call", async () => {
  let answer;
  const held = new Promise((resolve) => (answer = resolve));
  const other = Seam.fromClientSessionToken(TOKEN, {
    fetch: () => held,
  }).devices.list();
  const odd = [
    null,
    undefined,
    5,
    {},
    [],
    Symbol("s"),
    () => {},
    new String("/devices/list"),
    { startsWith: () => true },
    { toString: () => "/devices/list" },
    true,
    1n,
  ];
  for (const path of odd) {
    const error = await thrownBy(() => unsent().request(path));
    assert.equal(error.code, "invalid_path", typeof path);
    assert.equal(error.outcome, "not_sent");
  }
  for (const params of [null, 5, "x", [], Symbol("s"), () => {}, true]) {
    const error = await thrownBy(() =>
      unsent().request("/devices/list", params),
    );
    assert.equal(error.code, "invalid_parameters", typeof params);
    assert.equal(error.outcome, "not_sent");
  }
  for (const options of [
    null,
    5,
    "x",
    Symbol("s"),
    true,
    { timeout: "5" },
    { signal: 5 },
    { signal: null },
    { waitForActionAttempt: 5 },
  ]) {
    const error = await thrownBy(() =>
      unsent().request("/devices/list", {}, options),
    );
    assert.equal(error.code, "invalid_options", typeof options);
    assert.equal(error.outcome, "not_sent");
  }
  answer(Response.json({ devices: [], ok: true }));
  assert.deepEqual(await other, []);
});

test("a waiting time that cannot be waited is refused", async () => {
  for (const wait of [
    { timeout: -1 },
    { timeout: NaN },
    { timeout: "5" },
    { pollingInterval: 0 },
    { pollingInterval: -1 },
    { pollingInterval: NaN },
    { pollingInterval: null },
    null,
    7,
    "true",
  ]) {
    const options = { waitForActionAttempt: wait };
    assert.throws(() => Seam.fromClientSessionToken(TOKEN, options), {
      code: "invalid_options",
    });
    const error = await thrownBy(() =>
      unsent().locks.unlockDoor({ device_id: "d" }, options),
    );
    assert.equal(error.code, "invalid_options", JSON.stringify(wait));
  }
});

test("options of watch() in the wrong place, and unknown ones, are refused", () => {
  const { devices, accessCodes } = unsent();
  const refused = { code: "invalid_options", outcome: "not_sent" };
  const { signal } = new AbortController();
  assert.throws(() => devices.watch({ interval: 1_000 }), refused);
  assert.throws(() => devices.watch({ signal }), refused);
  assert.throws(() => accessCodes.watch({ device_id: "d", signal }), refused);
  assert.throws(() => devices.watch({}, { intervall: 1_000 }), {
    ...refused,
    message: /intervall/,
  });
  assert.throws(() => devices.watch({}, null), refused);
});

test("an unknown key of a query is refused instead of matching everything", () => {
  const list = unsent().devices.watch();
  for (const find of [list.find, list.ids]) {
    assert.throws(() => find({ nam: "x" }), {
      code: "invalid_options",
      outcome: "not_sent",
      message: /nam/,
    });
    assert.deepEqual(
      find({ text: "x", online: undefined, nam: undefined }),
      [],
    );
  }
  assert.deepEqual(list.ids(), []);
  list.close();
});

test("an e-mail check of a hundred thousand characters takes no noticeable time", async () => {
  const answer = () =>
    Response.json({ client_session: { token: TOKEN }, ok: true });
  const key = `${"a".repeat(50_000)}@${"a.".repeat(25_000)}`;
  // Quadratic, this would take longer than the test runner waits.
  const seam = await Seam.fromPublishableKey("seam_pk1a_b", key, {
    fetch: async () => answer(),
  });
  assert.ok(seam instanceof Seam);
});

test("a publishable key whose answer holds no session is a coded error", async () => {
  for (const client_session of [null, 5, {}, { token: null }, []]) {
    const error = await rejected(
      Seam.fromPublishableKey("seam_pk1a_b", "key", {
        fetch: async () => Response.json({ client_session, ok: true }),
      }),
    );
    assert.equal(error.code, "invalid_token");
    assert.equal(error.outcome, "not_sent");
  }
});

test("a client in no workspace calls a route by its path", async () => {
  const seam = client.SeamHttpWithoutWorkspace.fromPersonalAccessToken(
    "seam_at1_b",
    {
      fetch: async (request) =>
        Response.json({ workspaces: [], url: request.url }),
    },
  );
  const { url } = await seam.request("/workspaces/list");
  assert.equal(new URL(url).pathname, "/workspaces/list");
});

async function theCaller(seam, call) {
  return call(seam);
}

test("the stack of an error leads to the line that made the call, and its message names the route", async () => {
  const refusing = Seam.fromClientSessionToken(TOKEN, {
    fetch: async () =>
      Response.json(
        { error: { type: "device_not_found", message: "Device not found" } },
        { status: 404 },
      ),
  });
  const offline = Seam.fromClientSessionToken(TOKEN, {
    maxRetries: 0,
    fetch: async () => {
      throw new TypeError("fetch failed");
    },
  });
  const proxied = Seam.fromClientSessionToken(TOKEN, {
    fetch: async () => new Response("<html>", { status: 404 }),
  });
  for (const seam of [refusing, offline, proxied]) {
    for (const call of [
      (it) => it.devices.get({ device_id: "d" }),
      (it) => it.request("/devices/get", { device_id: "d" }),
      (it) => it.devices.get({ device_id: "d" }).fetchResponse(),
    ]) {
      const error = await rejected(theCaller(seam, call));
      const [first] = error.stack.split("\n");
      assert.equal(first, `${error.name}: ${error.message}`);
      assert.match(error.stack, /theCaller/);
      assert.match(error.message, /\/devices\/get/);
    }
  }
});

test("the stacks of scope(), of a rejected token and of a list's failure lead to the app's line", async () => {
  const rejecting = (status) =>
    Seam.fromClientSessionToken(TOKEN, {
      maxRetries: 0,
      fetch: async () =>
        Response.json({ error: { type: "t", message: "m" } }, { status }),
    });
  for (const call of [
    (it) => it.scope(),
    (it) => it.updateClientSessionToken(`${TOKEN}2`),
    async (it) => {
      const list = it.devices.watch();
      await listUntil(list, () => list.status.state !== "loading");
      const { reason } = list.status;
      list.close();
      throw reason;
    },
  ]) {
    for (const status of [401, 404]) {
      const error = await rejected(theCaller(rejecting(status), call));
      const [first] = error.stack.split("\n");
      assert.equal(first, `${error.name}: ${error.message}`);
      assert.match(error.stack, /theCaller/);
    }
  }
});

test("the cause of no_token is the token function's own error", async () => {
  class SignedOut extends Error {
    reason = "checkout";
  }
  const own = new SignedOut("the guest has left");
  const seam = Seam.fromClientSessionToken(
    async () => {
      throw own;
    },
    { fetch: () => assert.fail("it was sent") },
  );
  const error = await rejected(seam.devices.list());
  assert.equal(error.code, "no_token");
  assert.equal(error.cause, own);
  assert.match(error.message, /the guest has left/);
});

const refusing = () =>
  Seam.fromClientSessionToken(TOKEN, {
    fetch: async () =>
      Response.json(
        { error: { type: "device_not_found", message: "m" } },
        { status: 404 },
      ),
  });

test("an error keeps its class where an app formats stacks itself", async () => {
  Error.prepareStackTrace = (_, frames) => frames;
  try {
    const error = await rejected(refusing().devices.list());
    assert.equal(error.code, "device_not_found");
    assert.equal(error.outcome, "refused");
  } finally {
    delete Error.prepareStackTrace;
  }
});

test("an error of this package used as abort reason is not changed", async () => {
  const reason = Object.freeze(await rejected(refusing().devices.list()));
  const { stack, message } = reason;
  const controller = new AbortController();
  const seam = Seam.fromClientSessionToken(TOKEN, {
    fetch: () => new Promise(() => {}),
  });
  const call = rejected(
    seam.locks.list({}, { signal: controller.signal }).execute(),
  );
  controller.abort(reason);
  const error = await call;
  assert.equal(error, reason);
  assert.deepEqual([error.stack, error.message], [stack, message]);
});

test("calls work where Object.prototype is frozen", async () => {
  const script = `
    const { Seam } = await import(${JSON.stringify(entry("seam-session"))});
    Object.freeze(Object.prototype);
    const seam = Seam.fromClientSessionToken("seam_cst1a_b", {
      fetch: async (request) => Response.json({ devices: [String(request)], ok: true }),
    });
    console.log((await seam.devices.list())[0]);`;
  const { stdout } = await runModule(script);
  assert.equal(stdout, "https://connect.getseam.com/devices/list");
});

test("a request that cannot be built a second time may have been carried out the first time", async () => {
  const { Request } = globalThis;
  const seam = Seam.fromClientSessionToken(TOKEN, {
    fetch: async () => {
      globalThis.Request = class {
        constructor() {
          throw new TypeError("no more");
        }
      };
      return new Response("", { status: 503 });
    },
  });
  try {
    const error = await rejected(seam.devices.list());
    assert.equal(error.code, "request_not_built");
    assert.equal(error.outcome, "unknown");
  } finally {
    globalThis.Request = Request;
  }
});

test("a global that is there but undefined is missing, and ends no other call", async () => {
  let answer;
  const held = new Promise((resolve) => (answer = resolve));
  let other;
  await new Promise((sent) => {
    const fetch = () => {
      sent();
      return held;
    };
    other = Seam.fromClientSessionToken(TOKEN, { fetch })
      .devices.list()
      .execute();
  });
  for (const name of ["Request", "Headers", "AbortController", "fetch"]) {
    const own = Object.getOwnPropertyDescriptor(globalThis, name);
    Object.defineProperty(globalThis, name, {
      configurable: true,
      value: undefined,
    });
    try {
      const error = await rejected(
        Seam.fromClientSessionToken(TOKEN).devices.list(),
      );
      assert.deepEqual(
        [error.code, error.outcome],
        ["missing_global", "not_sent"],
      );
      assert.match(error.message, new RegExp(name));
    } finally {
      Object.defineProperty(globalThis, name, own);
    }
  }
  answer(Response.json({ devices: [], ok: true }));
  assert.deepEqual(await other, []);
});
