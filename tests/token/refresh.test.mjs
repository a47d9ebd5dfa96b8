// A clientSessionToken that is a function, against the sandbox: when it is asked,
// what is sent again, what is told.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { inspect, promisify } from "node:util";

import { build } from "esbuild";

import { entry, folder, Sandbox, Seam } from "../support/installed.mjs";
import { startSandbox } from "../support/sandbox.mjs";
import { mockClocks, once, tasks } from "../support/waiting.mjs";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/**
 * A sandbox, a client that is given tokens by a function, and what was asked of
 * both. Each token is of a session of its own, of the same user and for an hour,
 * if `give` does not say otherwise; `answer` may answer in the sandbox's place.
 */
async function renewing({ give, answer, fetched, ...options } = {}) {
  const sandbox = await Sandbox.create(options.sandbox);
  delete options.sandbox;
  const { info } = sandbox;
  const { endpoint } = info;
  const requests = [];
  const tokens = [];
  const backEnd = Seam.fromApiKey(info.api_key, {
    endpoint,
    fetch: sandbox.fetch,
  });
  const create = async (more) => {
    const session = await backEnd.clientSessions.create({
      user_identity_id: info.user_identity_id,
      expires_at: new Date(Date.now() + HOUR).toISOString(),
      ...more,
    });
    return session.token;
  };
  const fetch = async (request) => {
    const path = new URL(request.url).pathname;
    const token = /Bearer (.*)/.exec(request.headers.get("authorization"))[1];
    const sent = { path, token, nth: tokens.indexOf(token) + 1 };
    requests.push(sent);
    return (await answer?.(sent, request, sandbox)) ?? sandbox.fetch(request);
  };
  const function_ = {
    asked: 0,
    async give() {
      function_.asked += 1;
      const token = give
        ? await give(function_.asked, { create, tokens, info })
        : await create();
      tokens.push(token);
      return token;
    },
  };
  const seam = Seam.fromClientSessionToken(() => function_.give(), {
    endpoint,
    fetch,
    maxRetries: 0,
    ...options,
  });
  const end = (token, how = "revoked") =>
    sandbox.endSession({ client_session_token: token }, how);
  const sent = (path) => requests.filter((it) => it.path === path).length;
  return {
    ...{ sandbox, info, backEnd, create, requests, tokens, seam, end, sent },
    asked: () => function_.asked,
  };
}

const error = (promise) =>
  promise.then(
    () => assert.fail("it should have failed"),
    (reason) => reason,
  );

/** Mocks timers and the clock, and gives what waits for a promise while that time passes. */
function mockedTime(t) {
  mockClocks(t);
  return async (promise) => {
    let settled = false;
    promise.then(
      () => (settled = true),
      () => (settled = true),
    );
    await once(() => {
      t.mock.timers.tick(1);
      return settled;
    });
    return promise;
  };
}

/** The lock that the client's user was granted. */
async function lockOf({ seam }) {
  const [lock] = await seam.devices.list();
  return lock;
}

test("the function is asked when the first call is made, once for any number of calls", async () => {
  const { seam, asked, tokens, requests, sent } = await renewing();
  assert.equal(asked(), 0);

  const lists = await Promise.all(
    Array.from({ length: 10 }, () => seam.devices.list()),
  );

  assert.equal(asked(), 1);
  assert.ok(lists.every((list) => list.length === 1));
  assert.ok(requests.every(({ token }) => token === tokens[0]));
  await once(() => sent("/client_sessions/get") > 0);
  await seam.devices.list();
  assert.equal(asked(), 1);
  assert.equal(sent("/client_sessions/get"), 1, "once for each token");
  assert.equal(sent("/devices/list"), 11);
});

test("the first token is made while what renewal needs is loaded", async () => {
  const { seam, asked, tokens, sent } = await renewing();

  const list = seam.devices.list().execute();
  await Promise.resolve();

  assert.equal(asked(), 1, "before anything could be loaded");
  assert.equal((await list).length, 1);
  assert.equal(asked(), 1);
  assert.equal(tokens.length, 1);
  assert.equal(sent("/devices/list"), 1);
});

test("the constructor takes a function too, and what it gives need not be a promise", async () => {
  const { info, fetch } = await Sandbox.create();
  const seam = new Seam({
    clientSessionToken: () => info.client_session_token,
    endpoint: info.endpoint,
    fetch,
  });
  assert.equal((await seam.devices.list()).length, 1);
});

test("the next token is asked for ahead of the end, while calls go on with the last one", async (t) => {
  const passing = mockedTime(t);
  let hold;
  const { seam, asked, requests, tokens } = await renewing({
    give: async (nth, { create }) => {
      if (nth === 2) await new Promise((resolve) => (hold = resolve));
      return create();
    },
  });
  await passing(seam.devices.list());
  await passing(seam.devices.list());
  const left = 55 * MINUTE - (Date.now() - 1e12);
  t.mock.timers.tick(left - 1_000);
  assert.equal(asked(), 1, "not before");

  t.mock.timers.tick(2_000);
  await once(() => hold);
  await passing(seam.devices.list());
  assert.equal(requests.at(-1).nth, 1);
  hold();
  await once(() => requests.at(-1).token === tokens[1]);
  const checked = requests.at(-1);
  assert.equal(checked.path, "/client_sessions/get");
  await passing(seam.devices.list());

  assert.equal(asked(), 2);
  assert.equal(requests.at(-1).nth, 2);
  assert.ok(Date.now() - 1e12 < HOUR);
});

test("the same token again will do while its session lives, and longer when that was given more time", async (t) => {
  const passing = mockedTime(t);
  const { seam, asked, backEnd, requests, info } = await renewing({
    give: (_, { info }) => info.client_session_token,
  });
  const { user_identity_id, client_session_token: token } = info;
  const prolong = () =>
    backEnd.clientSessions.getOrCreate({
      user_identity_id,
      expires_at: new Date(Date.now() + HOUR).toISOString(),
    });
  assert.equal((await prolong()).token, token);
  await passing(seam.devices.list());
  await passing(seam.devices.list());
  const start = Date.now();
  t.mock.timers.tick(57 * MINUTE);
  await passing(seam.devices.list());
  await once(() => asked() === 2);
  await tasks();
  await passing(seam.devices.list());
  assert.equal(requests.at(-1).token, token);

  assert.equal((await prolong()).token, token);
  const before = asked();
  t.mock.timers.tick(MINUTE);
  await passing(seam.devices.list());
  await tasks();

  assert.ok(asked() > before, "asked again after the pause");
  const asks = asked();
  t.mock.timers.tick(10 * MINUTE);
  await passing(seam.devices.list());
  assert.ok(Date.now() - start > HOUR);
  assert.equal(asked(), asks, "it is known that it lives longer");
  assert.equal(requests.at(-1).token, token);
});

test("when it was not told when the token ends, it asks again after the next call that succeeds", async (t) => {
  const passing = mockedTime(t);
  let hold;
  const { seam, asked, sent } = await renewing({
    answer: async ({ path }) => {
      if (path !== "/client_sessions/get" || hold) return undefined;
      await new Promise((resolve) => (hold = resolve));
      return new Response("", { status: 503 });
    },
  });
  const gets = () => sent("/client_sessions/get");
  await passing(seam.devices.list());
  await once(() => hold);
  hold();
  await tasks();
  t.mock.timers.tick(2_000);
  await tasks();
  assert.equal(gets(), 1, "not by itself");

  await passing(Promise.all([seam.devices.list(), seam.locks.list()]));
  await once(() => gets() === 2);
  await passing(seam.devices.list());
  assert.equal(gets(), 2, "it is known");
  t.mock.timers.tick(55 * MINUTE);
  await once(() => gets() === 3);

  assert.equal(asked(), 2, "ahead of the end");
});

test("while the server cannot say when the token ends, it is asked later and later", async (t) => {
  const passing = mockedTime(t);
  const { seam, sent } = await renewing({
    answer: ({ path }) =>
      path === "/client_sessions/get"
        ? new Response("", { status: 503 })
        : undefined,
  });
  const gets = async () => {
    await passing(seam.devices.list());
    await tasks();
    return sent("/client_sessions/get");
  };

  const counts = [];
  for (const seconds of [0, 0, 2, 0, 1, 3, 0]) {
    t.mock.timers.tick(seconds * 1_000);
    counts.push(await gets());
  }

  assert.deepEqual(counts, [1, 1, 2, 2, 2, 3, 3]);
});

test("a client that nobody uses asks for nothing until its next call", async (t) => {
  const passing = mockedTime(t);
  const { seam, asked, requests } = await renewing();
  await passing(seam.devices.list());
  await once(() => requests.length === 2);
  for (let hour = 0; hour < 9; hour += 1) {
    t.mock.timers.tick(HOUR);
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.equal(asked(), 1);

  await passing(seam.devices.list());

  assert.equal(asked(), 2);
  const last = requests.filter(({ nth }) => nth === 2).map(({ path }) => path);
  assert.deepEqual(last, ["/client_sessions/get", "/devices/list"]);
});

test("no timer is longer than timers take", async (t) => {
  const waits = [];
  const { setTimeout } = globalThis;
  t.mock.method(globalThis, "setTimeout", (run, ms, ...rest) => {
    waits.push(ms);
    return setTimeout(run, ms, ...rest);
  });
  const expires_at = new Date(Date.now() + 400 * 24 * HOUR).toISOString();
  const { seam } = await renewing({
    give: (_, { create }) => create({ expires_at }),
    timeout: Infinity,
  });

  await seam.devices.list();
  await once(() => waits.filter((ms) => ms === 2 ** 31 - 1).length > 3);

  assert.ok(waits.every((ms) => ms < 2 ** 31));
});

test("a fresh token that looks expired by a wrong clock is used, and the server judges", async () => {
  const ended = new Date(Date.now() - 10 * HOUR).toISOString();
  const { seam, asked, requests, sent, end, tokens } = await renewing({
    answer: async ({ path }, request, sandbox) => {
      if (path !== "/client_sessions/get") return undefined;
      const body = await (await sandbox.fetch(request)).json();
      body.client_session.expires_at = ended;
      return Response.json(body);
    },
  });
  await seam.devices.list();
  await once(() => sent("/client_sessions/get") === 1);
  await seam.devices.list();
  await seam.devices.list();
  assert.equal(asked(), 1);
  assert.ok(requests.every(({ nth }) => nth === 1));
  end(tokens[0]);

  await seam.devices.list();

  assert.equal(asked(), 2);
});

test("what the server refused because the token is dead is sent once more, and renews once", async () => {
  for (const how of ["expired", "revoked"]) {
    const { seam, asked, end, tokens, sent } = await renewing();
    await seam.devices.list();
    await once(() => sent("/client_sessions/get") === 1);
    end(tokens[0], how);

    const lists = await Promise.all(
      Array.from({ length: 10 }, () => seam.devices.list()),
    );

    assert.ok(lists.every((list) => list.length === 1));
    assert.equal(asked(), 2, how);
    assert.equal(sent("/devices/list"), 21);
    assert.equal(sent("/client_sessions/get"), 2);
  }
});

test("a bare 401 is dead only when client_sessions/get is refused too, and is then renewed once for all calls", async () => {
  const them = await renewing({
    answer: async (_, request, sandbox) => {
      const answer = await sandbox.fetch(request);
      return answer.status === 401
        ? Response.json(
            { error: { type: "unauthorized", message: "Unauthorized" } },
            { status: 401 },
          )
        : answer;
    },
  });
  const { seam, asked, end, tokens, sent } = them;
  const { device_id } = await lockOf(them);
  await once(() => sent("/client_sessions/get") === 1);
  end(tokens[0]);

  const calls = [];
  for (let nth = 0; nth < 5; nth += 1) calls.push(seam.devices.list());
  calls.push(seam.locks.unlockDoor({ device_id }));
  await Promise.all(calls);

  assert.equal(asked(), 2);
  assert.equal(sent("/devices/list"), 11);
  assert.equal(sent("/locks/unlock_door"), 2);
  // One for each token, and one for each call that was refused.
  assert.equal(sent("/client_sessions/get"), 2 + 6);
});

test("what is out of scope renews nothing", async () => {
  const { seam, asked, info } = await renewing({
    sandbox: { outOfScope: 401 },
  });
  const [own] = await seam.devices.list();
  const device_id = info.device_ids.find((id) => id !== own.device_id);

  const refused = await error(seam.devices.get({ device_id }));

  assert.equal(refused.reason, "out_of_scope");
  assert.equal(asked(), 1);
});

test("a late 401 for an older token renews nothing, and is sent again with the newer one", async () => {
  let hold;
  const { seam, asked, end, tokens, requests, sent } = await renewing({
    answer: async ({ path, nth }, request, sandbox) => {
      if (path !== "/locks/list" || nth !== 1) return undefined;
      await new Promise((resolve) => (hold = resolve));
      return sandbox.fetch(request);
    },
  });
  await seam.devices.list();
  await once(() => sent("/client_sessions/get") === 1);
  const late = seam.locks.list().execute();
  await once(() => hold);
  end(tokens[0]);
  await seam.devices.list();
  assert.equal(asked(), 2);
  hold();

  assert.equal((await late).length, 1);

  assert.equal(asked(), 2);
  assert.deepEqual(
    requests.filter((it) => it.path === "/locks/list").map((it) => it.nth),
    [1, 2],
  );
});

test("an act that was refused is sent once more as the same user", async () => {
  const them = await renewing();
  const { seam, end, tokens, sent, asked } = them;
  const { device_id } = await lockOf(them);
  await once(() => sent("/client_sessions/get") === 1);
  end(tokens[0]);

  const attempt = await seam.locks.unlockDoor({ device_id });

  assert.equal(attempt.status, "success");
  assert.equal(asked(), 2);
  assert.equal(sent("/locks/unlock_door"), 2);
});

test("what changes something is not sent again as another user: the caller is told it was refused", async () => {
  const other = { user_identity_id: undefined, user_identifier_key: "other" };
  const calls = {
    "/locks/unlock_door": (seam, device_id) =>
      seam.locks.unlockDoor({ device_id }),
    "/access_codes/create": (seam, device_id) =>
      seam.accessCodes.create({ device_id, code: "4711" }),
  };
  for (const [path, call] of Object.entries(calls)) {
    const them = await renewing({
      give: (nth, { create }) => create(nth === 1 ? {} : other),
    });
    const { seam, end, tokens, sent, asked } = them;
    const { device_id } = await lockOf(them);
    await once(() => sent("/client_sessions/get") === 1);
    end(tokens[0]);

    const refused = await error(call(seam, device_id));

    assert.equal(refused.code, "unauthorized");
    assert.equal(refused.reason, "token_refused");
    assert.equal(refused.outcome, "refused");
    assert.equal(asked(), 2);
    assert.equal(sent(path), 1);
    assert.deepEqual(await seam.devices.list(), [], "as the other user");
  }
});

test("an act that waited for a token is not sent as another user", async (t) => {
  const passing = mockedTime(t);
  const other = { user_identity_id: undefined, user_identifier_key: "other" };
  const them = await renewing({
    give: (nth, { create }) => create(nth === 1 ? {} : other),
  });
  const { seam, sent, asked } = them;
  const { device_id } = await passing(lockOf(them));
  await once(() => sent("/client_sessions/get") === 1);
  t.mock.timers.tick(HOUR);

  const refused = await passing(error(seam.locks.unlockDoor({ device_id })));

  assert.equal(refused.code, "session_changed");
  assert.equal(refused.outcome, "not_sent");
  assert.equal(asked(), 2);
  assert.equal(sent("/locks/unlock_door"), 0);
});

test("an act is not sent again when ten seconds have passed since the call", async (t) => {
  const passing = mockedTime(t);
  let hold;
  const them = await renewing({
    give: async (nth, { create }) => {
      if (nth === 2) await new Promise((resolve) => (hold = resolve));
      return create();
    },
  });
  const { seam, end, tokens, sent } = them;
  const { device_id } = await passing(lockOf(them));
  await once(() => sent("/client_sessions/get") === 1);
  end(tokens[0]);

  const call = error(seam.locks.unlockDoor({ device_id }));
  await once(() => hold);
  t.mock.timers.tick(10_000);
  hold();
  const refused = await passing(call);

  assert.equal(refused.reason, "token_refused");
  assert.equal(refused.outcome, "refused");
  assert.equal(sent("/locks/unlock_door"), 1);
});

test("an act whose attempt is being waited for is not sent again", async () => {
  const them = await renewing({
    answer: ({ path }) => {
      if (path === "/action_attempts/get") them.end(them.tokens[0]);
    },
  });
  const { seam, sent, sandbox } = them;
  const { device_id } = await lockOf(them);
  sandbox.addFault({ fault: "attempt_hangs", times: 1 });

  const failed = await error(seam.locks.unlockDoor({ device_id }));

  assert.equal(failed.outcome, "unknown");
  assert.ok(failed.actionAttempt);
  assert.equal(sent("/locks/unlock_door"), 1);
});

test("a second 401 is told", async () => {
  const { seam, asked, end, tokens, sent } = await renewing({
    answer: ({ path, nth }) => {
      if (path === "/locks/list" && nth === 2) end(tokens[1]);
    },
  });
  await seam.devices.list();
  await once(() => sent("/client_sessions/get") === 1);
  end(tokens[0]);

  const refused = await error(seam.locks.list());

  assert.equal(refused.reason, "token_refused");
  assert.equal(sent("/locks/list"), 2);
  assert.equal(asked(), 2);
});

test("a renewal that fails is one error to all who wait, and is not tried again at once", async (t) => {
  const passing = mockedTime(t);
  const secret = "seam_cst1secret_ofTheFunction";
  let fails = true;
  let thrown;
  const { seam, asked, requests } = await renewing({
    give: (_, { create }) => {
      if (!fails) return create();
      thrown ??= Object.assign(new Error(`the back end said ${secret}`), {
        code: "E_BACK_END",
        config: { headers: { authorization: secret } },
      });
      throw thrown;
    },
  });

  const errors = await Promise.all(
    Array.from({ length: 10 }, () => error(seam.devices.list())),
  );

  assert.equal(asked(), 1);
  assert.equal(requests.length, 0);
  for (const failed of errors) {
    assert.equal(failed.name, "SeamHttpInvalidTokenError");
    assert.equal(failed.code, "no_token");
    assert.equal(failed.outcome, "not_sent");
    assert.match(
      failed.message,
      /function did not return a usable token.*the back end said/,
    );
    // It is the app's own error, untouched; what we say of it holds no token.
    assert.equal(failed.cause, thrown);
    assert.doesNotMatch(failed.stack, /ofTheFunction/);
  }
  assert.equal(new Set(errors).size, 10, "an error of one's own");
  t.mock.timers.tick(900);
  assert.equal((await error(seam.devices.list())).code, "no_token");
  assert.equal(asked(), 1, "it backs off");
  t.mock.timers.tick(400);
  await error(seam.devices.list());
  assert.equal(asked(), 2);
  t.mock.timers.tick(1_300);
  await error(seam.devices.list());
  assert.equal(asked(), 2, "longer each time");

  fails = false;
  t.mock.timers.tick(1_300);
  assert.equal((await passing(seam.devices.list())).length, 1);
  assert.equal(asked(), 3);
});

test("who was refused and cannot be given another token is told that it was refused", async () => {
  const { seam, end, tokens, sent } = await renewing({
    give: (nth, { create }) => (nth === 1 ? create() : ""),
  });
  await seam.devices.list();
  await once(() => sent("/client_sessions/get") === 1);
  end(tokens[0]);

  const failed = await error(seam.devices.list());

  assert.equal(failed.code, "no_token");
  assert.equal(failed.outcome, "refused");
  assert.match(failed.message, /clientSessionToken is empty or not a string/);
  const next = await error(seam.devices.list());
  assert.equal(next.code, "no_token");
  assert.equal(next.outcome, "not_sent");
});

test("what is no client session token is refused, and not shown", async () => {
  const wrong = [
    [(info) => info.api_key, /of another kind \(apiKey\)/],
    [(info) => info.publishable_key, /of another kind \(publishableKey\)/],
    [() => undefined, /empty or no string/],
    [() => ({ token: "seam_cst1abc_def" }), /empty or no string/],
    [() => "seam_cst1abc_def\n", /white space/],
  ];
  for (const [give, message] of wrong) {
    const { seam, info, requests } = await renewing({
      give: (_, { info }) => give(info),
    });

    const failed = await error(seam.devices.list());

    assert.equal(failed.name, "SeamHttpInvalidTokenError");
    assert.match(failed.message, message);
    const shown = inspect(failed, { depth: 9 });
    assert.ok(!shown.includes(info.api_key) && !shown.includes("abc_def"));
    assert.equal(requests.length, 0);
  }
});

test("a dead token that is given again is told, and not sent again", async () => {
  const { seam, end, tokens, sent } = await renewing({
    give: (nth, { create, tokens }) => (nth === 1 ? create() : tokens[0]),
  });
  await seam.devices.list();
  await once(() => sent("/client_sessions/get") === 1);
  end(tokens[0]);

  const failed = await error(seam.devices.list());

  assert.match(failed.message, /it gave the same token again/);
  assert.equal(sent("/devices/list"), 2);
});

test("a first token that is dead is told, and is no storm", async () => {
  const { seam, end, asked, sent } = await renewing({
    give: async (_, { create }) => {
      const token = await create();
      end(token);
      return token;
    },
  });

  const refused = await error(seam.devices.list());

  assert.equal(refused.reason, "token_refused");
  assert.equal(refused.outcome, "refused");
  for (let nth = 0; nth < 5; nth += 1) await error(seam.devices.list());
  assert.equal(asked(), 1);
  assert.equal(sent("/devices/list"), 1);
});

test("a function that never answers ends the call when its time is up, and is asked again later", async (t) => {
  const passing = mockedTime(t);
  const { seam, asked, requests } = await renewing({
    give: (nth, { create }) => (nth === 1 ? new Promise(() => {}) : create()),
    timeout: 5_000,
  });
  const calledAt = Date.now();

  const failed = await passing(error(seam.devices.list()));

  const passed = Date.now() - calledAt;
  assert.ok(passed >= 5_000 && passed < 10_000, `${passed}`);
  assert.equal(failed.code, "no_token");
  assert.equal(failed.outcome, "not_sent");
  assert.match(failed.message, /took too long/);
  assert.equal(requests.length, 0);
  t.mock.timers.tick(2_000);
  assert.equal((await passing(seam.devices.list())).length, 1);
  assert.equal(asked(), 2);
});

test("a token that comes after its time is not taken", async (t) => {
  const passing = mockedTime(t);
  let late;
  const { seam, asked, tokens, requests, create } = await renewing({
    give: (nth, { create }) =>
      nth === 1 ? new Promise((resolve) => (late = resolve)) : create(),
    timeout: 5_000,
  });
  const token = await create();
  const call = error(seam.devices.list());
  await once(() => late);
  await passing(call);
  t.mock.timers.tick(2_000);
  await passing(seam.devices.list());
  late(token);
  await passing(seam.devices.list());

  assert.equal(asked(), 2);
  assert.equal(tokens.length, 2);
  assert.ok(requests.every((it) => it.token !== token));
});

test("an abort ends the call that waits for a token, and the renewal goes on for others", async () => {
  let hold;
  const { seam, asked, sent } = await renewing({
    give: async (_, { create }) => {
      await new Promise((resolve) => (hold = resolve));
      return create();
    },
  });
  const controller = new AbortController();
  const { signal } = controller;
  const aborted = error(seam.devices.list({}, { signal }));
  const other = seam.devices.list().execute();
  await once(() => hold);
  const reason = new Error("enough");

  controller.abort(reason);

  assert.equal(await aborted, reason);
  hold();
  assert.equal((await other).length, 1);
  assert.equal(asked(), 1);
  assert.equal(sent("/devices/list"), 1);
});

test("a token that is given by hand is used until it dies; then the function is asked", async () => {
  const { seam, create, requests, asked, end } = await renewing();
  await assert.rejects(
    async () => seam.updateClientSessionToken(() => "seam_cst1abc_def"),
    { name: "SeamHttpInvalidTokenError" },
  );
  const token = await create();
  await seam.updateClientSessionToken(token);
  await seam.devices.list();
  assert.equal(asked(), 0);
  const another = await create();
  await seam.updateClientSessionToken(another);
  await seam.devices.list();
  assert.equal(requests.at(-1).token, another);
  assert.equal(asked(), 0);
  end(another);

  await seam.devices.list();

  assert.equal(asked(), 1);
  assert.equal(requests.at(-1).nth, 1);
});

test("a token by hand, while one is asked for, is the one that counts", async () => {
  let hold;
  const { seam, create, requests, tokens } = await renewing({
    give: async (_, { create }) => {
      await new Promise((resolve) => (hold = resolve));
      return create();
    },
  });
  const list = seam.devices.list().execute();
  await once(() => hold);
  const token = await create();
  await seam.updateClientSessionToken(token);
  hold();

  await list;
  await once(() => tokens.length === 1);
  await seam.devices.list();

  assert.ok(requests.every((it) => it.token === token));
});

test("a call that waits for a function that hangs goes at once with a token given by hand", async () => {
  const { seam, create, asked, requests, sent } = await renewing({
    give: () => new Promise(() => {}),
  });
  const list = seam.devices.list().execute();
  await once(() => asked() === 1);
  const token = await create();

  await seam.updateClientSessionToken(token);
  await once(() => sent("/devices/list") === 1);

  assert.equal((await list).length, 1);
  assert.ok(requests.every((it) => it.token === token));
  assert.equal(asked(), 1);
});

test("what is left of an older asking takes no time limit from the next one", async (t) => {
  const passing = mockedTime(t);
  const held = [];
  const { seam, create, asked, end } = await renewing({
    give: (_, { create }) =>
      new Promise((resolve) => held.push(() => resolve(create()))),
    timeout: 5_000,
  });
  const first = seam.devices.list().execute();
  await once(() => asked() === 1);
  const token = await create();
  await passing(seam.updateClientSessionToken(token));
  assert.equal((await passing(first)).length, 1);
  end(token);
  const call = error(seam.devices.list());
  await once(() => asked() === 2);
  held[0]();
  await new Promise((resolve) => setImmediate(resolve));

  const failed = await passing(call);

  assert.equal(failed.code, "no_token");
  assert.equal(failed.outcome, "refused");
  assert.match(failed.message, /took too long/);
});

test("an action that was called before another user's token is sent as the user of then", async () => {
  const them = await renewing();
  const { seam, create, requests } = them;
  const { device_id } = await lockOf(them);
  const token = await create({
    user_identity_id: undefined,
    user_identifier_key: "other",
  });

  const action = seam.locks.unlockDoor({ device_id }).execute();
  const update = seam.updateClientSessionToken(token);

  assert.equal((await action).status, "success");
  await update;
  const unlocks = requests.filter((it) => it.path === "/locks/unlock_door");
  assert.deepEqual(
    unlocks.map((it) => it.nth),
    [1],
  );
  const next = await error(seam.locks.unlockDoor({ device_id }));
  assert.equal(next.outcome, "refused", "it went out as the other user");
  assert.equal(requests.at(-1).token, token);
});

test("what was called for the user of one token is not done as the user of a later one", async () => {
  const { seam, requests, create, info } = await renewing();
  const [device_id] = info.device_ids;
  const token = await create();
  const other = { user_identity_id: undefined, user_identifier_key: "other" };
  const next = await create(other);

  const first = error(seam.updateClientSessionToken(token));
  const action = error(seam.locks.unlockDoor({ device_id }));
  const list = seam.devices.list().execute();
  const second = seam.updateClientSessionToken(next);

  for (const refused of [await first, await action]) {
    assert.equal(refused.code, "session_changed");
    assert.equal(refused.outcome, "not_sent");
  }
  await second;
  assert.deepEqual(await list, [], "a read goes as the user of now");
  assert.ok(requests.every(({ path }) => !path.startsWith("/locks/")));
});

/** Watches the devices; the list is closed after the test. */
function watch(t, seam) {
  const list = seam.devices.watch();
  t.after(list.close);
  const state = (name) =>
    new Promise((resolve) => {
      const look = () => {
        if (list.status.state !== name) return;
        off();
        resolve();
      };
      const off = list.subscribe(look);
      look();
    });
  return { list, state };
}

test("a watched list stays as it is when the next token is of the same user", async (t) => {
  const { seam, end, tokens, sent, asked } = await renewing();
  const { list, state } = watch(t, seam);
  await state("live");
  const shown = list.getSnapshot();
  assert.equal(shown.length, 1);
  assert.equal(sent("/client_sessions/get"), 1, "lists and renewal share it");
  const seen = new Set();
  list.subscribe(() => seen.add(list.getSnapshot()));
  end(tokens[0]);

  await list.refresh();

  assert.equal(asked(), 2);
  assert.equal(list.status.state, "live");
  assert.equal(list.getSnapshot(), shown);
  seen.delete(shown);
  assert.deepEqual([...seen], [], "not even for a moment");
  assert.equal(sent("/client_sessions/get"), 2);
});

test("another session of the same user may see less: its list is asked for at once, and blanks not", async (t) => {
  const them = await renewing({
    give: async (nth, { create }) => {
      const accounts = await them.backEnd.connectedAccounts.list();
      const ids = accounts.map((it) => it.connected_account_id);
      return create(nth === 1 ? { connected_account_ids: ids } : {});
    },
  });
  const { seam, end, tokens, sent } = them;
  const { list, state } = watch(t, seam);
  await state("live");
  const before = list.getSnapshot();
  assert.ok(before.length > 1);
  const states = new Set();
  list.subscribe(() => states.add(list.status.state));
  end(tokens[0]);

  const [own] = await seam.locks.list();
  await once(() => list.size === 1);

  assert.equal(tokens.length, 2);
  const [shown] = list.getSnapshot();
  assert.equal(shown.device_id, own.device_id);
  assert.ok(before.includes(shown), "the same object");
  assert.deepEqual([...states], ["live"]);
  assert.equal(sent("/devices/list"), 2, "nobody has called refresh()");
});

test("a watched list is empty before anything is asked for with another user's token", async (t) => {
  const other = { user_identity_id: undefined, user_identifier_key: "other" };
  const shown = [];
  const { seam, end, tokens, requests } = await renewing({
    give: (nth, { create }) => create(nth === 1 ? {} : other),
    answer: ({ path, nth }) => {
      if (path === "/devices/list") shown.push([nth, list.size]);
    },
  });
  const { list, state } = watch(t, seam);
  await state("live");
  assert.equal(list.size, 1);
  end(tokens[0]);

  await list.refresh();
  await state("live");

  assert.deepEqual(list.getSnapshot(), []);
  assert.equal(requests.at(-1).nth, 2);
  assert.deepEqual(
    shown.filter(([nth]) => nth === 2).map(([, size]) => size),
    [0],
  );
});

test("what a proxy says in Seam's place does not end a token that is given again", async (t) => {
  let isCut = false;
  const { seam, sent, asked } = await renewing({
    give: (nth, { tokens, create }) => tokens[0] ?? create(),
    answer: () =>
      isCut ? new Response("<html>Log in</html>", { status: 401 }) : undefined,
  });
  const { list, state } = watch(t, seam);
  await state("live");
  const shown = list.getSnapshot();
  isCut = true;

  const failed = await error(seam.locks.list().execute());
  await list.refresh();

  assert.equal(failed.reason, undefined);
  assert.equal(list.status.state, "stale");
  assert.equal(sent("/client_sessions/get"), 1, "nothing of it is settled");
  isCut = false;
  assert.equal((await seam.locks.list()).length, 1);
  await list.refresh();
  assert.equal(list.status.state, "live");
  assert.equal(list.getSnapshot(), shown);
  assert.equal(asked(), 1);
});

for (const [what, answer] of [
  ["a proxy's 401", () => new Response("<html>Log in</html>", { status: 401 })],
  ["a 503", () => new Response("", { status: 503 })],
  ["no network", () => Promise.reject(new TypeError("fetch failed"))],
]) {
  test(`${what}, when the next token is looked at, takes nothing from the one that lives`, async (t) => {
    const passing = mockedTime(t);
    let isCut = false;
    const { seam, asked, tokens } = await renewing({
      answer: ({ path }) =>
        isCut && path === "/client_sessions/get" ? answer() : undefined,
    });
    const { list, state } = watch(t, seam);
    await passing(state("live"));
    const shown = list.getSnapshot();
    assert.equal(shown.length, 1);
    const seen = new Set();
    list.subscribe(() => seen.add(list.getSnapshot()));
    isCut = true;
    t.mock.timers.tick(HOUR - 4 * MINUTE);

    await passing(seam.locks.list().execute());
    await passing(once(() => tokens.length === 2));
    assert.equal((await passing(seam.locks.list().execute())).length, 1);

    assert.equal(list.getSnapshot(), shown);
    isCut = false;
    t.mock.timers.tick(3_000);
    await passing(seam.locks.list().execute());
    await passing(once(() => asked() === 3));
    assert.equal((await passing(seam.locks.list().execute())).length, 1);
    seen.delete(shown);
    assert.deepEqual([...seen], [], "not even for a moment");
  });
}

test("a session that is revoked empties its list when no other token is given, and it comes back with one", async (t) => {
  let fails = false;
  const { seam, end, tokens } = await renewing({
    give: (_, { create }) => {
      if (fails) throw new Error("signed out");
      return create();
    },
  });
  const { list, state } = watch(t, seam);
  await state("live");
  end(tokens[0]);
  fails = true;

  const failed = await error(seam.locks.list());

  assert.equal(failed.code, "no_token");
  assert.deepEqual(list.getSnapshot(), []);
  await state("stale");
  assert.equal(list.status.reason.code, "no_token");

  fails = false;
  await once(() => {
    seam.locks.list().catch(() => {});
    return tokens.length === 2;
  });
  await state("live");
  assert.equal(list.size, 1);
});

test("another user's token begins another session of Seam's components; the same user's does not", async (t) => {
  const clocks = mockClocks(t, { now: Date.now() });
  const other = { user_identity_id: undefined, user_identifier_key: "other" };
  const { seam, end, tokens, sent } = await renewing({
    give: (nth, { create }) => create(nth < 3 ? {} : other),
  });
  const { HostSessions } = await import(entry("seam-session/host"));
  const cleared = [];
  const sessions = new HostSessions(seam, {
    SeamHttp: class {
      static ltsVersion = "1.0.0";
      static fromClient = (client) => client;
    },
    SeamHttpApiError: Error,
    SeamHttpInvalidInputError: Error,
    SeamHttpUnauthorizedError: Error,
    queryClient: () => ({ clear: () => cleared.push(tokens.length) }),
  });
  const first = sessions.current();
  await seam.devices.list();
  await once(() => sent("/client_sessions/get") === 1);
  end(tokens[0]);
  await seam.devices.list();
  assert.equal(sessions.current(), first);
  // Tokens that die one right after the other are asked for later and later.
  clocks.monotonic(60_000);
  end(tokens[1]);

  await seam.devices.list();

  assert.equal(tokens.length, 3);
  assert.notEqual(sessions.current(), first);
  assert.deepEqual(cleared, [3]);
});

test("where nothing can be loaded later, a function is an error that names the remedy; a string works", async (t) => {
  const { info, fetch } = await Sandbox.create();
  const { endpoint, client_session_token: token } = info;
  const alone = await mkdtemp(join(tmpdir(), "seam-session-"));
  t.after(() => rm(alone, { recursive: true }));
  const load = async (name) => {
    const { outputFiles } = await build({
      entryPoints: [`${folder}dist/${name}.js`],
      bundle: true,
      write: false,
      format: "esm",
      external: ["./live.js", "./renewal.js", "./renewal-retry.js"],
      loader: { ".wasm": "binary" },
      plugins: [
        {
          name: "module",
          setup(build) {
            // As a runtime that compiles it when it is imported.
            build.onResolve({ filter: /\.wasm(\?module)?$/ }, () => ({
              path: `${folder}dist/client.wasm`,
              namespace: "module",
            }));
            build.onLoad({ filter: /./, namespace: "module" }, ({ path }) => ({
              contents: `import { readFileSync } from "node:fs";
export default new WebAssembly.Module(readFileSync(${JSON.stringify(path)}));`,
            }));
          },
        },
      ],
      platform: "node",
    });
    const file = join(alone, `${name}.mjs`);
    await writeFile(file, outputFiles[0].contents);
    return import(file);
  };
  const expected = {
    // Its renewal.js is not there, as it cannot be in a service worker.
    index: ["wasm_unavailable", /bundle a service worker into one file/],
    workerd: ["invalid_options", /give clientSessionToken as a string/],
    edge: ["invalid_options", /give clientSessionToken as a string/],
  };
  for (const [name, [code, message]] of Object.entries(expected)) {
    const { Seam } = await load(name);
    const options = { endpoint, fetch };

    const failed = await error(
      Seam.fromClientSessionToken(() => token, options).devices.list(),
    );

    assert.equal(failed.code, code, name);
    assert.equal(failed.outcome, "not_sent");
    assert.match(failed.message, message);
    const plain = Seam.fromClientSessionToken(token, options);
    assert.equal((await plain.devices.list()).length, 1, name);
  }
});

test("where WebAssembly is forbidden or absent, the errors of what is loaded later say so", async () => {
  const script = `
    import { Seam } from ${JSON.stringify(entry("seam-session"))};
    const fetch = async () => Response.json({ devices: [], ok: true });
    const client = (token) => Seam.fromClientSessionToken(token, { fetch });
    const token = "seam_cst1abc_def";
    const watched = async () => {
      const list = client(token).devices.watch();
      await list.refresh();
      throw list.status.reason;
    };
    const calls = [() => client(() => token).devices.list(), () => client(token).scope(), watched];
    const told = async () => {
      for (const call of calls) await call().catch((it) => console.log(it.name, it.code, it.outcome, it.message));
    };
    // Node's own fetch is WebAssembly too, and is loaded when it is first looked at.
    await new Response("").text();
    await globalThis.fetch("data:,").catch(() => {});
    const { WebAssembly } = globalThis;
    const { compile } = WebAssembly;
    WebAssembly.compile = async () => { throw new WebAssembly.CompileError("violates the following Content Security Policy directive because 'unsafe-eval' is not allowed"); };
    await told();
    let asked = 0;
    const again = client(() => ((asked += 1), token));
    for (let nth = 0; nth < 3; nth += 1) await again.devices.list().catch(() => {});
    console.log(asked);
    WebAssembly.compile = compile;
    delete globalThis.WebAssembly;
    await told();
    globalThis.WebAssembly = WebAssembly;
    console.log((await calls[0]()).length);`;

  const { stdout } = await promisify(execFile)(process.execPath, [
    "--input-type=module",
    "--eval",
    script,
  ]);

  const lines = stdout.trim().split("\n");
  assert.equal(lines.length, 8, stdout);
  const [asked] = lines.splice(3, 1);
  assert.equal(
    asked,
    "1",
    "no token is made for each call that cannot be made",
  );
  const unavailable = "SeamWasmError wasm_unavailable not_sent ";
  for (const line of lines.slice(0, 6)) assert.ok(line.startsWith(unavailable));
  for (const line of lines.slice(0, 3))
    assert.match(line, /'wasm-unsafe-eval'/);
  for (const line of lines.slice(3, 6)) assert.match(line, /no WebAssembly/);
  assert.equal(lines[6], "0", "a failure is not kept");
});

test("a process ends that waits for nothing else, and one that waits for a token does not", async (t) => {
  const { endpoint, client_session_token } = await startSandbox(t);
  const script = fileURLToPath(
    new URL("../support/refresh-in-node.mjs", import.meta.url),
  );
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [
      "--expose-gc",
      script,
      entry("seam-session"),
      endpoint,
      client_session_token,
    ],
    { timeout: 20_000 },
  );
  assert.deepEqual(JSON.parse(stdout), {
    devices: 1,
    waited: "no_token",
    kept: 0,
  });
});
