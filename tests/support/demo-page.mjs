// The demo page in Chromium, with all of its traffic recorded.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { killOnExit } from "./children.mjs";
import { SEED } from "./demo.mjs";

const shots = fileURLToPath(
  new URL("../../target/screenshots/", import.meta.url),
);
const cli = fileURLToPath(new URL("../../pkg/dist/cli.js", import.meta.url));

mkdirSync(shots, { recursive: true });

/**
 * Returns the API key of a running demo, which keeps it secret: another sandbox with the same seed has
 * the same key.
 */
export async function keyOf(endpoint, count = 8) {
  const other = spawn(process.execPath, [
    cli,
    "sandbox",
    "--port",
    "0",
    "--json",
    "--random-seed",
    String(SEED),
  ]);
  killOnExit(other);
  const [line] = await once(createInterface({ input: other.stdout }), "line");
  other.kill();
  const { api_key } = JSON.parse(line);
  const params = { limit: count };
  const { devices } = await call(endpoint, api_key, "/devices/list", params);
  assert.equal(devices.length, count);
  return api_key;
}

/** Sends one request to the sandbox, as the back end does. */
export async function call(endpoint, key, path, params = {}) {
  const response = await fetch(endpoint + path, {
    method: "POST",
    headers: {
      authorization: `Bearer ${key}`,
      "content-type": "application/json",
    },
    body: JSON.stringify(params),
  });
  const body = await response.json();
  assert.equal(response.status, 200, JSON.stringify(body));
  return body;
}

/**
 * Returns a new page that is not open yet. After the test it is checked that the API key never reached
 * the browser, that there was no console error or policy violation that `expected` does not name, and
 * that each app sent only its own token. `endpoints` are those of the sandbox; a test may add more.
 */
export async function newPage(t, browser, { address, endpoints }, key, more) {
  const { expected = [], ...options } = more ?? {};
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const seen = {
    complaints: [],
    scripts: [],
    texts: [],
    requests: [],
    sessions: new Map(),
  };
  const bodies = [];

  page.on("console", (message) => {
    if (!["error", "warning"].includes(message.type())) return;
    const line = `${message.text()} ${message.location().url}`;
    if (!expected.some((pattern) => pattern.test(line)))
      seen.complaints.push(line);
  });
  page.on("pageerror", (error) => seen.complaints.push(String(error)));
  await page.addInitScript(() => {
    globalThis.violations = [];
    addEventListener("securitypolicyviolation", (event) =>
      globalThis.violations.push(
        `${event.violatedDirective} ${event.blockedURI}`,
      ),
    );
  });
  page.on("request", (request) => {
    bodies.push(
      allHeaders(request).then((headers) => {
        const url = new URL(request.url());
        const one = { url, headers, body: request.postData() ?? "" };
        seen.requests.push(one);
        seen.texts.push(request.url(), JSON.stringify(headers), one.body);
      }),
    );
  });
  page.on("response", (response) => {
    bodies.push(
      // A cancelled response has no body.
      response
        .text()
        .catch(() => "")
        .then((text) => {
          const url = new URL(response.url());
          const isScript = url.pathname.endsWith(".js");
          (isScript ? seen.scripts : seen.texts).push(text);
          seen.texts.push(JSON.stringify(response.headers()));
          if (!/^\/api\/(manager\/)?session$/.test(url.pathname) || !text)
            return;
          const { client_session_token } = JSON.parse(text);
          const { user } = response.request().postDataJSON();
          seen.sessions.set(client_session_token, user);
        }),
    );
  });

  const check = async () => {
    seen.complaints.push(...(await page.evaluate(() => globalThis.violations)));
    seen.texts.push(
      await page.content(),
      JSON.stringify(await context.storageState({ indexedDB: true })),
      await page.evaluate(() =>
        JSON.stringify([
          { ...localStorage },
          { ...sessionStorage },
          document.cookie,
        ]),
      ),
    );
    // Stops the page's polling, so that the recording is complete.
    await page.goto("about:blank");
    await Promise.all(bodies);
    assert.deepEqual(seen.complaints, []);
    const texts = seen.texts.join("\n");
    const scripts = seen.scripts.join("\n");
    assert.ok(texts.includes("seam_cst"), "the recorder saw the tokens");
    assert.ok(scripts.includes("clientSessionToken"), "and the script");
    assert.equal(texts.includes(key), false, "the API key is nowhere");
    assert.equal(scripts.includes(key), false, "nor in a script");
    // Nor any other secret: everything that looks like a key is the token of an app.
    for (const [secret] of texts.matchAll(
      /seam_[a-z0-9]{4,}_[A-Za-z0-9]{16,}/gi,
    ))
      assert.ok(seen.sessions.has(secret), secret.slice(0, 12));
    const toSandbox = seen.requests.filter(({ url }) =>
      endpoints.includes(url.origin),
    );
    assert.notEqual(toSandbox.length, 0);
    for (const { url, headers } of seen.requests) {
      assert.ok([address, ...endpoints].includes(url.origin), url.href);
      assert.doesNotMatch(url.href, /seam_/);
      assert.equal(headers.cookie, undefined);
      if (url.origin === address) {
        assert.equal(headers.authorization, undefined);
        assert.equal(headers["client-session-token"], undefined);
      }
    }
    for (const { headers } of toSandbox) {
      const token = headers.authorization?.replace("Bearer ", "");
      assert.ok(seen.sessions.has(token), "its own client session token");
      assert.equal(headers["client-session-token"] ?? token, token);
    }
  };
  t.after(async () => {
    try {
      await check();
    } finally {
      await context.close();
    }
  });

  return {
    page,
    seen,
    app: (name) => page.getByRole("article", { name: `${name}’s app` }),
    toggle: (name) => page.getByRole("switch", { name, exact: true }),
    /** Opens it and waits until both apps show their list. */
    async open() {
      await page.goto(address);
      await live(page);
    },
    /** Takes a screenshot of the whole page. */
    async shoot(name) {
      await page.evaluate(() => scrollTo(0, 0));
      await page.screenshot({
        path: `${shots}${name}.png`,
        fullPage: true,
        animations: "disabled",
      });
    },
  };
}

/** Returns the headers that were sent, or would have been if the request was cancelled. */
function allHeaders(request) {
  return request.allHeaders().catch(() => request.headers());
}

/** Waits until both apps show their list. */
export async function live(page) {
  for (const name of ["Ada", "Ben"]) {
    await page
      .getByRole("article", { name: `${name}’s app` })
      .getByText("Live", { exact: true })
      .waitFor();
  }
}
