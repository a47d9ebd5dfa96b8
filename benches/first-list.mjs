// From navigation to the first list of devices on the screen, ours beside the
// official SDK's, in turn, in one Chromium. `cargo xtask bench load` prints it.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { loadavg } from "node:os";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { launch } from "../tests/support/browser.mjs";
import { killOnExit } from "../tests/support/children.mjs";
import { serve } from "./first-list/serve.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));

/** A slow phone's connection: 1.6 Mbit/s both ways, and 150 ms to each answer. */
const SLOW = {
  offline: false,
  latency: 150,
  downloadThroughput: 1_600_000 / 8,
  uploadThroughput: 1_600_000 / 8,
};

/** How many pairs of loads are run over each connection; `PAIRS` for others. */
const PAIRS = Number(process.env.PAIRS ?? 40);

const CONNECTIONS = {
  unthrottled: undefined,
  "1.6 Mbit/s, 150 ms": SLOW,
};

/** The first is what counts; of the main thread the time that it computed, not what it waited. */
const MEASURES = {
  "list shown": (it) => it.shown,
  "main thread, CPU": (it) => it.busy,
  "of that in scripts": (it) => it.scripts,
  "blocked by long tasks": (it) => it.blocked,
};

const sandbox = await startSandbox();
const at = { endpoint: sandbox.endpoint, token: sandbox.client_session_token };
const official = "@seamapi/http";
/** Theirs asks by GET and ours by POST: theirs is measured by POST too, to see what that makes. */
const server = await serve({
  ours: { sdk: `${root}pkg/dist/index.js`, at },
  official: { sdk: official, at },
  "official-by-post": { sdk: official, at: { ...at, post: true } },
});
const browser = await launch();

console.log(`Scripts, brotli: ${JSON.stringify(server.transferred)} bytes.`);
const table = {};
for (const [connection, conditions] of Object.entries(CONNECTIONS)) {
  const visits = { cold: [], warm: [] };
  for (let nth = 0; nth < PAIRS + 1; nth += 1) {
    // Whoever goes second finds the machine warmer: they take turns.
    const names = Object.keys(server.transferred);
    if (nth % 2) names.reverse();
    const pair = { cold: {}, warm: {} };
    for (const name of names) await visit(name, conditions, pair);
    // The first pair warms up Chromium and the sandbox.
    if (nth > 0)
      for (const cache of ["cold", "warm"]) visits[cache].push(pair[cache]);
  }
  for (const [cache, all] of Object.entries(visits)) {
    for (const [measure, of] of Object.entries(MEASURES)) {
      table[`${connection}, ${cache}: ${measure}`] = compare(all, of);
    }
    const { "list shown": shown } = MEASURES;
    table[`${connection}, ${cache}: list shown, theirs by POST`] = compare(
      all.map((it) => ({ ...it, official: it["official-by-post"] })),
      shown,
    );
  }
}
await browser.close();
server.close();
sandbox.stop();
console.log(
  `Medians of ${PAIRS} pairs run in turn, and of their ratios, with the range that the latter is in with 95 % certainty; below 1 ours is faster. A busy machine spoils the times, less so the CPU's: its load was ${loadavg()[0].toFixed(1)}.`,
);
console.table(table);

/** One browser's cold load, and a warm one of its cache, once that has compiled code in it. */
async function visit(name, conditions, pair) {
  const context = await browser.newContext();
  const before = server.asked[name];
  pair.cold[name] = await load(context, name, conditions);
  await load(context, name, undefined);
  pair.warm[name] = await load(context, name, conditions);
  if (server.asked[name] !== before + 1)
    throw new Error("the cache was not used as it should be");
  await context.close();
}

/** Loads a page; times in milliseconds. */
async function load(context, name, conditions) {
  const page = await context.newPage();
  let tell;
  const shown = new Promise((resolve) => (tell = resolve));
  await page.exposeFunction("shown", (time, devices) =>
    tell({ time, devices }),
  );
  page.on("pageerror", (error) => console.error(error));
  const cdp = await context.newCDPSession(page);
  await cdp.send("Performance.enable", { timeDomain: "threadTicks" });
  await cdp.send("Network.enable");
  if (conditions)
    await cdp.send("Network.emulateNetworkConditions", conditions);
  await page.goto(`${server.origin}/${name}`, { waitUntil: "commit" });
  const { time, devices } = await shown;
  if (devices !== 1) throw new Error(`${devices} devices, not 1`);
  const { metrics } = await cdp.send("Performance.getMetrics");
  const seconds = Object.fromEntries(metrics.map((it) => [it.name, it.value]));
  const longTasks = await page.evaluate(() => globalThis.longTasks);
  await page.close();
  return {
    shown: time,
    busy: seconds.TaskDuration * 1000,
    scripts: seconds.ScriptDuration * 1000,
    blocked: longTasks.reduce((sum, it) => sum + Math.max(0, it - 50), 0),
  };
}

function compare(pairs, of) {
  const ours = median(pairs.map((pair) => of(pair.ours)));
  const official = median(pairs.map((pair) => of(pair.official)));
  const ratios = pairs.map((pair) => of(pair.ours) / of(pair.official));
  // Where there is often nothing, there is nothing to divide by.
  const are = ratios.every(Number.isFinite);
  return {
    "ours, ms": ours.toFixed(1),
    "official, ms": official.toFixed(1),
    "ours / official": are ? median(ratios).toFixed(3) : "",
    "95 % certain": are ? certain(ratios) : "",
  };
}

/**
 * The range that a median lies in with 95 % certainty, whatever the values' distribution: as many
 * of the values are left out at either end as of so many tossed coins are nearly never heads.
 */
function certain(values) {
  const sorted = values.toSorted((x, y) => x - y);
  const { length } = sorted;
  const out = Math.max(0, Math.floor(length / 2 - 0.98 * Math.sqrt(length)));
  return `${sorted[out].toFixed(2)} to ${sorted[length - 1 - out].toFixed(2)}`;
}

function median(values) {
  return values.toSorted((x, y) => x - y)[values.length >> 1];
}

async function startSandbox() {
  const child = spawn(process.execPath, [
    `${root}pkg/dist/cli.js`,
    ...["sandbox", "--port", "0", "--json"],
  ]);
  killOnExit(child);
  const [line] = await once(createInterface({ input: child.stdout }), "line");
  return { ...JSON.parse(line), stop: () => child.kill() };
}
