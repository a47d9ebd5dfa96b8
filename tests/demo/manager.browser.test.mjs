// The property manager page with ten thousand devices, used through its controls. Each test has
// its own page and session, and uses devices of its own.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { launch } from "../support/browser.mjs";
import { startDemo } from "../support/demo.mjs";
import { call, keyOf, newPage } from "../support/demo-page.mjs";

const COUNT = 10_000;
/** What Chromium writes into the console of each refused request. */
const REFUSED = /status of 401 .*\/(devices\/list|client_sessions\/get)/;

let browser;
let demo;
let key;
let devices;

before(async () => {
  [browser, demo] = await Promise.all([
    launch(),
    startDemo(undefined, { devices: COUNT }),
  ]);
  key = await keyOf(demo.endpoint, COUNT);
  ({ devices } = await asBackEnd("/devices/list", { limit: COUNT }));
});
after(() => Promise.all([browser?.close(), demo?.stop()]));

const asBackEnd = (path, params) => call(demo.endpoint, key, path, params);
const named = (name) => devices.find((it) => it.display_name === name);

/** The page, live. */
async function open(t, more) {
  const where = { address: demo.address, endpoints: [demo.endpoint] };
  const opened = await newPage(t, browser, where, key, more);
  const { page } = opened;
  await page.goto(demo.address);
  await page.getByText("Live", { exact: true }).waitFor();
  const grid = page.getByRole("grid", { name: "Devices" });
  return {
    ...opened,
    grid,
    search: page.getByRole("searchbox", { name: "Name" }),
    count: page.locator("#count"),
    row: (name) =>
      grid
        .getByRole("row")
        .filter({ has: page.getByText(name, { exact: true }) }),
    refresh: () => page.getByRole("button", { name: "Refresh" }).click(),
  };
}

/** The names in the document, from the top. */
const namesIn = (grid) => grid.locator(".name").allTextContents();

const focused = (page) =>
  page.evaluate(() => {
    const row = document.activeElement?.closest(".row");
    return {
      name: row?.querySelector(".name").textContent,
      at: Number(row?.getAttribute("aria-rowindex")),
      onButton: document.activeElement?.tagName === "BUTTON",
      inSight: (() => {
        const [box, around] = [
          row?.getBoundingClientRect(),
          document.querySelector("#devices").getBoundingClientRect(),
        ];
        return box && box.top >= around.top && box.bottom <= around.bottom + 1;
      })(),
    };
  });

test("ten thousand devices are listed, and only those in sight are in the document", async (t) => {
  const { grid, count } = await open(t);
  assert.equal(await grid.getAttribute("aria-rowcount"), String(COUNT + 1));
  assert.equal(await count.textContent(), "10,000 devices");
  const inSight = await grid.evaluate(
    (it) => it.clientHeight / it.querySelector(".row").offsetHeight,
  );
  const seen = new Map();
  for (const part of [0, 0.25, 0.5, 0.75, 1]) {
    await grid.evaluate(
      (it, part) =>
        new Promise((resolve) => {
          it.scrollTop = part * (it.scrollHeight - it.clientHeight);
          requestAnimationFrame(() => requestAnimationFrame(resolve));
        }),
      part,
    );
    const rows = await grid.locator(".row").evaluateAll((all) =>
      all.map((it) => ({
        at: Number(it.getAttribute("aria-rowindex")),
        name: it.querySelector(".name").textContent,
        focusable: it.tabIndex === 0,
      })),
    );
    assert.ok(rows.length >= inSight && rows.length <= inSight + 15);
    assert.equal(rows.filter(({ focusable }) => focusable).length, 1);
    for (const { at, name } of rows) seen.set(at, name);
    assert.deepEqual(
      rows.map(({ at }) => at),
      rows.map(({ at }) => at).sort((a, b) => a - b),
      "in the order in which they are seen",
    );
  }
  for (const [at, name] of seen) {
    assert.equal(name, devices[at - 2].display_name);
  }
  assert.ok(seen.has(2) && seen.has(COUNT + 1), "the first and the last");
});

test("typing filters the list at once, together with every other filter", async (t) => {
  const { page, grid, search, count } = await open(t);
  const wanted = (text, also = () => true) =>
    devices.filter(
      (it) => it.display_name.toLowerCase().includes(text) && also(it),
    );

  await search.fill("GARAGE 12");
  assert.equal(
    await count.textContent(),
    `${wanted("garage 12").length} of 10,000 devices`,
  );
  assert.deepEqual(
    await namesIn(grid),
    wanted("garage 12")
      .slice(0, (await namesIn(grid)).length)
      .map((it) => it.display_name),
  );

  await search.fill("1");
  const connection = page.getByRole("combobox", { name: "Connection" });
  await connection.selectOption("Offline");
  const type = page.getByRole("combobox", { name: "Type" });
  await type.selectOption("Nuki lock");
  const errors = page.getByRole("button", { name: "Errors" });
  await errors.click();
  assert.equal(await errors.getAttribute("aria-pressed"), "true");
  const found = wanted(
    "1",
    ({ properties: { online }, device_type, errors }) =>
      !online && device_type === "nuki_lock" && errors.length > 0,
  );
  assert.ok(found.length > 50);
  assert.equal(await count.textContent(), `${found.length} of 10,000 devices`);
  assert.equal(
    await grid.getAttribute("aria-rowcount"),
    String(found.length + 1),
  );

  await page.getByRole("button", { name: "Low battery" }).click();
  await page.getByText("No device is like that.").waitFor();
  await page.getByRole("button", { name: "Look for all again" }).click();
  assert.equal(await count.textContent(), "10,000 devices");
  assert.equal((await namesIn(grid))[0], devices[0].display_name);

  await page.getByRole("button", { name: "Low battery" }).click();
  assert.equal(await count.textContent(), "1,250 of 10,000 devices");
  const texts = await grid.locator(".row .facts").allTextContents();
  assert.ok(texts.length > 5);
  for (const text of texts) assert.match(text, /^Battery\slow, 12\s%/);
});

test("a change by the back end shows after one interval, and only its row is rendered again", async (t) => {
  const { page, row, search } = await open(t);
  await search.fill("Front Door 70");
  const [other, one] = ["Front Door 700", "Front Door 701"];
  await row(other).waitFor();
  await page.evaluate(() => {
    globalThis.touched = new Set();
    globalThis.rows = [...document.querySelectorAll(".row")];
    new MutationObserver((records) => {
      for (const { target } of records) {
        const element = target.nodeType === 1 ? target : target.parentElement;
        const id = element?.closest(".row")?.dataset.device;
        if (id) globalThis.touched.add(id);
      }
    }).observe(document.querySelector("#rows"), {
      childList: true,
      subtree: true,
      characterData: true,
      attributes: true,
    });
  });

  const { device_id } = named(one);
  await asBackEnd("/devices/update", {
    device_id,
    name: "Front Door 70x",
  });
  await asBackEnd("/devices/simulate/disconnect", { device_id });

  // Nobody presses Refresh.
  await row("Front Door 70x")
    .getByText(/^Offline/)
    .waitFor();
  await page.getByText("Front Door 70x changed.").waitFor();
  assert.deepEqual(await page.evaluate(() => [...globalThis.touched]), [
    device_id,
  ]);
  assert.ok(
    await page.evaluate(() => globalThis.rows.every((it) => it.isConnected)),
    "each row is the element that it was",
  );
  await asBackEnd("/devices/update", { device_id, name: one });
});

test("the keys move through all devices, and the focus stays through scrolling and changes", async (t) => {
  const { page, grid, row, search } = await open(t);
  await row(devices[0].display_name).focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowUp");
  assert.deepEqual(await focused(page), {
    name: devices[1].display_name,
    at: 3,
    onButton: false,
    inSight: true,
  });
  await page.keyboard.press("End");
  assert.deepEqual(await focused(page), {
    name: devices.at(-1).display_name,
    at: COUNT + 1,
    onButton: false,
    inSight: true,
  });
  await page.keyboard.press("PageUp");
  const { at, inSight } = await focused(page);
  assert.ok(at < COUNT - 2 && at > COUNT - 40 && inSight);
  await page.keyboard.press("Home");
  await page.keyboard.press("Enter");
  assert.equal((await focused(page)).onButton, true);
  await page.keyboard.press("Escape");
  assert.deepEqual(await focused(page), {
    name: devices[0].display_name,
    at: 2,
    onButton: false,
    inSight: true,
  });

  await grid.evaluate(
    (it) =>
      new Promise((resolve) => {
        it.scrollTop = it.scrollHeight / 2;
        requestAnimationFrame(() => requestAnimationFrame(resolve));
      }),
  );
  const away = await focused(page);
  assert.equal(away.name, devices[0].display_name);
  assert.equal(away.inSight, false);
  await page.keyboard.press("ArrowDown");
  assert.equal((await focused(page)).inSight, true);

  // Out of the table by Tab, and back to the same place.
  await page.keyboard.press("Shift+Tab");
  assert.equal((await focused(page)).name, undefined);
  await page.keyboard.press("Tab");
  assert.equal((await focused(page)).at, 3);
  await search.focus();
});

test("a door is unlocked from its row, which shows the result", async (t) => {
  const { page, grid, row, search, shoot } = await open(t);
  const name = "Back Door 33";
  await search.fill(name);
  let release;
  const held = new Promise((resolve) => (release = resolve));
  await page.route("**/action_attempts/get", async (route) => {
    await held;
    await route.continue();
  });
  const unlock = page.getByRole("button", {
    name: `Unlock ${name}`,
    exact: true,
  });
  await unlock.click();
  await row(name).getByText("Unlocking…").waitFor();
  assert.equal(await unlock.getAttribute("aria-disabled"), "true");
  assert.equal(await row(name).getAttribute("aria-busy"), "true");
  release();

  await row(name)
    .getByText(/^Unlocked after \d+\.\d s$/)
    .waitFor();
  await page.getByText(new RegExp(`^${name} unlocked after`)).waitFor();
  await page
    .getByRole("button", { name: `Lock ${name}`, exact: true })
    .waitFor();
  const { device } = await asBackEnd("/devices/get", {
    device_id: named(name).device_id,
  });
  assert.equal(device.properties.locked, false);

  // A door that is offline does not, and the row says why.
  await search.fill("Cabin 44");
  await page
    .getByRole("button", { name: "Unlock Cabin 44", exact: true })
    .click();
  await row("Cabin 44")
    .getByText(/^Failed: /)
    .waitFor();
  await search.fill("");
  assert.equal((await namesIn(grid))[0], devices[0].display_name);
  await shoot("manager");
});

test("a session that is revoked leaves nothing of the devices on the page", async (t) => {
  const { page, seen, grid, refresh } = await open(t, { expected: [REFUSED] });
  const [token] = seen.sessions.keys();
  const found = await fetch(`${demo.endpoint}/client_sessions/get`, {
    headers: { "client-session-token": token },
  });
  const { client_session } = await found.json();
  const { client_session_id } = client_session;
  await asBackEnd("/client_sessions/revoke", { client_session_id });
  await refresh();

  await page.getByText("The session has ended.").waitFor();
  assert.match(await page.locator("#status").textContent(), /^Stopped: /);
  assert.equal(await grid.locator(".row").count(), 0);
  assert.equal(await page.locator("#count").textContent(), "0 devices");
  const text = await page.content();
  for (const { device_id } of devices) assert.ok(!text.includes(device_id));

  await page.getByRole("button", { name: "Sign in again" }).click();
  await page.getByText("Live", { exact: true }).waitFor();
  assert.equal((await namesIn(grid))[0], devices[0].display_name);
});

test("on a narrow phone nothing is wider than the screen, light and dark", async (t) => {
  for (const colorScheme of ["light", "dark"]) {
    const { page, shoot } = await open(t, {
      viewport: { width: 360, height: 740 },
      colorScheme,
    });
    const [wide, screen] = await page.evaluate(() => [
      document.documentElement.scrollWidth,
      innerWidth,
    ]);
    assert.ok(wide <= screen, `${wide} of ${screen}`);
    for (const name of ["Front Door", "Back Door"]) {
      const box = await page
        .getByRole("button", { name: new RegExp(`ock ${name}$`) })
        .boundingBox();
      assert.ok(box.height >= 40 && box.x + box.width <= screen);
    }
    await shoot(`manager-phone-${colorScheme}`);
  }
});
