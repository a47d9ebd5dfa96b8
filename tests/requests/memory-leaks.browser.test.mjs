// Ten thousand calls with every outcome in a page: nothing of them stays in memory, and there is
// no unhandled error.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { launch } from "../support/browser.mjs";
import { folder } from "../support/installed.mjs";
import { assertNothingLeaked } from "../support/leak-check.mjs";
import { serve } from "../support/server.mjs";

const support = new URL("../support/", import.meta.url);

test("ten thousand calls leave memory, heap and listeners flat in Chromium", async (t) => {
  const { endpoint } = await serve(t, (request, response) => {
    const { url } = request;
    const script = url.endsWith("js");
    const file = url.endsWith(".mjs")
      ? new URL(`.${url}`, support)
      : `${folder}dist${url}`;
    response
      .setHeader("content-type", script ? "text/javascript" : "text/html")
      .end(script ? readFileSync(file) : "<!doctype html><title>leak</title>");
  });
  const browser = await launch();
  t.after(() => browser.close());
  const page = await browser.newPage();
  const surfaced = [];
  page.on("pageerror", (error) => surfaced.push(String(error)));
  await page.goto(endpoint);
  const devtools = await page.context().newCDPSession(page);

  /** What is alive once everything that can be collected has been. */
  const alive = async () => {
    for (let nth = 0; nth < 5; nth += 1) {
      // Each evaluation is a turn of its own, in which finalizers may run.
      await page.evaluate(() => new Promise(requestAnimationFrame));
      await devtools.send("HeapProfiler.collectGarbage");
    }
    const { usedSize } = await devtools.send("Runtime.getHeapUsage");
    const left = await page.evaluate(() => ({
      memories: window.memories(),
      listeners: window.listeners.now,
    }));
    return { heap: usedSize, ...left };
  };
  const calls = (number) =>
    page.evaluate((number) => window.calls(number), number);

  await page.evaluate(async () => {
    const { installTrap } = await import("/force-trap.mjs");
    const { longLivedSignal, manyCalls, watchMemories } =
      await import("/many-calls.mjs");
    window.memories = watchMemories(globalThis);
    const trap = installTrap(globalThis);
    const { Seam } = await import("/index.js");
    const { signal, count } = longLivedSignal();
    window.listeners = count;
    window.calls = (number) => manyCalls(Seam, trap, signal, number);
  });
  await calls(3_000);
  const before = await alive();
  const { ended, wrong } = await calls(10_000);
  const after = await alive();
  const most = await page.evaluate(() => window.listeners.most);

  assertNothingLeaked({ before, after, ended, wrong, most });
  assert.deepEqual(surfaced, []);
});
