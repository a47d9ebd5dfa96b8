// The faults of docs/sandbox.md as an app in Chromium sees them, which sends some requests again by
// itself.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";

import { launch } from "../support/browser.mjs";
import { read } from "../support/documents.mjs";
import { entry, folder, Seam } from "../support/installed.mjs";
import { servePage } from "../support/plain-page.mjs";

const { serveSandbox } = await import(entry("seam-session/sandbox/server"));
const guide = read("docs/sandbox.md");

let browser, page, site;
before(async () => {
  site = await servePage(pathToFileURL(`${folder}dist/`));
  browser = await launch();
  page = await browser.newPage();
  await page.goto(site.url);
});
after(async () => {
  await browser?.close();
  site?.close();
});

/** A sandbox whose door is locked, and what the page gets when it unlocks it under these faults. */
async function unlock(t, ...faults) {
  const served = await serveSandbox({ attemptMs: 0 });
  t.after(() => served.close());
  const { sandbox, info } = served;
  const { endpoint } = info;
  const backEnd = Seam.fromApiKey(info.api_key, { endpoint });
  const [door] = await new Seam(sandbox.app()).devices.list();
  const { device_id } = door;
  await backEnd.locks.lockDoor({ device_id });
  for (const fault of faults) sandbox.addFault(fault);
  const result = await page.evaluate(
    async ({ token, endpoint, device_id }) => {
      const { Seam } = await import("/index.js");
      const seam = Seam.fromClientSessionToken(token, {
        ...{ endpoint, maxRetries: 0 },
        waitForActionAttempt: { timeout: 1_500 },
      });
      const began = performance.now();
      const took = () => performance.now() - began;
      try {
        // A connection that has carried a request before, as in an app.
        await fetch(`${endpoint}/health`, {
          mode: "no-cors",
          credentials: "omit",
        });
        const { status } = await seam.locks.unlockDoor({ device_id });
        return { status, ms: took() };
      } catch (error) {
        const { code, outcome, statusCode, message } = error;
        return { code, outcome, statusCode, message, ms: took() };
      }
    },
    { token: info.client_session_token, endpoint, device_id },
  );
  sandbox.removeFaults();
  const { properties } = await backEnd.locks.get({ device_id });
  return { ...result, isLocked: properties.locked };
}

const PATH = "/locks/unlock_door";

test("the example breaks each unlock after the lock has moved", async (t) => {
  const [, json] = /-d '(\{ "fault": "drop_after".*\})'/.exec(guide);
  const { code, outcome, isLocked } = await unlock(t, JSON.parse(json));
  assert.deepEqual([code, outcome], ["network_error", "unknown"]);
  assert.equal(isLocked, false);
});

test('with "times": 1 the browser sends the unlock again, and the page sees a success', async (t) => {
  assert.match(
    guide,
    /With `"times": 1`, a browser often sends the request ag/,
  );
  const fault = { fault: "drop_after", path: PATH, times: 1 };
  const { status, isLocked } = await unlock(t, {
    ...fault,
    reused_connection: true,
  });
  assert.deepEqual([status, isLocked], ["success", false]);
});

/** The other faults, and what the page gets. */
const FAULTS = [
  [
    { fault: "outage", path: PATH },
    { code: "invalid_response", statusCode: 503, isLocked: true },
  ],
  [
    { fault: "rate_limit", path: PATH },
    { outcome: "refused", statusCode: 429, isLocked: true },
  ],
  [
    { fault: "drop_before", path: PATH },
    { code: "network_error", outcome: "unknown", isLocked: true },
  ],
  [
    { fault: "drop_before", path: PATH, reset: true },
    { code: "network_error", outcome: "unknown", isLocked: true },
  ],
  [
    { fault: "truncate", path: PATH },
    { code: "network_error", outcome: "unknown", isLocked: false },
  ],
  [
    { fault: "attempt_fails", path: PATH },
    { code: "unknown_error", outcome: "unknown", isLocked: true },
  ],
  [
    { fault: "attempt_hangs", path: PATH },
    { code: "action_attempt_timeout", outcome: "unknown", isLocked: true },
  ],
];

for (const [fault, expected] of FAULTS) {
  test(`a page sees ${JSON.stringify(fault)}`, async (t) => {
    assert.match(guide, new RegExp(`^\\| \`${fault.fault}\` `, "m"));
    const got = await unlock(t, fault);
    const names = Object.keys(expected);
    assert.deepEqual(
      Object.fromEntries(names.map((name) => [name, got[name]])),
      expected,
      got.message,
    );
  });
}

test("a page waits for latency, of which several add up", async (t) => {
  const latency = { fault: "latency", path: PATH, latency_ms: 200 };
  const { status, ms } = await unlock(t, latency, latency);
  assert.equal(status, "success");
  assert.ok(ms >= 400, `${ms}`);
});
