// Chromium, Firefox and WebKit through WebDriver, the one protocol that all three have: only what
// opening a page and running code in it needs.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { homedir } from "node:os";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { CHROMIUM_ARGUMENTS } from "./browser.mjs";
import { killPidOnExit, killOnExit } from "./children.mjs";
import { freePort } from "./server.mjs";

const { env } = process;
const display = fileURLToPath(
  new URL("../../xtask/src/display.sh", import.meta.url),
);
const tools = env.SEAM_SESSION_TOOLS ?? `${homedir()}/.cache/seam-session`;

/** The driver of each engine, and its capabilities. */
const ENGINES = {
  Chromium: {
    driver: env.CHROMEDRIVER || "chromedriver",
    options: {
      "goog:chromeOptions": {
        binary: env.CHROMIUM || "/usr/bin/chromium",
        args: [...CHROMIUM_ARGUMENTS, "--ignore-certificate-errors"],
      },
    },
  },
  Firefox: {
    driver: env.GECKODRIVER || `${tools}/bin/geckodriver`,
    options: {
      "moz:firefoxOptions": {
        args: ["-headless"],
        ...(env.FIREFOX && { binary: env.FIREFOX }),
      },
    },
  },
  WebKit: {
    driver: env.WEBKIT_DRIVER || "WebKitWebDriver",
    options: {},
    needsDisplay: process.platform !== "darwin",
  },
};

export const engines = Object.keys(ENGINES);

/**
 * Starts a browser that accepts self-signed certificates. Returns `open(url)`, `back()`,
 * `run(asyncFunction, argument)`, which runs in the page, `minimize()` and `restore()`, which hide and
 * show its window, `page()`, which opens another window and returns its handle, `turn(page)`, which
 * switches to that window, `pages()`, `closePage()`, and `close()`.
 */
export async function startBrowser(engine) {
  const { driver, options, needsDisplay } = ENGINES[engine];
  const children = [];
  const start = (...what) => {
    const child = spawn(...what);
    killOnExit(child);
    children.push(child);
    return child;
  };
  const screen = needsDisplay ? await startScreen(start) : {};
  const port = await freePort();
  const running = start(driver, [`--port=${port}`], {
    env: { ...env, ...screen },
    stdio: "ignore",
  });
  const command = async (method, path, body) => {
    const response = await fetch(`http://127.0.0.1:${port}/session${path}`, {
      method,
      headers: { "content-type": "application/json" },
      ...(body && { body: JSON.stringify(body) }),
    });
    const { value } = await response.json();
    if (!response.ok) throw new Error(`${engine}: ${value.message}`);
    return value;
  };

  await listening(port, running, driver);
  const { sessionId, capabilities } = await command("POST", "", {
    capabilities: { alwaysMatch: { ...options, acceptInsecureCerts: true } },
  });
  // Chromium outlives a driver that is ended by a signal.
  const letGo = killPidOnExit(capabilities["goog:processID"]);
  const inPage = (method, path, body) =>
    command(method, `/${sessionId}${path}`, body);
  await inPage("POST", "/timeouts", { script: 60_000 });

  return {
    open: (url) => inPage("POST", "/url", { url }),
    back: () => inPage("POST", "/back", {}),
    async run(work, argument = null) {
      const { value, error } = await inPage("POST", "/execute/async", {
        script: `(${runInPage})(...arguments)`,
        args: [String(work), argument],
      });
      if (error !== undefined) throw new Error(`${engine}: ${error}`);
      return value;
    },
    minimize: () => inPage("POST", "/window/minimize", {}),
    restore: () => inPage("POST", "/window/rect", { width: 800, height: 600 }),
    page: async () =>
      (await inPage("POST", "/window/new", { type: "window" })).handle,
    pages: () => inPage("GET", "/window/handles"),
    turn: (handle) => inPage("POST", "/window", { handle }),
    closePage: () => inPage("DELETE", "/window"),
    async close() {
      await command("DELETE", `/${sessionId}`).then(letGo, () => {});
      for (const child of children.reverse()) {
        if (child.exitCode !== null || child.signalCode !== null) continue;
        const exit = once(child, "exit");
        // The screen ends when its standard input closes; it ignores signals.
        if (child.stdin) child.stdin.end();
        else child.kill();
        await exit;
      }
    },
  };
}

/**
 * Runs in the page and adds a script element for the work: in Firefox, scripts of a driver have other
 * globals than the page.
 */
function runInPage(work, argument, done) {
  const page = document.documentElement;
  page.addEventListener("done", () => done(JSON.parse(page.dataset.done)), {
    once: true,
  });
  const script = document.createElement("script");
  script.textContent = `(${work})(${JSON.stringify(argument)})
    .then((value) => ({ value }), (error) => ({ error: error + " " + error?.stack }))
    .then((result) => {
      const page = document.documentElement;
      page.dataset.done = JSON.stringify(result);
      page.dispatchEvent(new Event("done"));
    });`;
  document.head.append(script);
  script.remove();
}

async function startScreen(start) {
  const screen = start("sh", [display], {
    stdio: ["pipe", "pipe", "ignore"],
  });
  const lines = createInterface({ input: screen.stdout });
  const [number] = await Promise.race([
    once(lines, "line"),
    once(lines, "close").then(() => {
      throw new Error("Xvfb did not start");
    }),
  ]);
  return {
    DISPLAY: `:${number}`,
    NO_AT_BRIDGE: "1",
    WEBKIT_DISABLE_COMPOSITING_MODE: "1",
  };
}

/** Polls the driver until it responds. */
async function listening(port, running, driver) {
  let failure;
  running.once("error", (error) => (failure = error));
  running.once("exit", (code) => (failure ??= new Error(`it ended: ${code}`)));
  const end = Date.now() + 20_000;
  while (Date.now() < end && !failure) {
    try {
      const { ok } = await fetch(`http://127.0.0.1:${port}/status`);
      if (ok) return;
    } catch {
      // Not yet.
    }
    await sleep(50);
  }
  throw new Error(`${driver} does not answer`, { cause: failure });
}
