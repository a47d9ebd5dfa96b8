// The sandbox beside Seam's own fake: each a process of its own, asked in turn
// in one run. What counts is the ratio. `cargo xtask bench sandbox` prints it.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { load } from "./load.mjs";
import { freePort, startServer } from "./server.mjs";

const CONNECTIONS = 8;
const ROUND_MS = 1_000;
const ROUNDS = 7;
const STARTS = 5;

const root = fileURLToPath(new URL("..", import.meta.url));
const require = createRequire(`${root}tests/package.json`);
const fakeServer = fileURLToPath(
  new URL(
    "server.js",
    `file://${require.resolve("@seamapi/fake-seam-connect")}`,
  ),
);

const running = [];
process.once("exit", () => running.forEach((it) => it.kill("SIGKILL")));

/** The sandbox with these arguments. */
async function sandbox(args) {
  const port = await freePort();
  const cli = `${root}pkg/dist/cli.js`;
  const server = await startServer(
    [cli, "sandbox", "--json", "--port", String(port), ...args],
    port,
  );
  running.push(server.process);
  return { ...server, info: JSON.parse(await server.line) };
}

/** Seam's own fake with its default seed. */
async function fake() {
  const port = await freePort();
  const server = await startServer([fakeServer, "--seed"], port, {
    PORT: String(port),
  });
  running.push(server.process);
  return server;
}

function stop({ process }) {
  process.kill("SIGKILL");
}

/** A `devices/list` for {@link load} to send. */
function list(port, headers) {
  const lines = Object.entries({ host: `127.0.0.1:${port}`, ...headers });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  return {
    port,
    request: `GET /devices/list HTTP/1.1\r\n${head}\r\n`,
    connections: CONNECTIONS,
    ms: ROUND_MS,
  };
}

async function devicesOf({ port }, headers) {
  const url = `http://127.0.0.1:${port}/devices/list`;
  const response = await fetch(url, { headers });
  const text = await response.text();
  if (!response.ok) throw new Error(`${url}: ${response.status} ${text}`);
  return { count: JSON.parse(text).devices.length, bytes: text.length };
}

const median = (list) => list.sort((x, y) => x - y)[list.length >> 1];

/** Loads both in turn; medians of requests a second, and of their ratio. */
async function race(a, b) {
  for (const one of [a, b]) await load({ ...one, ms: 2 * ROUND_MS });
  const [ofA, ofB, ratios] = [[], [], []];
  for (let round = 0; round < ROUNDS; round += 1) {
    ofA.push(await load(a));
    ofB.push(await load(b));
    ratios.push(ofA[round] / ofB[round]);
  }
  return { a: median(ofA), b: median(ofB), ratio: median(ratios) };
}

/** Resident memory in MB. */
function memory({ process }) {
  const args = ["-o", "rss=", "-p", String(process.pid)];
  return Number(execFileSync("ps", args, { encoding: "utf8" })) / 1024;
}

/** Two users: one of `devices` devices, whose session was granted five. */
async function grantedFive(folder, devices) {
  const names = Array.from({ length: devices }, (_, n) => `Door ${n}`);
  const file = join(folder, `${devices}.json`);
  const seed = {
    devices: names.map((display_name) => ({
      device_type: "august_lock",
      display_name,
    })),
    user_identities: [{ user_identity_key: "a", devices: names.slice(0, 5) }],
    client_sessions: [{ user_identity_key: "a" }],
  };
  writeFileSync(file, JSON.stringify(seed));
  const server = await sandbox(["--seed", file]);
  const headers = { "client-session-token": server.info.client_session_token };
  const { count } = await devicesOf(server, headers);
  if (count !== 5) throw new Error(`${count} devices, not 5`);
  return { server, load: list(server.port, headers) };
}

const rows = [];
function row(what, ours, theirs, ratio, target, holds) {
  const verdict = holds ? "yes" : "NO";
  rows.push({ what, ours, theirs, ratio, target, "holds?": verdict });
}

const theirs = await fake();
const theirKey = { authorization: "Bearer seam_apikey1_token" };
const { count, bytes } = await devicesOf(theirs, theirKey);
const ours = await sandbox(["--devices", String(count)]);
const ourKey = { authorization: `Bearer ${ours.info.api_key}` };
const own = await devicesOf(ours, ourKey);
if (own.count !== count) throw new Error(`${own.count} devices, not ${count}`);

const speed = await race(list(ours.port, ourKey), list(theirs.port, theirKey));
row(
  `devices/list of ${count}, requests a second (${own.bytes} and ${bytes} bytes)`,
  speed.a.toFixed(0),
  speed.b.toFixed(0),
  speed.ratio.toFixed(1),
  "at least 4",
  speed.ratio >= 4,
);
const [held, theirHeld] = [memory(ours), memory(theirs)];
row(
  "resident memory after that, MB",
  held.toFixed(0),
  theirHeld.toFixed(0),
  (held / theirHeld).toFixed(2),
  "below 1",
  held < theirHeld,
);
stop(ours);
stop(theirs);

const [startOurs, startTheirs, startRatios] = [[], [], []];
for (let nth = 0; nth < STARTS; nth += 1) {
  const one = await sandbox([]);
  const other = await fake();
  startOurs.push(one.startMs);
  startTheirs.push(other.startMs);
  startRatios.push(one.startMs / other.startMs);
  stop(one);
  stop(other);
}
const start = median(startRatios);
row(
  "start to answering, ms",
  median(startOurs).toFixed(0),
  median(startTheirs).toFixed(0),
  start.toFixed(3),
  "below 0.1",
  start < 0.1,
);

const folder = mkdtempSync(join(tmpdir(), "seam-session-bench-"));
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
const few = await grantedFive(folder, 10);
const many = await grantedFive(folder, 10_000);
const scoped = await race(many.load, few.load);
row(
  "5 granted devices of 10,000 and of 10, requests a second",
  scoped.a.toFixed(0),
  scoped.b.toFixed(0),
  scoped.ratio.toFixed(2),
  "at least 0.8",
  scoped.ratio >= 0.8,
);

console.log(
  `On ${process.version}, ${CONNECTIONS} connections, medians of ${ROUNDS} rounds in turn. The last row holds ours against ours.`,
);
console.table(rows);
process.exit(0);
