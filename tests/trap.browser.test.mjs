// A trap of the wasm module in a real browser's page, against a real sandbox
// across origins.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { launch } from "./support/browser.mjs";
import { installTrap } from "./support/force-trap.mjs";
import { folder } from "./support/installed.mjs";
import { startSandbox } from "./support/sandbox.mjs";
import { serve } from "./support/server.mjs";

test("a trap rejects what is in flight, nothing surfaces in the page, and the next call works", async (t) => {
  const info = await startSandbox(t);
  const { endpoint } = await serve(t, (request, response) => {
    const script = request.url.endsWith(".js");
    response.setHeader(
      "content-type",
      script ? "text/javascript" : "text/html",
    );
    response.end(
      script
        ? readFileSync(`${folder}dist${request.url}`)
        : "<!doctype html><title>trap</title>",
    );
  });
  const browser = await launch();
  t.after(() => browser.close());
  const page = await browser.newPage();
  const surfaced = [];
  page.on("pageerror", (error) => surfaced.push(String(error)));
  page.on(
    "console",
    (message) => message.type() === "error" && surfaced.push(message.text()),
  );
  await page.addInitScript(`window.trap = (${installTrap})(globalThis);`);
  await page.goto(endpoint);
  const { crashed, after, copies } = await page.evaluate(
    async ({ endpoint, client_session_token }) => {
      const { Seam } = await import("/index.js");
      const seam = Seam.fromClientSessionToken(client_session_token, {
        endpoint,
      });
      // Three calls wait for their answers; the first answer meets the trap.
      let answer;
      const held = new Promise((resolve) => (answer = resolve));
      let waiting = 0;
      let allWait;
      const allWaiting = new Promise((resolve) => (allWait = resolve));
      const slow = Seam.fromClientSessionToken(client_session_token, {
        endpoint,
        fetch: async (request) => {
          if ((waiting += 1) === 3) allWait();
          await held;
          return fetch(request);
        },
      });
      const calls = Promise.allSettled([
        slow.devices.list(),
        slow.locks.list(),
        slow.clientSessions.get(),
      ]);
      await allWaiting;
      window.trap.armed = true;
      answer();
      const settled = await calls;
      return {
        crashed: settled.filter(
          ({ reason }) => reason?.code === "client_crashed",
        ).length,
        after: (await seam.devices.list()).length,
        copies: window.trap.copies,
      };
    },
    info,
  );
  assert.equal(crashed, 3);
  assert.equal(after, 1);
  assert.equal(copies, 2);
  assert.deepEqual(surfaced, []);
});
