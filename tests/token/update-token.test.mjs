// updateClientSessionToken: what is shown and sent while the server checks the token.
import assert from "node:assert/strict";
import { test } from "node:test";

import { rejected } from "../support/errors.mjs";
import { client, Seam } from "../support/installed.mjs";
import { mockSeam, tokenOf } from "../support/mock-seam.mjs";
import { isSettled, waitUntil, flushTasks } from "../support/waiting.mjs";

const DEVICE = { device_id: "door" };

/** A client of user a that watches its devices and knows its scope, and the made-up Seam behind. */
async function watching(t, options = {}) {
  const server = mockSeam();
  const seam = Seam.fromClientSessionToken(tokenOf("a"), {
    endpoint: "https://seam.test",
    fetch: server.fetch,
    maxRetries: 0,
    checkScope: true,
    ...options,
  });
  const list = seam.devices.watch();
  t.after(() => list.close());
  await waitUntil(() => list.status.state === "live");
  const scope = await seam.scope();
  return { server, seam, list, scope };
}

const ids = (list) => list.getSnapshot().map((it) => it.device_id);
const isCheck = ({ path, user }) =>
  path === "/client_sessions/get" && user === "b";

test("while another token is checked, lists and scope show nothing and calls wait", async (t) => {
  const { server, seam, list, scope } = await watching(t);
  const release = server.hold(isCheck);

  const update = seam.updateClientSessionToken(tokenOf("b"));

  assert.deepEqual(ids(list), []);
  assert.equal(list.get("a-0"), undefined);
  assert.equal(list.status.state, "loading");
  assert.deepEqual(scope.devices, []);
  assert.equal(scope.has("a-0"), false);
  assert.equal(scope.user_identity_id, undefined);
  const called = seam.devices.list().execute();
  const unlocked = seam.locks.unlockDoor({ device_id: "b-0" }).execute();
  assert.equal(
    await isSettled(Promise.race([called, unlocked, update])),
    false,
  );
  // The rules of token changes are loaded first.
  await waitUntil(() => server.sentAs("b").length > 0);
  assert.deepEqual(server.sentAs("b"), ["/client_sessions/get"]);
  assert.deepEqual(ids(list), []);

  release();
  assert.equal(await update, undefined);
  assert.deepEqual(
    (await called).map((it) => it.device_id),
    ["b-0", "b-1"],
  );
  await unlocked;
  await waitUntil(() => list.status.state === "live");
  assert.deepEqual(ids(list), ["b-0", "b-1"]);
  assert.ok(server.sentAs("b").includes("/locks/unlock_door"));
  assert.ok(!server.sentAs("a").includes("/locks/unlock_door"));
});

for (const [name, fail, code] of [
  [
    "that the server rejects",
    ({ server }) => server.dead.add(tokenOf("b")),
    "unauthorized",
  ],
  [
    "that the server cannot be asked about",
    ({ server }) => {
      server.answer = (sent) => {
        if (isCheck(sent)) throw new TypeError("network changed");
      };
    },
    "network_error",
  ],
]) {
  test(`a token ${name} leaves the last one in use, and the lists return`, async (t) => {
    const it = await watching(t);
    const { server, seam, list, scope } = it;
    const [door] = list.getSnapshot();
    fail(it);
    const states = [];
    list.subscribe(() => states.push([list.status.state, list.size]));

    const update = seam.updateClientSessionToken(tokenOf("b"));
    const called = seam.devices.list().execute();
    const action = rejected(seam.locks.unlockDoor(DEVICE));
    const error = await rejected(update);
    assert.equal(error.code, code);
    const notSent = await action;
    assert.deepEqual(
      [notSent.code, notSent.outcome],
      ["session_changed", "not_sent"],
    );

    assert.deepEqual(
      (await called).map((it) => it.device_id),
      ["a-0", "a-1"],
    );
    await waitUntil(() => list.status.state === "live");
    assert.equal(list.getSnapshot()[0], door, "the objects are the same");
    assert.ok(states.some(([state, size]) => state === "stale" && size === 2));
    assert.equal(scope.has("a-0"), true);
    assert.equal(scope.user_identity_id, "user-a");
    assert.deepEqual(server.sentAs("b"), ["/client_sessions/get"]);
  });
}

test("an invalid token changes and hides nothing", async (t) => {
  const { server, seam, list } = await watching(t);
  const before = server.requests.length;
  const shown = list.getSnapshot();

  const update = seam.updateClientSessionToken("not a token");
  assert.equal(list.getSnapshot(), shown);
  assert.equal(list.status.state, "live");
  assert.equal((await rejected(update)).code, "invalid_token");

  await flushTasks();
  assert.equal(list.getSnapshot(), shown);
  assert.equal(server.requests.length, before);
});

test("of two tokens that are set one after the other the later one wins", async (t) => {
  const { server, seam, list } = await watching(t);
  const release = server.hold(isCheck);
  const first = seam.updateClientSessionToken(tokenOf("b"));
  const second = seam.updateClientSessionToken(tokenOf("c"));
  const called = seam.devices.list().execute();

  await second;
  assert.deepEqual(
    (await called).map((it) => it.device_id),
    ["c-0", "c-1"],
  );
  release();

  const error = await rejected(first);
  assert.ok(error instanceof client.SeamOutOfScopeError);
  assert.equal(error.code, "session_changed");
  await waitUntil(() => list.status.state === "live");
  assert.deepEqual(ids(list), ["c-0", "c-1"]);
  assert.deepEqual(server.sentAs("b"), ["/client_sessions/get"]);
});

test("an observer that throws does not keep others from a user change", async (t) => {
  const { seam, list } = await watching(t);
  const broken = new Error("an observer broke");
  const stop = seam.observeToken({
    onTokenCheck() {
      throw broken;
    },
    onTokenReplaced() {
      throw broken;
    },
    ended() {
      throw broken;
    },
  });
  t.after(stop);
  const later = seam.devices.watch({ limit: 1 });
  t.after(() => later.close());
  await waitUntil(() => later.status.state === "live");

  await seam.updateClientSessionToken(tokenOf("b"));
  await waitUntil(() => list.status.state === "live");
  await waitUntil(() => later.status.state === "live");

  assert.deepEqual(ids(list), ["b-0", "b-1"]);
  assert.deepEqual(ids(later), ["b-0", "b-1"]);
  assert.equal((await seam.locks.unlockDoor(DEVICE)).status, "success");
});

test("a paginator stops rather than mix the pages of two users", async () => {
  const server = mockSeam({ size: 6 });
  const seam = Seam.fromClientSessionToken(tokenOf("a"), {
    endpoint: "https://seam.test",
    fetch: server.fetch,
  });
  const items = [];
  const error = await rejected(
    (async () => {
      for await (const page of seam.createPaginator(seam.devices.list())) {
        items.push(...page.map((it) => it.device_id));
        if (items.length === 2) {
          await seam.updateClientSessionToken(tokenOf("b"));
        }
      }
    })(),
  );
  assert.ok(error instanceof client.SeamOutOfScopeError);
  assert.deepEqual(
    [error.code, error.outcome],
    ["session_changed", "not_sent"],
  );
  assert.deepEqual(items, ["a-0", "a-1"]);
  assert.ok(!server.sentAs("b").includes("/devices/list"));
});

test("a paginator goes on when the next token is of the same user", async () => {
  const server = mockSeam({ size: 6 });
  const seam = Seam.fromClientSessionToken(tokenOf("a"), {
    endpoint: "https://seam.test",
    fetch: server.fetch,
  });
  const items = [];
  for await (const page of seam.createPaginator(seam.devices.list())) {
    items.push(...page.map((it) => it.device_id));
    if (items.length === 2)
      await seam.updateClientSessionToken(tokenOf("a", 2));
  }
  assert.equal(items.length, 6);
});

for (const cursor of [{ at: 1 }, 7, true]) {
  test(`a paginator ends at a cursor that is no string: ${JSON.stringify(cursor)}`, async () => {
    const server = mockSeam();
    server.answer = ({ path }) =>
      path === "/devices/list"
        ? Response.json({
            devices: [],
            pagination: { has_next_page: true, next_page_cursor: cursor },
          })
        : undefined;
    const seam = Seam.fromClientSessionToken(tokenOf("a"), {
      endpoint: "https://seam.test",
      fetch: server.fetch,
    });
    const paginator = seam.createPaginator(seam.devices.list());
    const error = await rejected(paginator.flattenToArray());
    assert.equal(error.code, "invalid_response");
    assert.equal(server.requests.length, 1);
  });
}

test("nothing but client_sessions/get is sent before userIdentityId is known to match", async () => {
  const server = mockSeam();
  const seam = Seam.fromClientSessionToken(tokenOf("a"), {
    endpoint: "https://seam.test",
    fetch: server.fetch,
    userIdentityId: "user-a",
  });
  const release = server.hold(({ path }) => path === "/client_sessions/get");
  const called = Promise.all([
    seam.devices.list(),
    seam.locks.unlockDoor(DEVICE),
  ]);
  assert.equal(await isSettled(called), false);
  assert.deepEqual(server.sentAs("a"), ["/client_sessions/get"]);
  release();
  const [devices] = await called;
  assert.equal(devices.length, 2);
  assert.equal(server.sentAs("a").length, 3, "it is asked once");
});

test("a token of another user than userIdentityId names is rejected, however it comes", async (t) => {
  const server = mockSeam();
  const options = {
    endpoint: "https://seam.test",
    fetch: server.fetch,
    userIdentityId: "user-a",
  };
  const wrong = Seam.fromClientSessionToken(tokenOf("b"), options);
  for (const call of [wrong.devices.list(), wrong.locks.unlockDoor(DEVICE)]) {
    const error = await rejected(call);
    assert.ok(error instanceof client.SeamHttpInvalidTokenError);
    assert.deepEqual([error.code, error.outcome], ["wrong_user", "not_sent"]);
  }
  const list = wrong.devices.watch();
  t.after(() => list.close());
  await waitUntil(() => list.status.state !== "loading");
  assert.equal(list.status.reason.code, "wrong_user");
  assert.equal(list.size, 0);

  const given = Seam.fromClientSessionToken(() => tokenOf("b"), options);
  const byFunction = await rejected(given.devices.list());
  assert.equal(byFunction.outcome, "not_sent");
  assert.match(byFunction.message, /userIdentityId/);

  const right = Seam.fromClientSessionToken(tokenOf("a"), options);
  assert.equal((await right.devices.list()).length, 2);
  const byHand = await rejected(right.updateClientSessionToken(tokenOf("b")));
  assert.equal(byHand.code, "wrong_user");
  assert.equal((await right.devices.list())[0].device_id, "a-0");

  assert.deepEqual([...new Set(server.sentAs("b"))], ["/client_sessions/get"]);
});

test("a publishable key's client takes userIdentityId for the session that it makes", async () => {
  const server = mockSeam();
  server.answer = ({ path }) =>
    path === "/client_sessions/get_or_create"
      ? Response.json({ client_session: { token: tokenOf("a") }, ok: true })
      : undefined;
  const options = { endpoint: "https://seam.test", fetch: server.fetch };
  const make = (userIdentityId) =>
    Seam.fromPublishableKey("seam_pk1_x", "a-long-random-key", {
      ...options,
      userIdentityId,
    });
  assert.equal((await (await make("user-a")).devices.list()).length, 2);
  const wrong = await make("user-b");
  assert.equal((await rejected(wrong.devices.list())).code, "wrong_user");
});

test("sessions without an ID are never treated as the same", async (t) => {
  const server = mockSeam({ size: 6 });
  server.answer = ({ path }) =>
    path === "/client_sessions/get"
      ? Response.json({ client_session: {}, ok: true })
      : undefined;
  const seam = Seam.fromClientSessionToken(tokenOf("a"), {
    endpoint: "https://seam.test",
    fetch: server.fetch,
  });
  const list = seam.devices.watch();
  t.after(() => list.close());
  await waitUntil(() => list.status.state === "live");
  const paginator = seam.createPaginator(seam.devices.list());
  const [, { nextPageCursor }] = await paginator.firstPage();
  await seam.updateClientSessionToken(tokenOf("b"));
  assert.equal(
    (await rejected(paginator.nextPage(nextPageCursor))).code,
    "session_changed",
  );
  await waitUntil(() => list.status.state === "live");
  assert.ok(ids(list).every((id) => id.startsWith("b-")));
});

test("a call that started before another token was set is sent, whether that token is accepted or not", async (t) => {
  const { server, seam } = await watching(t);
  let release;
  const released = new Promise((resolve) => (release = resolve));
  server.answer = async ({ path }) => {
    if (path === "/devices/get") await released;
    return undefined;
  };
  const action = seam.locks.unlockDoor({ device_id: "a-9" }).execute();
  await waitUntil(() => server.sentAs("a").includes("/devices/get"));
  server.dead.add(tokenOf("b"));
  await rejected(seam.updateClientSessionToken(tokenOf("b")));
  release();
  assert.equal((await action).status, "success");
});

test("validation errors are kept when an error gets another outcome", async (t) => {
  const { server, seam } = await watching(t);
  server.answer = ({ path }) =>
    path === "/devices/get"
      ? Response.json(
          {
            error: {
              type: "invalid_input",
              message: "m",
              validation_errors: { device_id: { _errors: ["no UUID"] } },
            },
          },
          { status: 400 },
        )
      : undefined;
  const error = await rejected(seam.locks.unlockDoor({ device_id: "nope" }));
  assert.equal(error.outcome, "not_sent");
  assert.deepEqual(error.validationErrors, [
    { parameterName: "device_id", errorMessages: ["no UUID"] },
  ]);
});

test("userIdentityId needs a client session, and null is no user", () => {
  assert.throws(
    () =>
      Seam.fromClientSessionToken(tokenOf("a"), {
        userIdentityId: null,
      }),
    { code: "invalid_options" },
  );
  assert.throws(
    () => Seam.fromApiKey("seam_abc123", { userIdentityId: "user-a" }),
    { code: "invalid_options" },
  );
});

for (const [name, end] of [
  ["gives null", () => null],
  [
    "throws SeamSignedOutError",
    () => {
      throw new client.SeamSignedOutError();
    },
  ],
]) {
  test(`a token function that ${name} ends the session and is not called again`, async (t) => {
    const server = mockSeam();
    let asked = 0;
    const seam = Seam.fromClientSessionToken(
      () => {
        asked += 1;
        return asked === 1 ? tokenOf("a") : end();
      },
      { endpoint: "https://seam.test", fetch: server.fetch, maxRetries: 0 },
    );
    const list = seam.devices.watch();
    t.after(() => list.close());
    await waitUntil(() => list.status.state === "live");
    server.dead.add(tokenOf("a"));

    const refused = await rejected(seam.locks.unlockDoor(DEVICE));
    assert.ok(refused instanceof client.SeamSignedOutError);
    assert.deepEqual(
      [refused.code, refused.outcome],
      ["signed_out", "refused"],
    );
    await waitUntil(() => list.status.state === "stopped");
    assert.equal(list.size, 0);
    assert.equal(list.status.reason.code, "signed_out");
    const later = await rejected(seam.devices.list());
    assert.deepEqual([later.code, later.outcome], ["signed_out", "not_sent"]);
    await list.refresh();
    assert.equal(asked, 2);
    assert.equal(list.status.state, "stopped");

    await seam.updateClientSessionToken(tokenOf("b"));
    assert.equal((await seam.devices.list())[0].device_id, "b-0");
    await waitUntil(() => list.status.state === "live");
    assert.deepEqual(ids(list), ["b-0", "b-1"]);
  });
}

test("an error that several callers share is changed for none of them", async () => {
  const server = mockSeam();
  server.answer = ({ path }) => {
    if (path === "/client_sessions/get") throw new TypeError("away");
  };
  const seam = Seam.fromClientSessionToken(tokenOf("a"), {
    endpoint: "https://seam.test",
    fetch: server.fetch,
    maxRetries: 0,
    userIdentityId: "user-a",
  });
  const [one, other] = await Promise.all(
    [seam.devices.list(), seam.locks.unlockDoor(DEVICE)].map(rejected),
  );
  assert.notEqual(one, other);
  assert.deepEqual([one.code, one.outcome], ["network_error", "not_sent"]);
  assert.deepEqual([other.code, other.outcome], ["network_error", "not_sent"]);
});
