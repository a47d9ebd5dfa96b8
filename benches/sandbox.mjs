// The sandbox beside Seam's own fake: each a process of its own, asked in turn
// in one run. What counts is the ratio. `cargo xtask bench sandbox` prints it.
import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

import { load } from "./load.mjs";
import { freePort, startServer } from "./server.mjs";

const CONNECTIONS = 8;
const ROUND_MS = 1_000;
const ROUNDS = 7;
const STARTS = 7;
const ANSWERS = 3_000;

const root = fileURLToPath(new URL("..", import.meta.url));
const require = createRequire(`${root}tests/package.json`);
const { Sandbox } = await import(`${root}pkg/dist/sandbox.js`);
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

const median = (list) => [...list].sort((x, y) => x - y)[list.length >> 1];

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

/** A workspace of so many devices, and a session that was granted five of them. */
async function grantedFive(devices) {
  const names = Array.from({ length: devices }, (_, n) => `Door ${n}`);
  const seed = {
    devices: names.map((display_name) => ({
      device_type: "august_lock",
      display_name,
    })),
    user_identities: [{ user_identity_key: "a", devices: names.slice(0, 5) }],
    client_sessions: [{ user_identity_key: "a" }],
  };
  const sandbox = await Sandbox.create({ seed });
  const headers = ["client-session-token", sandbox.info.client_session_token];
  const ask = () =>
    sandbox.handle("GET", "/devices/list", headers, new Uint8Array());
  const { devices: list } = JSON.parse(new TextDecoder().decode(ask().body));
  if (list.length !== 5) throw new Error(`${list.length} devices, not 5`);
  return ask;
}

/** Processor time of an answer, in microseconds: other processes do not count. */
function cost(ask) {
  const { user, system } = process.cpuUsage();
  for (let nth = 0; nth < ANSWERS; nth += 1) ask();
  const spent = process.cpuUsage({ user, system });
  return (spent.user + spent.system) / ANSWERS;
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

const starts = { ours: [], theirs: [] };
for (let nth = 0; nth < STARTS; nth += 1) {
  for (const [whose, begin] of [
    ["ours", () => sandbox([])],
    ["theirs", fake],
  ]) {
    const server = await begin();
    starts[whose].push(server.startMs);
    stop(server);
  }
}
const [startOurs, startTheirs] = [median(starts.ours), median(starts.theirs)];
const start = startOurs / startTheirs;
row(
  "start to answering, ms",
  startOurs.toFixed(0),
  startTheirs.toFixed(0),
  start.toFixed(3),
  "at most 0.50",
  start <= 0.5,
);

const few = await grantedFive(10);
const many = await grantedFive(10_000);
const costs = { few: [], many: [], ratios: [] };
for (const ask of [few, many]) cost(ask);
for (let round = 0; round < ROUNDS; round += 1) {
  costs.few.push(cost(few));
  costs.many.push(cost(many));
  costs.ratios.push(costs.many[round] / costs.few[round]);
}
const scoped = median(costs.ratios);
row(
  "a list of 5 granted devices of 10,000, and of 10, µs of processor time",
  median(costs.many).toFixed(1),
  median(costs.few).toFixed(1),
  scoped.toFixed(2),
  "at most 1.2",
  scoped <= 1.2,
);

console.log(
  `On ${process.version}, ${CONNECTIONS} connections, medians of ${ROUNDS} rounds in turn. The last row holds ours against ours, in this process.`,
);
console.table(rows);
process.exit(0);
