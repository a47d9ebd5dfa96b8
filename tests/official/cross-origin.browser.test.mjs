// The calls of Seam's components from a page of another origin, in Chromium.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";

import { build } from "esbuild";

import { OF_APP, without } from "./calls/index.mjs";
import { play } from "./play.mjs";
import { assertDescribed } from "./recorded.mjs";
import { LOCK } from "./seed.mjs";
import { startWorld } from "./world.mjs";
import { launch } from "../support/browser.mjs";
import { components } from "../support/components.mjs";
import { servePage } from "../support/plain-page.mjs";
import { temporaryFolder } from "../support/temporary-folder.mjs";

/** What is newer than the client on which the components stand. */
const NEWER = [
  "/locks/configure_auto_lock",
  "/user_identities/list_accessible_entrances",
];

let browser;
let folder;
let server;
before(async (t) => {
  folder = temporaryFolder(t);
  await build({
    entryPoints: [fileURLToPath(new URL("in-page.mjs", import.meta.url))],
    bundle: true,
    format: "iife",
    outfile: join(folder, "page.js"),
  });
  [browser, server] = await Promise.all([
    launch(),
    servePage(pathToFileURL(`${folder}/`)),
  ]);
});
after(async () => {
  server?.close();
  await browser?.close();
});

/** A page with the client, and a sandbox of another origin. */
async function open(t) {
  const world = await startWorld(t);
  const page = await browser.newPage();
  t.after(() => page.close());
  await page.goto(server.url);
  await page.addScriptTag({ url: "/page.js" });
  assert.notEqual(new URL(server.url).origin, world.endpoint);
  const { endpoint, token, walk_in_token } = world;
  await page.evaluate((it) => globalThis.signIn(it), {
    endpoint,
    token,
    walk_in_token,
  });
  return { page, world };
}

/** The routes that the components call by the client's methods, as their source has them. */
function calledByComponents() {
  const source = `${components}node_modules/@seamapi/react/lib/`;
  const paths = new Set();
  for (const file of readdirSync(source, { recursive: true })) {
    if (!file.endsWith(".js")) continue;
    const text = readFileSync(join(source, file), "utf8");
    for (const [, names] of text.matchAll(/\bclient\.((?:\w+\.)+\w+)\(/g)) {
      const snake = names.replace(/[A-Z]/g, (it) => `_${it.toLowerCase()}`);
      paths.add(`/${snake.replaceAll(".", "/")}`);
    }
    for (const [, path] of text.matchAll(/\buseSeam\w+\('([^']+)'/g))
      paths.add(path);
  }
  return [...paths].sort();
}

test("every call that Seam's components make succeeds from a page of another origin, after its preflight", async (t) => {
  const called = calledByComponents();
  assert.equal(called.length, 25, called.join("\n"));

  const { page, world } = await open(t);
  const call = (...args) =>
    page.evaluate((args) => globalThis.call(...args), args);
  await play(without(OF_APP, NEWER), call, world.ids);

  const { origin } = new URL(server.url);
  const preflights = new Map();
  const done = new Set();
  for (const it of world.exchanges) {
    assert.equal(it.sent.origin, origin, it.path);
    assert.equal(it.headers.get("access-control-allow-origin"), origin);
    assert.equal(it.headers.get("access-control-allow-credentials"), "true");
    if (it.method === "OPTIONS") preflights.set(it.path, it);
    else {
      assert.ok(preflights.has(it.path), `no preflight of ${it.path}`);
      if (it.status === 200) done.add(it.path);
    }
  }
  assert.deepEqual(
    called.filter((path) => !done.has(path)),
    [],
  );
  // Each preflight asked for what the client sends, and was told that it may.
  for (const { sent, headers } of preflights.values()) {
    const wanted = sent["access-control-request-headers"].split(",");
    assert.ok(wanted.includes("client-session-token"));
    const allowed = headers.get("access-control-allow-headers").split(", ");
    assert.deepEqual(
      wanted.filter((name) => !allowed.includes(name)),
      [],
    );
  }
  assertDescribed(world.exchanges.filter((it) => it.method !== "OPTIONS"));
});

test("an access code is made by its path, as the form of the components does", async (t) => {
  const { page, world } = await open(t);
  const code = await page.evaluate(
    (device_id) =>
      globalThis.endpoints["/access_codes/create"]({ device_id, name: "Form" }),
    LOCK,
  );
  assert.equal(code.name, "Form");
  assert.equal(code.device_id, LOCK);
  assert.deepEqual(
    world.exchanges.map((it) => it.method),
    ["OPTIONS", "POST"],
  );
});

test("a page signs in with the publishable key, and stays within the user's scope", async (t) => {
  const { page, world } = await open(t);
  const found = await page.evaluate(
    async ([key, endpoint]) => {
      const seam = await globalThis.SeamHttp.fromPublishableKey(key, "ada", {
        endpoint,
      });
      return [await seam.clientSessions.get(), await seam.devices.list()];
    },
    [world.publishable_key, world.endpoint],
  );
  const [session, devices] = found;
  assert.equal(session.client_session_id, world.ids.session);
  assert.ok(devices.some((it) => it.device_id === LOCK));
  const [preflight, signIn] = world.exchanges;
  assert.equal(preflight.method, "OPTIONS");
  assert.equal(signIn.path, "/client_sessions/get_or_create");
  assert.equal(signIn.sent["seam-publishable-key"], world.publishable_key);
  assert.equal(signIn.sent.authorization, undefined);
});

test("a page reads the catalogue, and the sandbox accepts the telemetry of components", async (t) => {
  const { page, world } = await open(t);
  const statuses = await page.evaluate(async (endpoint) => {
    const paths = ["manufacturers", "device_models"].flatMap((it) => [
      `/internal/devicedb/v1/${it}/list`,
      `/internal/devicedb/v1/${it}/get`,
    ]);
    const asked = paths.map((path) =>
      globalThis.client.get(path).then(
        ({ status }) => status,
        ({ statusCode }) => statusCode,
      ),
    );
    // The components tell Seam what they do, by a request without a credential.
    const telemetry = fetch(`${endpoint}/internal/tlmtry`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: "{}",
    }).then(({ status }) => status);
    return await Promise.all([...asked, telemetry]);
  }, world.endpoint);
  assert.deepEqual(statuses, [200, 400, 200, 400, 204]);
});
