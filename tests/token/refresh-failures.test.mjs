// Token functions that fail, hang, or return something that is no token.
import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";

import { waitUntil } from "../support/waiting.mjs";
import {
  mockedTime,
  clientWithTokenFunction,
} from "../support/token-function.mjs";
import { rejected } from "../support/errors.mjs";

test("a failed token refresh rejects all waiting calls with one error, and is not retried at once", async (t) => {
  const passing = mockedTime(t);
  const secret = "seam_cst1secret_ofTheFunction";
  let fails = true;
  let thrown;
  const { seam, asked, requests } = await clientWithTokenFunction({
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
    Array.from({ length: 10 }, () => rejected(seam.devices.list())),
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
  assert.equal((await rejected(seam.devices.list())).code, "no_token");
  assert.equal(asked(), 1, "it backs off");
  t.mock.timers.tick(400);
  await rejected(seam.devices.list());
  assert.equal(asked(), 2);
  t.mock.timers.tick(1_300);
  await rejected(seam.devices.list());
  assert.equal(asked(), 2, "longer each time");

  fails = false;
  t.mock.timers.tick(1_300);
  assert.equal((await passing(seam.devices.list())).length, 1);
  assert.equal(asked(), 3);
});

test("a refused call for which there is no other token rejects as refused", async () => {
  const { seam, end, tokens, sent } = await clientWithTokenFunction({
    give: (nth, { create }) => (nth === 1 ? create() : ""),
  });
  await seam.devices.list();
  await waitUntil(() => sent("/client_sessions/get") === 1);
  end(tokens[0]);

  const failed = await rejected(seam.devices.list());

  assert.equal(failed.code, "no_token");
  assert.equal(failed.outcome, "refused");
  assert.match(failed.message, /clientSessionToken is empty or not a string/);
  const next = await rejected(seam.devices.list());
  assert.equal(next.code, "no_token");
  assert.equal(next.outcome, "not_sent");
});

test("a function's result that is no client session token is refused, and not shown", async () => {
  const wrong = [
    [(info) => info.api_key, /of another kind \(apiKey\)/],
    [(info) => info.publishable_key, /of another kind \(publishableKey\)/],
    [() => undefined, /empty or not a string/],
    [() => ({ token: "seam_cst1abc_def" }), /empty or not a string/],
    [() => "seam_cst1abc_def\n", /white space/],
  ];
  for (const [give, message] of wrong) {
    const { seam, info, requests } = await clientWithTokenFunction({
      give: (_, { info }) => give(info),
    });

    const failed = await rejected(seam.devices.list());

    assert.equal(failed.name, "SeamHttpInvalidTokenError");
    assert.match(failed.message, message);
    const shown = inspect(failed, { depth: 9 });
    assert.ok(!shown.includes(info.api_key) && !shown.includes("abc_def"));
    assert.equal(requests.length, 0);
  }
});

test("a function that returns the dead token again rejects the call, which is not sent again", async () => {
  const { seam, end, tokens, sent } = await clientWithTokenFunction({
    give: (nth, { create, tokens }) => (nth === 1 ? create() : tokens[0]),
  });
  await seam.devices.list();
  await waitUntil(() => sent("/client_sessions/get") === 1);
  end(tokens[0]);

  const failed = await rejected(seam.devices.list());

  assert.match(failed.message, /it gave the same token again/);
  assert.equal(sent("/devices/list"), 2);
});

test("a first token that is dead rejects calls without a storm of requests", async () => {
  const { seam, end, asked, sent } = await clientWithTokenFunction({
    give: async (_, { create }) => {
      const token = await create();
      end(token);
      return token;
    },
  });

  const refused = await rejected(seam.devices.list());

  assert.equal(refused.reason, "token_refused");
  assert.equal(refused.outcome, "refused");
  for (let nth = 0; nth < 5; nth += 1) await rejected(seam.devices.list());
  assert.equal(asked(), 1);
  assert.equal(sent("/devices/list"), 1);
});

test("a function that never settles ends the call at its timeout, and is called again later", async (t) => {
  const passing = mockedTime(t);
  const { seam, asked, requests } = await clientWithTokenFunction({
    give: (nth, { create }) => (nth === 1 ? new Promise(() => {}) : create()),
    timeout: 5_000,
  });
  const calledAt = Date.now();

  const failed = await passing(rejected(seam.devices.list()));

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

test("a token function that waits for a call of its own client ends with that call's time", async (t) => {
  const passing = mockedTime(t);
  let seam;
  const calls = [];
  const client = await clientWithTokenFunction({
    give: async () => {
      const inner = rejected(seam.devices.list());
      calls.push(inner);
      await inner;
      throw new Error("no token");
    },
    timeout: 2_000,
  });
  ({ seam } = client);

  const failed = await passing(rejected(seam.devices.list()));

  assert.deepEqual([failed.code, failed.outcome], ["no_token", "not_sent"]);
  assert.match(failed.message, /took too long/);
  assert.equal(calls.length, 1);
  assert.equal((await passing(calls[0])).code, "no_token");
  assert.deepEqual(client.requests, []);
});

test("a token that arrives after the timeout is not used", async (t) => {
  const passing = mockedTime(t);
  let late;
  const { seam, asked, tokens, requests, create } =
    await clientWithTokenFunction({
      give: (nth, { create }) =>
        nth === 1 ? new Promise((resolve) => (late = resolve)) : create(),
      timeout: 5_000,
    });
  const token = await create();
  const call = rejected(seam.devices.list().execute());
  await waitUntil(() => late);
  await passing(call);
  t.mock.timers.tick(2_000);
  await passing(seam.devices.list());
  late(token);
  await passing(seam.devices.list());

  assert.equal(asked(), 2);
  assert.equal(tokens.length, 2);
  assert.ok(requests.every((it) => it.token !== token));
});

test("an abort ends a call that waits for a token, and the refresh goes on for others", async () => {
  let hold;
  const { seam, asked, sent } = await clientWithTokenFunction({
    give: async (_, { create }) => {
      await new Promise((resolve) => (hold = resolve));
      return create();
    },
  });
  const controller = new AbortController();
  const { signal } = controller;
  const aborted = rejected(seam.devices.list({}, { signal }).execute());
  const other = seam.devices.list().execute();
  await waitUntil(() => hold);
  const reason = new Error("enough");

  controller.abort(reason);

  assert.equal(await aborted, reason);
  hold();
  assert.equal((await other).length, 1);
  assert.equal(asked(), 1);
  assert.equal(sent("/devices/list"), 1);
});
