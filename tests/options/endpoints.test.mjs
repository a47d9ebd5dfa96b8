// Which endpoints a client accepts, and where its requests go.
import assert from "node:assert/strict";
import { test } from "node:test";

import { rejected } from "../support/errors.mjs";
import { entry, Seam } from "../support/installed.mjs";
import { runModule } from "../support/process.mjs";

/** Where a client with this endpoint sends its first request. */
async function target(endpoint) {
  let url;
  const fetch = async (request) => {
    ({ url } = request);
    return Response.json({ devices: [], ok: true });
  };
  await Seam.fromClientSessionToken("seam_cst1a_b", {
    endpoint,
    fetch,
  }).devices.list();
  return url;
}

/** Runs `run` in a page with this address. */
async function inPage(baseURI, run) {
  globalThis.document = { baseURI };
  try {
    return await run();
  } finally {
    delete globalThis.document;
  }
}

test("an endpoint may have any case, an IPv6 address, an underscore, or a name below localhost", async () => {
  for (const [endpoint, expected] of [
    ["HTTPS://Seam.Test", "https://seam.test/devices/list"],
    ["https://seam_proxy.test", "https://seam_proxy.test/devices/list"],
    ["https://[fd00::1]:8443/x", "https://[fd00::1]:8443/x/devices/list"],
    ["http://app.localhost:3020", "http://app.localhost:3020/devices/list"],
    ["http://[::1]:3020", "http://[::1]:3020/devices/list"],
  ]) {
    assert.equal(await target(endpoint), expected);
  }
});

test("a path is relative to the page, and held to https or loopback like any other endpoint", async () => {
  for (const [page, endpoint, expected] of [
    ["https://app.test/a/b", "/api", "https://app.test/api/devices/list"],
    ["https://app.test/a/b", "./api", "https://app.test/a/api/devices/list"],
    ["https://app.test/a/b", "../api/", "https://app.test/api/devices/list"],
    [
      "http://localhost:5173/",
      "/api",
      "http://localhost:5173/api/devices/list",
    ],
  ]) {
    assert.equal(await inPage(page, () => target(endpoint)), expected);
  }
  for (const [page, endpoint] of [
    ["http://app.test/", "/api"],
    ["about:srcdoc", "/api"],
    ["https://app.test/", "//evil.test"],
    ["https://app.test/", "/\\evil.test"],
    ["https://app.test/", "/\t/evil.test/x"],
    ["https://app.test/", "/\n\\evil.test"],
    ["https://app.test/", "/\r//evil.test"],
    ["https://app.test/", "connect.getseam.com"],
  ]) {
    const error = await inPage(page, () => rejected(target(endpoint)));
    assert.equal(error.code, "invalid_endpoint", `${page} ${endpoint}`);
    assert.equal(error.outcome, "not_sent");
  }
});

test("a relative endpoint is resolved once, when the client is made", async () => {
  const urls = [];
  const fetch = async (request) => {
    urls.push(request.url);
    return Response.json({
      client_session: { client_session_id: "s", user_identity_id: "u" },
      devices: [],
      ok: true,
    });
  };
  const seam = await inPage("https://app.test/rooms/", () =>
    Seam.fromClientSessionToken("seam_cst1a_b", { endpoint: "./seam", fetch }),
  );
  await inPage("https://app.test/other/page/", async () => {
    await seam.updateClientSessionToken("seam_cst1b_c");
    await seam.devices.list();
  });
  assert.ok(urls.length > 1);
  for (const url of urls)
    assert.ok(url.startsWith("https://app.test/rooms/seam/"), url);
});

test("outside a page a path is refused as endpoint", async () => {
  const error = await rejected(target("/api"));
  assert.equal(error.code, "invalid_endpoint");
  assert.match(error.message, /must begin with https:/);
});

test("the URL of a request to an endpoint that is none is a coded error", () => {
  const seam = Seam.fromClientSessionToken("seam_cst1a_b", { endpoint: "no" });
  assert.throws(() => seam.devices.list().url, { code: "invalid_endpoint" });
});

/** The URL of a request in a Node with these variables, and what that Node warns of. */
const urlIn = async (env, endpoint) => {
  const script = `const { Seam } = await import(${JSON.stringify(entry("seam-session"))});
    const options = ${JSON.stringify(endpoint === undefined ? {} : { endpoint })};
    console.log(Seam.fromApiKey("seam_a_b", options).devices.list().url.href);`;
  const { stdout, stderr } = await runModule(script, {
    // A request of which only the URL is read is not awaited, which warns elsewhere.
    env: { ...process.env, NODE_ENV: "production", ...env },
  });
  return [stdout, stderr];
};

test("SEAM_API_URL is honoured with a warning, unless something else says where to", async () => {
  const SEAM_API_URL = "https://old.test";
  const [old, warning] = await urlIn({ SEAM_API_URL });
  assert.equal(old, "https://old.test/devices/list");
  assert.match(warning, /SEAM_API_URL is deprecated.*SEAM_ENDPOINT/);
  const SEAM_ENDPOINT = "https://new.test";
  assert.deepEqual(await urlIn({ SEAM_API_URL, SEAM_ENDPOINT }), [
    "https://new.test/devices/list",
    "",
  ]);
  assert.deepEqual(await urlIn({ SEAM_API_URL }, "https://own.test"), [
    "https://own.test/devices/list",
    "",
  ]);
});

test("an environment that may not be read counts as empty, as in Deno without that permission", async () => {
  const { env } = process;
  process.env = new Proxy(
    {},
    {
      get() {
        throw new Error("NotCapable");
      },
    },
  );
  try {
    const seam = Seam.fromClientSessionToken("seam_cst1a_b");
    assert.equal(seam.devices.list().url.host, "connect.getseam.com");
    assert.throws(() => new Seam(), { code: "invalid_options" });
  } finally {
    process.env = env;
  }
});
