// Seam's official components in Chromium, on our client and the sandbox.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

import { recordPaints } from "../support/record-paints.mjs";
import { launch } from "../support/browser.mjs";
import { components } from "../support/components.mjs";
import { startDemo } from "../support/demo.mjs";
import { call, keyOf, newPage } from "../support/demo-page.mjs";
import { waitUntil } from "../support/waiting.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** What each user was granted: nothing that both have. */
const GRANTED = {
  Ada: ["Back Door", "Front Door"],
  Ben: ["Cabin", "Garage"],
};
/** The details ask for the account, of which only a device was granted. */
const NO_ACCOUNT = /status of 404 .*\/connected_accounts\/get(\?|$)/;

const USERS = { Ada: "user-1", Ben: "user-2" };

/** The number of a code that the Back Door has. */
const TAKEN = "9753";

let browser;
let demo;
let key;
let ids;
let unguarded;

before(async () => {
  [browser, demo, unguarded] = await Promise.all([
    launch(),
    startDemo(),
    bundle(),
  ]);
  key = await keyOf(demo.endpoint);
  const { devices } = await call(demo.endpoint, key, "/devices/list");
  ids = new Map(devices.map((it) => [it.display_name, it.device_id]));
  for (const [name, user] of Object.entries(USERS)) {
    for (const [device, device_id] of ids) {
      await ask("PUT", "/api/grants", {
        user,
        device_id,
        granted: GRANTED[name].includes(device),
      });
    }
  }
  await call(demo.endpoint, key, "/access_codes/create", {
    device_id: ids.get("Back Door"),
    name: "Taken",
    code: TAKEN,
  });
});
after(() => Promise.all([browser?.close(), demo?.stop()]));

/** The demo's back end, as its page asks it. */
async function ask(method, path, body) {
  const response = await fetch(demo.address + path, {
    method,
    headers: { origin: demo.address, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  assert.equal(response.status, 200);
  return await response.json();
}

/** The page without a guard, as one script. */
async function bundle() {
  const { outputFiles } = await build({
    entryPoints: [`${components}tests/unguarded.tsx`],
    bundle: true,
    write: false,
    format: "esm",
    charset: "utf8",
    jsx: "automatic",
    define: { "process.env.NODE_ENV": '"production"' },
    alias: {
      "seam-session/seam-components": `${root}pkg/dist/seam-components.js`,
      "seam-session": `${root}pkg/dist/index.js`,
    },
  });
  return outputFiles[0].text;
}

const where = () => ({ address: demo.address, endpoints: [demo.endpoint] });

/**
 * Opens one of the pages with the components, and waits for Ada's devices. From
 * the moment at which it says that Ben is signed in, it is watched for them.
 */
async function open(t, path = "/components/", more = {}) {
  const opened = await newPage(t, browser, where(), key, {
    viewport: { width: 1280, height: 900 },
    ...more,
    expected: [NO_ACCOUNT, ...(more.expected ?? [])],
  });
  const { page } = opened;
  if (path.includes("unguarded")) {
    // The page stays a real one: only its script is another.
    await page.route("**/components/main.js", (route) =>
      route.fulfill({ contentType: "text/javascript", body: unguarded }),
    );
  }
  await page.addInitScript(recordPaints, { user: "Ben", names: GRANTED.Ada });
  await page.goto(demo.address + path);
  await page.getByText("Ada is signed in").waitFor();
  await table(page).getByText("Front Door").waitFor();
  const shoot = async (name) => {
    // It covers what it is about, for a second and a half.
    await page.waitForFunction(
      () => document.querySelector(".seam-loading-toast") === null,
    );
    await opened.shoot(name);
  };
  return { ...opened, shoot };
}

/** Seam's device table. */
const table = (page) => page.locator(".seam-device-table");
/** The devices in it. */
const rows = async (page) =>
  (
    await table(page).locator(".seam-table-row .seam-title").allTextContents()
  ).sort();
const button = (page, name) => page.getByRole("button", { name, exact: true });
/** What was painted of Ada's since Ben is signed in, and in how many frames. */
const painted = (page) => page.evaluate(() => ({ ...globalThis.painted }));
/** Waits until two more frames were painted. */
const frames = (page) =>
  page.evaluate(async () => {
    for (let more = 0; more < 2; more += 1)
      await new Promise(requestAnimationFrame);
  });

test("Seam's device table shows on our client what the user was granted", async (t) => {
  const { page, seen, shoot } = await open(t);
  assert.deepEqual(await rows(page), GRANTED.Ada);
  await button(page, "Front Door").waitFor();
  assert.equal(await button(page, "Garage").count(), 0);
  await shoot("components-devices");

  const sent = seen.requests.filter(({ url }) => url.origin === demo.endpoint);
  const paths = sent.map(({ url, headers }) => {
    assert.equal(headers["seam-sdk-name"], "seam-session");
    return url.pathname;
  });
  assert.ok(paths.includes("/devices/list"));
  assert.ok(paths.includes("/client_sessions/get"));
  assert.equal(await page.evaluate(() => localStorage.length), 0);
});

for (const [name, path] of [
  [
    "Seam's provider is given another token",
    "/components/?unguarded=documented",
  ],
  [
    "our client is, and nothing else is done",
    "/components/?unguarded=transport",
  ],
]) {
  test(`the devices of the user before are painted when ${name}`, async (t) => {
    const { page } = await open(t, path);
    await button(page, "Ben").click();
    await page.getByText("Ben is signed in").waitFor();
    await frames(page);
    const { seen } = await painted(page);
    assert.deepEqual(seen.sort(), GRANTED.Ada);
  });
}

test("with a session each, nothing of the user before is painted, not even once", async (t) => {
  const { page, shoot } = await open(t);
  await button(page, "Back Door").click();
  await page.locator(".seam-device-details").getByText("Back Door").waitFor();

  await button(page, "Ben").click();
  await table(page).getByText("Garage").waitFor();
  await button(page, "Cabin").waitFor();
  await frames(page);

  const { seen, frames: count } = await painted(page);
  assert.deepEqual(seen, []);
  assert.ok(count >= 2, `${count} frames were looked at`);
  assert.deepEqual(await rows(page), GRANTED.Ben);
  // What had been opened is not opened for the next user.
  assert.equal(await page.locator(".seam-device-details").count(), 0);
  await shoot("components-other-user");
});

test("a response to the previous user's request is never shown", async (t) => {
  const { page } = await open(t);
  let release;
  const held = new Promise((resolve) => (release = resolve));
  const asked = new Promise((resolve) => {
    void page.route("**/devices/get", async (route) => {
      resolve();
      await held;
      await route.continue().catch(() => {});
    });
  });
  const dropped = page.waitForEvent("requestfailed", (request) =>
    request.url().endsWith("/devices/get"),
  );
  // The list is in the cache as single devices: of those, one is asked for anew.
  await table(page).getByText("Front Door").click();
  await button(page, "Back Door").click();
  await asked;
  await button(page, "Ben").click();
  await table(page).getByText("Garage").waitFor();
  // It is let go of while the server still thinks.
  assert.match((await dropped).failure().errorText, /ERR_ABORTED/);
  release();
  await frames(page);
  assert.deepEqual((await painted(page)).seen, []);
});

test("a door is unlocked from Seam's device details, through our client", async (t) => {
  const { page, shoot } = await open(t);
  const device_id = ids.get("Back Door");
  await call(demo.endpoint, key, "/locks/lock_door", { device_id });
  await locked(device_id, true);
  await page.reload();
  await button(page, "Back Door").click();
  await button(page, "Unlock").click();
  await page.getByText("Lock status has been successfully updated").waitFor();
  await locked(device_id, false);
  await shoot("components-unlocked");
});

/** Waits until the workspace sees the door so. */
async function locked(device_id, wanted) {
  await waitUntil(async () => {
    const answer = await call(demo.endpoint, key, "/devices/get", {
      device_id,
    });
    return answer.device.properties.locked === wanted;
  });
}

for (const [name, path, times] of [
  ["our client", "/components/", 1],
  ["the client of Seam's custom elements", "/components/elements", 3],
]) {
  test(`${name} sends an unlock ${times === 1 ? "once" : `${times} times`} when the network fails`, async (t) => {
    const { page } = await open(t, path, { expected: [/ERR_FAILED/] });
    const device_id = ids.get("Front Door");
    await call(demo.endpoint, key, "/locks/lock_door", { device_id });
    await locked(device_id, true);
    await page.reload();
    let sent = 0;
    await page.route("**/locks/unlock_door", (route) => {
      sent += 1;
      return route.abort("failed");
    });
    await table(page).getByText("Front Door").click();
    await button(page, "Unlock").click();
    await page.getByText("Failed to update lock status").waitFor();
    assert.equal(sent, times);
  });
}

/** Seam's table of access codes. */
const codes = (page) => page.locator(".seam-table");
const field = (page, name) =>
  page.locator(`.seam-access-code-form input[name="${name}"]`);

/** Fills Seam's form, and saves what is in it. */
async function save(page, { name, code }) {
  await field(page, "name").fill(name);
  if (code !== undefined) await field(page, "code").fill(code);
  await button(page, "Save").click();
}

/** The action from the menu of a code's row. */
async function choose(page, name, action) {
  await codes(page)
    .locator(".seam-table-row", { hasText: name })
    .getByRole("button")
    .click();
  await page
    .getByText(action, { exact: true })
    .filter({ visible: true })
    .click();
}

test("an access code is made, changed and deleted with Seam's own table and form", async (t) => {
  const { page, shoot } = await open(t);
  const device_id = ids.get("Front Door");
  const list = async () => {
    const { access_codes } = await call(
      demo.endpoint,
      key,
      "/access_codes/list",
      { device_id },
    );
    return access_codes.map(({ name }) => name);
  };
  await button(page, "Front Door").click();
  await codes(page).locator(".seam-add-button").click();
  await shoot("components-form");
  await save(page, { name: "Plumber", code: "8642" });
  await page.getByText("Access code created").waitFor();
  await codes(page).getByText("Plumber").waitFor();
  assert.ok((await list()).includes("Plumber"));
  await shoot("components-codes");

  await choose(page, "Plumber", "Edit code");
  await save(page, { name: "Electrician" });
  await page.getByText("Access code updated").waitFor();
  await waitUntil(async () => (await list()).includes("Electrician"));

  await choose(page, "Electrician", "Delete code");
  await button(page, "Delete").click();
  await page.getByText("Access code is being removed").waitFor();
  await waitUntil(async () => !(await list()).includes("Electrician"));
});

for (const [name, code, status, reason] of [
  [
    "a code that the device has already",
    TAKEN,
    409,
    `Seam refused it: Cannot set duplicate access code ${TAKEN} named Mine`,
  ],
  ["a code that is no number", "abcd", 400, "Seam refused the code: Invalid"],
]) {
  test(`${name} is refused: Seam's form says so, and the page says why`, async (t) => {
    const { page, shoot } = await open(t, "/components/", {
      expected: [new RegExp(`status of ${status} .*/access_codes/create$`)],
    });
    await button(page, "Back Door").click();
    await codes(page).locator(".seam-add-button").click();
    await save(page, { name: "Mine", code });
    await page.getByText("The code could not be saved").waitFor();
    await page.getByRole("alert").getByText(reason, { exact: true }).waitFor();
    await shoot(`components-refused-${status}`);

    // It goes when another one is sent.
    await save(page, { name: "Mine", code: `8${status}` });
    await page.getByText("Access code created").waitFor();
    assert.equal(await page.getByRole("alert").textContent(), "");
  });
}

test("every action can be done with the keyboard", async (t) => {
  const { page } = await open(t);
  const go = async (name) => {
    for (let key = 0; key < 60; key += 1) {
      const found = await button(page, name).evaluateAll((all) =>
        all.includes(document.activeElement),
      );
      if (found) return page.keyboard.press("Enter");
      await page.keyboard.press("Tab");
    }
    assert.fail(`the keyboard does not come to ${name}`);
  };
  await go("Ben");
  await page.getByText("Ben is signed in").waitFor();
  await button(page, "Garage").waitFor();
  await go("Garage");
  await page.locator(".seam-device-details").getByText("Garage").waitFor();
  await go("Lock");
  await page.getByText("Lock status has been successfully updated").waitFor();
});

test("custom elements use the same session, and are recreated for another user", async (t) => {
  const { page, seen, shoot } = await open(t, "/components/elements");
  assert.deepEqual(await rows(page), GRANTED.Ada);
  await page.getByText("Our client, with the same token, sees 2").waitFor();
  await shoot("components-elements");
  await button(page, "Ben").click();
  await table(page).getByText("Garage").waitFor();
  await page.getByText("Ben is signed in").waitFor();
  await frames(page);
  assert.deepEqual((await painted(page)).seen, []);
  assert.deepEqual(await rows(page), GRANTED.Ben);
  const names = seen.requests.map(({ headers }) => headers["seam-sdk-name"]);
  assert.ok(names.includes("seam-session"));
  assert.ok(names.includes("seamapi/javascript-http"));
});

test("on a narrow screen it all fits", async (t) => {
  const { page, shoot } = await open(t, "/components/", {
    viewport: { width: 390, height: 844 },
  });
  await button(page, "Front Door").click();
  await page.locator(".seam-device-details").waitFor();
  await shoot("components-narrow");
  const { scroll, client } = await page.evaluate(() => ({
    scroll: document.documentElement.scrollWidth,
    client: document.documentElement.clientWidth,
  }));
  assert.ok(scroll <= client, `${scroll} of ${client}`);
});
