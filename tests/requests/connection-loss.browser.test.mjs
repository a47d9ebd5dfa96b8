// How often browsers deliver an action whose connection breaks, as docs/sending-actions.md says: counts, in
// each engine. `cargo xtask bench resend` has all measurements.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { pathToFileURL } from "node:url";

import { startBreaking } from "../support/breaking-server.mjs";
import { folder, Seam } from "../support/installed.mjs";
import { servePage } from "../support/plain-page.mjs";
import { call } from "../support/demo-page.mjs";
import { measure, WARM } from "../support/resend.mjs";
import { startSandbox } from "../support/sandbox.mjs";
import { engines, startBrowser } from "../support/webdriver.mjs";

/** A line of the document's table: what it says, what is measured, and the deliveries. */
const LINES = [
  [`HTTP/1.1, ${WARM} connections kept alive`, "h1", "as the client sends it"],
  [
    "HTTP/1.1, nothing sent before",
    "h1",
    "nothing before it but its preflight",
  ],
  [
    "HTTP/1.1, and the server closes after each answer",
    "h1",
    "the server closes after each answer",
  ],
  ["HTTP/2", "h2", "as the client sends it"],
  ["HTTP/2, the body as a stream", "h2", "the body as a stream"],
  ["HTTP/1.1, the body as a stream", "h1", "the body as a stream"],
];

const guide = readFileSync(
  new URL("../../docs/sending-actions.md", import.meta.url),
  "utf8",
);
const documented = new Map(
  guide
    .split("\n")
    .filter((line) => line.startsWith("| HTTP/"))
    .map((line) => line.split("|").map((cell) => cell.trim()))
    .map(([, what, ...cells]) => [what, cells.slice(0, -1).map(numbers)]),
);

test("the table of docs/sending-actions.md has the lines that are measured, and a number for each engine", () => {
  assert.deepEqual(
    [...documented.keys()],
    LINES.map(([what]) => what),
  );
  for (const [what, counts] of documented)
    assert.ok(
      counts.length === engines.length && counts.flat().every(Number.isInteger),
      what,
    );
});

for (const [nth, engine] of engines.entries())
  describe(`an action whose connection breaks, in ${engine}`, () => {
    let browser, page;
    before(async () => {
      page = await servePage(pathToFileURL(`${folder}dist/`));
      browser = await startBrowser(engine);
      await browser.open(page.url);
    });
    after(async () => {
      await browser?.close();
      page?.close();
    });

    for (const [what, protocol, name] of LINES)
      test(`is delivered as often as docs/sending-actions.md says: ${what}`, async () => {
        const [expected] = documented.get(what).slice(nth);
        for (const how of ["rst", "fin"]) {
          const got = await measure(browser, { protocol, how, name });
          assert.ok(
            expected.includes(got.deliveries),
            `${how}: ${got.deliveries}`,
          );
          // Each time by another connection: that is how a count may be trusted.
          assert.equal(got.connections, got.deliveries, how);
          assert.equal(got.ended, "network_error, unknown", how);
        }
      });

    test("is delivered at most twice where connections with cookies are apart", async () => {
      for (const protocol of ["h1", "h2"])
        for (const [name, most] of [
          ["with cookies", 1],
          ["with cookies, a second time", 2],
        ]) {
          const got = await measure(browser, { protocol, how: "rst", name });
          assert.ok(got.deliveries >= 1 && got.deliveries <= most, name);
        }
    });

    // How often the sandbox did what one call asked, and what the caller was told. Every
    // connection that has been used before breaks after the effect.
    const inSandbox = async (t, more) => {
      const { endpoint, api_key, ...info } = await startSandbox(t);
      const ask = (path, params) => call(endpoint, api_key, path, params);
      const path = "/locks/unlock_door";
      const at = { reused_connection: true, reset: true };
      for (const fault of [{ fault: "drop_after", ...at }, ...more])
        await ask("/_sandbox/faults", { path, ...fault });
      const { device_id, ended } = await browser.run(unlock, {
        ...{ endpoint, token: info.client_session_token },
      });
      // An attempt takes its time: past it, each has its event.
      await ask("/_sandbox/clock", { advance_ms: 60_000 });
      const { events } = await ask("/events/list", {
        ...{ device_id, event_type: "lock.unlocked" },
        since: new Date(0).toISOString(),
      });
      return { effects: events.length, ended };
    };
    const [[most]] = documented.get(LINES[0][0]).slice(nth);

    test("takes effect each time in the sandbox, where the caller is told of one", async (t) => {
      const { effects, ended } = await inSandbox(t, []);
      if (most === 1) assert.equal(effects, 1);
      else assert.deepEqual([ended, effects > 1], ["success", true]);
    });

    test("may have been done although it is refused, where the browser sends again", async (t) => {
      const { effects, ended } = await inSandbox(t, [{ fault: "rate_limit" }]);
      if (most === 1) assert.equal(effects, ended === "refused" ? 0 : 1);
      else assert.deepEqual([ended, effects > 0], ["refused", true]);
    });

    test("is delivered no less often with keepalive or past the cache", async () => {
      const at = { protocol: "h1", how: "rst" };
      const [plain, ...others] = await inTurn(
        ["as the client sends it", "keepalive: true", "cache: reload"],
        async (name) => (await measure(browser, { ...at, name })).deliveries,
      );
      assert.deepEqual(others, [plain, plain]);
    });
  });

test("Node sends an action once, however the connection breaks", async (t) => {
  for (const how of ["rst", "fin"]) {
    const server = await startBreaking({
      ...{ protocol: "h1", how, warm: WARM, first: 0 },
    });
    t.after(() => server.close());
    const seam = Seam.fromClientSessionToken("seam_cst1resend_resend", {
      endpoint: server.endpoint,
    });
    const reads = Array.from({ length: WARM }, () => seam.devices.list());
    await Promise.all(reads);
    assert.equal(server.open(), WARM);
    await assert.rejects(
      async () => seam.locks.unlockDoor({ device_id: "front" }),
      { code: "network_error", outcome: "unknown" },
    );
    assert.equal(server.deliveries.length, 1, how);
  }
});

async function unlock({ endpoint, token }) {
  const { Seam } = await import("/index.js");
  const seam = Seam.fromClientSessionToken(token, { endpoint });
  const [{ device_id }] = await seam.devices.list();
  try {
    const { status } = await seam.locks.unlockDoor({ device_id });
    return { device_id, ended: status };
  } catch ({ outcome }) {
    return { device_id, ended: outcome };
  }
}

/** "7", or "1 or 2". */
function numbers(cell) {
  return cell.split(" or ").map(Number);
}

async function inTurn(list, work) {
  const results = [];
  for (const item of list) results.push(await work(item));
  return results;
}
