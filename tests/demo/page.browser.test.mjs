// The demo page, used through its controls. Each test sets the grants and the locks that it needs;
// none relies on another.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { launch } from "../support/browser.mjs";
import { SEED, startDemo } from "../support/demo.mjs";
import { call, keyOf, live, newPage } from "../support/demo-page.mjs";
import { waitUntil } from "../support/waiting.mjs";

/** Chromium writes each refused request into the console. */
const REFUSED = /status of 404 .*\/locks\/unlock_door$/;
const WITHDRAWN = /status of 404 .*\/action_attempts\/get$/;
const GONE = /ERR_CONNECTION_REFUSED|status of 50[23]|ERR_EMPTY_RESPONSE/;

const USERS = { Ada: "user-1", Ben: "user-2" };

let browser;
let demo;
let key;
let ids;

before(async () => {
  [browser, demo] = await Promise.all([launch(), startDemo()]);
  key = await keyOf(demo.endpoint);
  const { devices } = await call(demo.endpoint, key, "/devices/list");
  ids = new Map(devices.map((it) => [it.display_name, it.device_id]));
});
after(() => Promise.all([browser?.close(), demo?.stop()]));

/** Grants exactly these devices, and locks these doors. */
async function given({ Ada = [], Ben = [], locked = [] }) {
  for (const [name, wanted] of Object.entries({ Ada, Ben })) {
    for (const [device, device_id] of ids) {
      const response = await fetch(`${demo.address}/api/grants`, {
        method: "PUT",
        headers: { origin: demo.address, "content-type": "application/json" },
        body: JSON.stringify({
          user: USERS[name],
          device_id,
          granted: wanted.includes(device),
        }),
      });
      assert.equal(response.status, 200);
    }
  }
  for (const device of locked) {
    const device_id = ids.get(device);
    await call(demo.endpoint, key, "/locks/lock_door", { device_id });
    await waitUntil(async () => (await stateOf(device)) === true);
  }
}

/** Whether the workspace sees the door locked. */
async function stateOf(device) {
  const device_id = ids.get(device);
  const answer = await call(demo.endpoint, key, "/devices/get", { device_id });
  return answer.device.properties.locked;
}

const where = () => ({ address: demo.address, endpoints: [demo.endpoint] });

const open = async (t, more) => {
  const opened = await newPage(t, browser, where(), key, more);
  await opened.open();
  return opened;
};

const heading = (app, name) => app.getByRole("heading", { name, exact: true });
const names = (app) => app.getByRole("heading", { level: 4 }).allTextContents();

test("a flipped switch shows in that user's list, and in nobody else's", async (t) => {
  await given({ Ada: ["Back Door"] });
  const { app, toggle, page, shoot } = await open(t);
  const [ada, ben] = [app("Ada"), app("Ben")];
  assert.deepEqual(await names(ada), ["Back Door"]);
  assert.deepEqual(await names(ben), []);
  await ben.getByText("Nothing granted yet").waitFor();
  await shoot("empty");

  await toggle("Ada may use Front Door").click();
  await heading(ada, "Front Door").waitFor();
  // In the order of the workspace, whichever came first.
  assert.deepEqual(await names(ada), ["Front Door", "Back Door"]);
  await page.getByText("Ada may now use Front Door.").waitFor();
  await ada.getByText("Front Door is yours to use.").waitFor();
  assert.deepEqual(await names(ben), []);

  await toggle("Ben may use Front Door").click();
  await heading(ben, "Front Door").waitFor();
  await toggle("Ada may use Back Door").click();
  await heading(ada, "Back Door").waitFor({ state: "detached" });
  await ada.getByText("Back Door was taken away.").waitFor();
  assert.deepEqual(await names(ada), ["Front Door"]);
  assert.deepEqual(await names(ben), ["Front Door"]);
});

test("an unlock shows that it is pending, then that it is done", async (t) => {
  await given({ Ada: ["Back Door"], locked: ["Back Door"] });
  const { app, page } = await open(t);
  const ada = app("Ada");
  let release;
  const held = new Promise((resolve) => (release = resolve));
  await page.route("**/action_attempts/get", async (route) => {
    await held;
    await route.continue();
  });
  const unlock = page.getByRole("button", { name: "Unlock Back Door as Ada" });
  await unlock.click();
  await ada.getByText(/^Unlocking… pending for 0\.[1-9] s$/).waitFor();
  assert.equal(await unlock.getAttribute("aria-disabled"), "true");
  release();
  await ada.getByText(/^Unlocked after \d+\.\d s$/).waitFor();
  await ada.getByText(/^Back Door unlocked after \d+\.\d s\.$/).waitFor();
  await ada.getByText("Unlocked", { exact: true }).waitFor();
  assert.equal(await stateOf("Back Door"), false);
  assert.equal(await unlock.getAttribute("aria-disabled"), "false");
});

test("an offline lock shows why it failed", async (t) => {
  await given({ Ben: ["Cabin"] });
  const { app, page } = await open(t);
  await app("Ben").getByText("Offline").waitFor();
  await page.getByRole("button", { name: "Unlock Cabin as Ben" }).click();
  await app("Ben").getByText("Failed: The device is offline").waitFor();
  await app("Ben")
    .getByText("Cabin did not unlock: The device is offline (device_offline).")
    .waitFor();
  // An offline lock does not report whether it is locked.
  assert.equal(await stateOf("Cabin"), undefined);
});

test("a lock that does not respond in time is shown as unknown", async (t) => {
  await given({ Ada: ["Back Door"] });
  const { app, page, open } = await newPage(t, browser, where(), key);
  await page.clock.install();
  await page.route("**/action_attempts/get", async (route) => {
    const response = await route.fetch();
    const { action_attempt } = await response.json();
    await route.fulfill({
      response,
      json: {
        ok: true,
        action_attempt: { ...action_attempt, status: "pending", result: null },
      },
    });
  });
  await open();
  await page.getByRole("button", { name: /^Lock Back/ }).click();
  const message = app("Ada").getByText("No answer in time", { exact: true });
  await waitUntil(async () => {
    await page.clock.runFor(1_000);
    return (await message.count()) > 0;
  });
  await app("Ada")
    .getByText("Back Door had not answered in time; it may yet lock.")
    .waitFor();
});

test("a door that was not granted is refused, and stays as it was", async (t) => {
  await given({ Ada: ["Front Door"], locked: ["Back Door", "Front Door"] });
  const { app, page, seen } = await open(t, { expected: [REFUSED] });
  const ada = app("Ada");
  const door = ada.getByLabel("A door Ada was not granted");
  assert.equal(
    (await door.getByRole("option").allTextContents()).includes("Front Door"),
    false,
  );
  await door.selectOption("Back Door");
  await page.getByRole("button", { name: "Try to unlock it as Ada" }).click();
  await ada.getByText("Refused: 404 device_not_found").waitFor();
  await ada
    .getByText(
      "To Ada’s token there is no Back Door. The back end sees it locked, as before.",
    )
    .waitFor();
  assert.equal(await stateOf("Back Door"), true);
  const tries = seen.requests.filter(
    ({ url }) => url.pathname === "/locks/unlock_door",
  );
  assert.equal(tries.length, 1);
  const { headers, body } = tries[0];
  assert.equal(JSON.parse(body).device_id, ids.get("Back Door"));
  const token = headers.authorization.replace("Bearer ", "");
  assert.equal(seen.sessions.get(token), "user-1", "with Ada's own token");
});

test("a device that is revoked during an action shows the outcome", async (t) => {
  await given({ Ada: ["Back Door"], locked: ["Back Door"] });
  const { app, page, toggle } = await open(t, { expected: [WITHDRAWN] });
  const ada = app("Ada");
  let release;
  const held = new Promise((resolve) => (release = resolve));
  await page.route("**/action_attempts/get", async (route) => {
    await held;
    await route.continue();
  });
  const unlock = page.getByRole("button", { name: "Unlock Back Door as Ada" });
  await unlock.focus();
  await page.keyboard.press("Enter");
  await ada.getByText("pending for").waitFor();
  // By another hand than this page's: its focus stays where it is.
  await given({});
  await ada.getByText("Taken away", { exact: true }).waitFor();
  await unlock.waitFor({ state: "detached" });
  const focused = await page.evaluate(() => document.activeElement.textContent);
  assert.equal(focused, "Ada’s app", "the focus is not lost");
  release();
  await ada
    .getByText(/Back Door was taken away while it was about to unlock \(404 /)
    .waitFor();
  await heading(ada, "Back Door").waitFor({ state: "detached" });
  await ada.getByText("Nothing granted yet").waitFor();
  await toggle("Ada may use Back Door").waitFor();
});

test("lock and unlock are offered only where the device says that it can", async (t) => {
  await given({
    Ada: ["Front Door", "Storage Room", "Hallway Thermostat"],
    Ben: ["Living Room Sensor"],
  });
  const { app } = await open(t);
  const actions = app("Ada").getByRole("button", { name: /^(Unl|L)ock / });
  assert.deepEqual(
    await actions.evaluateAll((all) => all.map((it) => it.ariaLabel)),
    ["Unlock Front Door as Ada", "Lock Front Door as Ada"],
  );
  assert.equal(await app("Ada").getByText("View only").count(), 2);
  await app("Ada").getByText("Ecobee thermostat · Online · 21 °C").waitFor();
  await app("Ada")
    .getByText("August lock · Online · Battery 87 %", { exact: true })
    .waitFor();
  assert.equal(
    await app("Ben")
      .getByRole("button", { name: /^(Unl|L)ock / })
      .count(),
    0,
  );
});

test("the keyboard alone flips a switch and locks a door, and keeps its place", async (t) => {
  await given({ locked: ["Back Door"] });
  const { app, page } = await open(t);
  const focused = () =>
    page.evaluate(
      () =>
        document.activeElement.ariaLabel ?? document.activeElement.textContent,
    );
  const tabTo = async (label) => {
    for (let presses = 0; presses < 60; presses += 1) {
      await page.keyboard.press("Tab");
      if ((await focused()) === label) return;
    }
    assert.fail(`Tab never came to ${label}`);
  };
  await page.keyboard.press("Tab");
  assert.equal(await focused(), "Skip to the apps");
  await tabTo("Ben may use Back Door");
  await page.keyboard.press("Space");
  const toggle = page.getByRole("switch", { name: "Ben may use Back Door" });
  await page.getByText("Ben may now use Back Door.").waitFor();
  assert.equal(await toggle.getAttribute("aria-checked"), "true");
  assert.equal(await focused(), "Ben may use Back Door");
  await heading(app("Ben"), "Back Door").waitFor();
  assert.equal(await focused(), "Ben may use Back Door");
  await tabTo("Unlock Back Door as Ben");
  const outline = await page.evaluate(
    () => getComputedStyle(document.activeElement).outlineStyle,
  );
  assert.equal(outline, "solid", "the focus can be seen");
  await page.keyboard.press("Enter");
  await app("Ben")
    .getByText(/^Unlocked after/)
    .waitFor();
  assert.equal(await focused(), "Unlock Back Door as Ben");
});

test("a screen reader finds landmarks, headings, and a name of its own for each control", async (t) => {
  const everything = [...ids.keys()];
  await given({ Ada: everything, Ben: everything });
  const { page } = await open(t);
  for (const role of ["main", "banner", "contentinfo"])
    assert.equal(await page.getByRole(role).count(), 1, role);
  for (const name of ["Who may use what", "What each user’s app sees"])
    assert.equal(await page.getByRole("region", { name }).count(), 1, name);
  assert.equal(await page.getByRole("heading", { level: 1 }).count(), 1);
  assert.equal(await page.getByRole("log").count(), 2);
  assert.equal(await page.locator("html").getAttribute("lang"), "en");
  for (const [role, count] of [
    ["switch", 16],
    // Six locks, of which one does neither, for two users; and a try for each.
    ["button", 2 * 5 * 2 + 2],
    ["combobox", 2],
  ]) {
    const lines = (await page.locator("body").ariaSnapshot())
      .split("\n")
      .map((line) => line.trim())
      .filter((line) => line.startsWith(`- ${role} "`))
      .map((line) => /"(.+?)"/.exec(line)[1]);
    assert.equal(lines.length, count, lines.join());
    assert.equal(new Set(lines).size, count, lines.join());
  }
  await page.getByText("Not affiliated with Seam").waitFor();
});

test("what devices are called is text, whatever it looks like", async (t) => {
  await given({ Ada: ["Front Door"] });
  const { page, app, open } = await newPage(t, browser, where(), key);
  const evil = `<img src=x onerror="document.title='owned'">`;
  const rename = async (route) => {
    const response = await route.fetch();
    const text = (await response.text()).replaceAll(
      `"Front Door"`,
      JSON.stringify(evil),
    );
    await route.fulfill({ response, body: text });
  };
  await page.route("**/api/workspace", rename);
  await page.route("**/devices/list", rename);
  await open();
  await heading(app("Ada"), evil).waitFor();
  await page.getByRole("switch", { name: `Ada may use ${evil}` }).waitFor();
  assert.equal(await page.locator("img").count(), 0);
  assert.match(await page.title(), /^Who may open which door/);
});

test("apps poll while they are visible, and pause while hidden", async (t) => {
  await given({ Ada: ["Front Door"] });
  const { page, open } = await newPage(t, browser, where(), key);
  await page.clock.install();
  await open();
  const asked = [];
  page.on("request", (request) => asked.push(request.url()));
  const show = (hidden) =>
    page.evaluate((hidden) => {
      Object.defineProperty(document, "hidden", {
        configurable: true,
        get: () => hidden,
      });
      document.dispatchEvent(new Event("visibilitychange"));
    }, hidden);
  await Promise.all([
    page.waitForRequest("**/devices/list"),
    page.waitForRequest("**/api/workspace"),
    page.clock.runFor(2_000),
  ]);
  await show(true);
  asked.length = 0;
  await page.clock.runFor(60_000);
  assert.deepEqual(asked, []);
  await Promise.all([
    page.waitForRequest("**/devices/list"),
    page.waitForRequest("**/api/workspace"),
    show(false),
  ]);
});

describe("the page fits every screen", () => {
  for (const [name, options] of [
    ["light", { viewport: { width: 1360, height: 900 } }],
    ["dark", { viewport: { width: 1360, height: 900 }, colorScheme: "dark" }],
    ["tablet", { viewport: { width: 820, height: 1100 } }],
    ["phone", { viewport: { width: 360, height: 780 }, deviceScaleFactor: 2 }],
    [
      "phone-dark",
      {
        viewport: { width: 360, height: 780 },
        deviceScaleFactor: 2,
        colorScheme: "dark",
      },
    ],
  ]) {
    test(`${name}: nothing sticks out, and there is a picture of it`, async (t) => {
      await given({
        Ada: ["Front Door", "Back Door", "Storage Room", "Hallway Thermostat"],
        Ben: ["Cabin", "Pool Gate"],
        locked: ["Front Door", "Back Door", "Pool Gate"],
      });
      const { app, page, shoot } = await open(t, {
        ...options,
        expected: [REFUSED],
      });
      await page.getByRole("button", { name: "Unlock Cabin as Ben" }).click();
      await app("Ben").getByText("Failed: ").waitFor();
      await page
        .getByRole("button", { name: "Unlock Front Door as Ada" })
        .click();
      await app("Ada")
        .getByText(/^Unlocked after/)
        .waitFor();
      await app("Ada").getByText("Unlocked", { exact: true }).waitFor();
      await page
        .getByRole("button", { name: "Try to unlock it as Ada" })
        .click();
      await app("Ada").getByText("Refused: ").waitFor();
      await shoot(name);
      const widths = await page.evaluate(() => [
        document.documentElement.scrollWidth,
        innerWidth,
      ]);
      assert.equal(widths[0], widths[1]);
    });
  }

  test("placeholders are shown until the first responses arrive", async (t) => {
    await given({ Ada: ["Front Door"] });
    const { page, open, shoot } = await newPage(t, browser, where(), key, {
      viewport: { width: 1360, height: 900 },
    });
    let release;
    const held = new Promise((resolve) => (release = resolve));
    await page.route("**/api/workspace", async (route) => {
      await held;
      await route.continue();
    });
    const opening = open();
    await page.locator(".skeleton").first().waitFor();
    assert.equal(
      await page.locator("#app-list").getAttribute("aria-busy"),
      "true",
    );
    await shoot("loading");
    release();
    await opening;
    assert.equal(await page.locator(".skeleton").count(), 0);
    assert.equal(
      await page.locator("#app-list").getAttribute("aria-busy"),
      "false",
    );
  });
});

describe("the page says what is missing and recovers by itself", () => {
  test("when the sandbox has died, and the demo is started again", async (t) => {
    const first = await startDemo(t);
    const moving = { address: first.address, endpoints: [first.endpoint] };
    const { page, open, app, shoot } = await newPage(t, browser, moving, key, {
      viewport: { width: 1360, height: 900 },
      expected: [GONE],
    });
    await open();
    await heading(app("Ada"), "Back Door").waitFor();
    const alert = page.getByRole("alert");
    assert.equal(await alert.count(), 0);
    process.kill(first.sandbox, "SIGKILL");
    await alert.getByText("The sandbox does not answer.").waitFor();
    await app("Ada").getByText("Not connected").waitFor();
    assert.deepEqual(await names(app("Ada")), ["Back Door"]);
    await shoot("error");

    await first.stop();
    await alert.getByText("The demo’s back end does not answer.").waitFor();
    await shoot("error-back-end");
    // With other ids, keys and tokens, as for everybody who starts it again.
    const second = await startDemo(t, { port: first.port, seed: SEED + 1 });
    moving.endpoints.push(second.endpoint);
    await alert.waitFor({ state: "hidden" });
    await live(page);
    await page.getByText(`Sandbox ${second.endpoint}`).waitFor();
    await heading(app("Ada"), "Back Door").waitFor();
  });

  test("when its session is over, by a new one", async (t) => {
    await given({ Ada: ["Front Door"] });
    const { app, seen } = await open(t, { expected: [/status of 401/] });
    await heading(app("Ada"), "Front Door").waitFor();
    const { client_sessions } = await call(
      demo.endpoint,
      key,
      "/client_sessions/list",
    );
    const old = new Set(seen.sessions.keys());
    for (const { client_session_id, token } of client_sessions) {
      if (!old.has(token)) continue;
      await call(demo.endpoint, key, "/client_sessions/revoke", {
        client_session_id,
      });
    }
    await given({ Ada: ["Pool Gate"] });
    await heading(app("Ada"), "Pool Gate").waitFor();
    assert.ok(seen.sessions.size > old.size);
  });
});
