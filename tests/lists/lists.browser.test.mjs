// Watched lists in Chromium: a hidden page, offline, sleep, another user, a revoked session, a
// long list.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";

import { launch } from "../support/browser.mjs";
import { installClock } from "../support/clock.mjs";
import { folder, Seam } from "../support/installed.mjs";
import { servePage } from "../support/plain-page.mjs";
import { startSandbox } from "../support/sandbox.mjs";
import { startBrowser } from "../support/webdriver.mjs";
import { MINUTE } from "../support/waiting.mjs";

const dist = pathToFileURL(`${folder}dist/`);
const script = `(${installClock})(globalThis);`;
const more = {
  "/watching.js": new URL("../support/watch-in-page.mjs", import.meta.url),
};

const interval = 10 * MINUTE;
/** What waits in the page for something that does not come ends by this. */
const options = { timeout: 120_000 };

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

/** A user who was granted one lock, in a sandbox of its own, and how to grant and revoke others. */
async function user(t) {
  const { endpoint, api_key } = await startSandbox(t);
  const backEnd = Seam.fromApiKey(api_key, { endpoint });
  const locks = await backEnd.locks.list();
  const ids = locks.map(({ device_id }) => device_id);
  const make = async (device_id) => {
    const { user_identity_id } = await backEnd.userIdentities.create();
    const one = { user_identity_id, device_id };
    await backEnd.userIdentities.grantAccessToDevice(one);
    return backEnd.clientSessions.create({ user_identity_id });
  };
  const session = await make(ids[0]);
  const { user_identity_id } = session;
  const grant = (device_id) =>
    backEnd.userIdentities.grantAccessToDevice({ user_identity_id, device_id });
  const revoke = (device_id) =>
    backEnd.userIdentities.revokeAccessToDevice({
      user_identity_id,
      device_id,
    });
  const page = { endpoint, token: session.token, interval };
  return { backEnd, ids, make, session, grant, revoke, page };
}

/** A page that watches; nothing may have surfaced in it when the test is over. */
async function watching(t, given) {
  const served = await servePage(dist, { script, more });
  t.after(() => served.close());
  const page = await browser.newPage();
  const surfaced = [];
  page.on("pageerror", (error) => surfaced.push(String(error)));
  t.after(async () => {
    await page.close();
    assert.deepEqual(surfaced, []);
  });
  await page.goto(served.url);
  await page.evaluate(begin, given);
  return page;
}

async function begin(given) {
  const { watch } = await import("/watching.js");
  await watch(given);
}

/** What an interval brings: how long it took until the list had so many, and in how many rounds. */
async function within({ interval, size }) {
  const { it, clock } = globalThis;
  const before = it.rounds();
  const passed = await clock.pass(interval, () => it.rounds() > before);
  await it.until(() => it.list.size === size);
  return { passed, rounds: it.rounds() - before, ids: it.ids() };
}

/** What is asked for in an hour, and what is said of the list after it. */
async function anHour() {
  const { it, clock } = globalThis;
  const before = it.asked.length;
  await clock.pass(3_600_000);
  return { asked: it.asked.slice(before), state: it.list.status.state };
}

/** The rounds until the list has so many, while no time is passed. */
async function atOnce({ size, before }) {
  const { it } = globalThis;
  await it.until(() => it.list.size === size);
  return it.rounds() - before;
}

const rounds = () => globalThis.it.rounds();

test(
  "a device that is granted or revoked while watching is seen within one interval",
  options,
  async (t) => {
    const { ids, grant, revoke, page: given } = await user(t);
    const [first, other] = ids;
    const page = await watching(t, given);

    await grant(other);
    const granted = await page.evaluate(within, { interval, size: 2 });
    await revoke(first);
    const revoked = await page.evaluate(within, { interval, size: 1 });

    assert.deepEqual(granted.ids.sort(), [first, other].sort());
    assert.deepEqual(revoked.ids, [other]);
    for (const { rounds, passed } of [granted, revoked]) {
      assert.equal(rounds, 1);
      assert.ok(passed > 0.8 * interval && passed <= interval, `${passed}`);
    }
  },
);

test(
  "a hidden page fetches nothing, and fetches at once when it is visible again",
  options,
  async (t) => {
    const { ids, grant, page: given } = await user(t);
    const served = await servePage(dist, { script, more });
    t.after(() => served.close());
    const window = await startBrowser("Chromium");
    t.after(() => window.close());
    await window.open(served.url);
    await window.run(begin, given);
    const is = async (state) => {
      if (document.visibilityState === state) return;
      await new Promise((resolve) =>
        document.addEventListener("visibilitychange", resolve, { once: true }),
      );
    };

    await window.minimize();
    await window.run(is, "hidden");
    const asked = await window.run(async () => {
      const before = globalThis.it.rounds();
      await globalThis.it.list.refresh();
      return globalThis.it.rounds() - before;
    });
    const hidden = await window.run(anHour);
    await grant(ids[1]);
    const before = await window.run(async () => globalThis.it.rounds());
    await window.restore();
    await window.run(is, "visible");

    assert.equal(asked, 1, "what somebody asks for comes all the same");
    assert.deepEqual(hidden, { asked: [], state: "live" });
    assert.equal(await window.run(atOnce, { size: 2, before }), 1);
  },
);

test(
  "offline, a list fetches nothing and keeps its data, and fetches at once when online again",
  options,
  async (t) => {
    const { ids, grant, page: given } = await user(t);
    const page = await watching(t, given);

    await page.context().setOffline(true);
    await page.waitForFunction(() => !navigator.onLine);
    const offline = await page.evaluate(anHour);
    const shown = await page.evaluate(() => globalThis.it.ids());
    await grant(ids[1]);
    const before = await page.evaluate(rounds);
    await page.context().setOffline(false);

    assert.deepEqual(offline, { asked: [], state: "live" });
    assert.deepEqual(shown, [ids[0]]);
    assert.equal(await page.evaluate(atOnce, { size: 2, before }), 1);
  },
);

test(
  "after another user's token during a fetch, nothing of the first user is shown",
  options,
  async (t) => {
    const { ids, make, page: given } = await user(t);
    const [first, other] = ids;
    const page = await watching(t, given);
    const { token } = await make(other);

    const { shown, changes, last } = await page.evaluate(async (token) => {
      const { it } = globalThis;
      const answer = it.hold("/devices/list");
      void it.list.refresh();
      await answer;
      const shown = [];
      const changes = [];
      it.list.subscribe(() => shown.push(it.ids()));
      void (async () => {
        for await (const change of it.list.changes) changes.push(change);
      })();
      const update = it.seam.updateClientSessionToken(token);
      shown.push(it.ids());
      it.release();
      await update;
      await it.until(() => it.list.size > 0);
      return { shown, changes, last: it.ids() };
    }, token);

    assert.deepEqual(shown[0], []);
    assert.ok(!shown.flat().includes(first), JSON.stringify(shown));
    assert.deepEqual(last, [other]);
    const added = changes.slice(1).flatMap(({ added }) => added);
    assert.ok(!added.includes(first));
  },
);

test(
  "the list of a revoked session is empty within one interval and is not fetched again",
  options,
  async (t) => {
    const { backEnd, session, page: given } = await user(t);
    const page = await watching(t, given);
    const { client_session_id } = session;

    await backEnd.clientSessions.revoke({ client_session_id });
    const { rounds, ids } = await page.evaluate(within, { interval, size: 0 });

    assert.equal(rounds, 1);
    assert.deepEqual(ids, []);
    const { state, reason } = await page.evaluate(async () => {
      const { it } = globalThis;
      await it.until(() => it.list.status.state === "stopped");
      const { state, reason } = it.list.status;
      return { state, reason: reason.reason };
    });
    assert.deepEqual(
      { state, reason },
      {
        state: "stopped",
        reason: "token_refused",
      },
    );
    const then = await page.evaluate(anHour);
    assert.deepEqual(then, { asked: [], state: "stopped" });
  },
);

test(
  "a laptop that slept for hours fetches once, within a minute after it wakes",
  options,
  async (t) => {
    const { ids, grant, page: given } = await user(t);
    const page = await watching(t, given);

    await grant(ids[1]);
    await page.evaluate(() => globalThis.clock.sleep(8 * 3_600_000));
    const woken = await page.evaluate(within, { interval: MINUTE, size: 2 });
    const then = await page.evaluate(() => globalThis.clock.pass(300_000));

    assert.equal(woken.rounds, 1);
    assert.equal(then, 300_000);
    assert.equal(await page.evaluate(rounds), 2);
  },
);

test(
  "a list of ten thousand devices is complete, and a change creates one new object",
  options,
  async (t) => {
    const { endpoint, api_key } = await startSandbox(t, ["--devices", "10000"]);
    const backEnd = Seam.fromApiKey(api_key, { endpoint });
    const accounts = await backEnd.connectedAccounts.list();
    const { token } = await backEnd.clientSessions.create({
      connected_account_ids: accounts.map((it) => it.connected_account_id),
    });
    const page = await watching(t, { endpoint, token, interval });

    const { size, device_id, built } = await page.evaluate(() => {
      const { list } = globalThis.it;
      globalThis.before = list.getSnapshot();
      const [{ device_id }] = list.find({ can: ["can_remotely_unlock"] });
      return { size: list.size, device_id, built: globalThis.before.length };
    });
    const name = "The one that was renamed";
    await backEnd.devices.update({ device_id, name });
    const after = await page.evaluate(async (text) => {
      const { it, before } = globalThis;
      await it.list.refresh();
      const all = it.list.getSnapshot();
      const other = all.filter((device, nth) => device !== before[nth]);
      const found = it.list.find({ text }).map((it) => it.device_id);
      return {
        size: all.length,
        other: other.map((it) => it.device_id),
        found,
      };
    }, name);

    assert.ok(size > 9_000 && built === size, `${size}`);
    assert.deepEqual(after, { size, other: [device_id], found: [device_id] });
  },
);
