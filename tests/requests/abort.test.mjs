// What ends a call before its response: an abort, and the timeout of an attempt.
import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { test } from "node:test";

import { rejected } from "../support/errors.mjs";
import { PENDING, never, seamAt, withFetch } from "../support/clients.mjs";
import { serve } from "../support/server.mjs";

test("the timeout of an attempt covers connecting and reading the body", async (t) => {
  const cases = [
    ["a fetch that never settles and ignores its signal", never],
    [
      "a body that never ends",
      () =>
        Promise.resolve({
          status: 200,
          headers: new Headers(),
          text: never,
        }),
    ],
  ];
  for (const [name, fetch] of cases) {
    await t.test(name, async () => {
      const error = await rejected(
        withFetch(fetch, { timeout: 20 }).devices.list(),
      );
      assert.equal(error.code, "timeout");
      assert.equal(error.outcome, "unknown");
    });
  }
  await t.test("a server that stalls within the body", async (t) => {
    const { endpoint } = await serve(t, (_, response) =>
      response.writeHead(200).write('{"devices":'),
    );
    const error = await rejected(
      seamAt(endpoint, { timeout: 200 }).devices.list(),
    );
    assert.equal(error.code, "timeout");
  });
});

test("an abort ends the call at once with the signal's own reason, at any moment", async (t) => {
  const reasons = [new Error("mine"), "a string", { any: "thing" }, 0, null];
  const moments = {
    "before it began": (abort) => (abort(), withFetch(never)),
    "while connecting": (abort) =>
      withFetch(() => (queueMicrotask(abort), never())),
    "while the body comes": (abort) =>
      withFetch(() =>
        Promise.resolve({
          status: 200,
          headers: new Headers(),
          text: () => (queueMicrotask(abort), never()),
        }),
      ),
    "during back-off": (abort) =>
      withFetch(
        () => (
          setTimeout(abort, 1),
          Promise.resolve(
            new Response(null, {
              status: 503,
              headers: { "retry-after": "50" },
            }),
          )
        ),
        { maxRetries: 2 },
      ),
    "between two polls": (abort) =>
      withFetch((request) => {
        polls += request.url.endsWith("/action_attempts/get") ? 1 : 0;
        setTimeout(abort, 1);
        return Promise.resolve(Response.json(PENDING));
      }),
    "during a poll": (abort) =>
      withFetch((request) =>
        request.url.endsWith("/locks/unlock_door")
          ? Promise.resolve(Response.json(PENDING))
          : (queueMicrotask(abort), never()),
      ),
  };
  let polls = 0;
  for (const [moment, make] of Object.entries(moments)) {
    for (const reason of reasons) {
      await t.test(
        `${moment}, with ${typeof reason} ${String(reason)}`,
        async () => {
          const controller = new AbortController();
          const seam = make(() => controller.abort(reason));
          const call = moment.includes("poll")
            ? seam.locks.unlockDoor(
                { device_id: "d" },
                {
                  signal: controller.signal,
                  waitForActionAttempt: {
                    pollingInterval: 50,
                    timeout: 60_000,
                  },
                },
              )
            : seam.devices.list({}, { signal: controller.signal });
          assert.equal(await rejected(call), reason);
          assert.equal(getEventListeners(controller.signal, "abort").length, 0);
        },
      );
    }
  }
});

test("the request that an abort cancels is cancelled on the wire", async (t) => {
  const controller = new AbortController();
  let closed;
  const gone = new Promise((resolve) => (closed = resolve));
  const { endpoint } = await serve(t, (request) => {
    request.socket.once("close", closed);
    controller.abort();
  });
  const error = await rejected(
    seamAt(endpoint).devices.list({}, { signal: controller.signal }),
  );
  assert.equal(error.name, "AbortError");
  await gone;
});

test("a long-lived signal keeps no listener of a finished call", async () => {
  const { signal } = new AbortController();
  const seam = withFetch(() =>
    Promise.resolve(Response.json({ devices: [], ok: true })),
  );
  for (let nth = 0; nth < 50; nth += 1) await seam.devices.list({}, { signal });
  await rejected(
    withFetch(() => Promise.reject(1)).devices.list({}, { signal }),
  );
  assert.equal(getEventListeners(signal, "abort").length, 0);
});
