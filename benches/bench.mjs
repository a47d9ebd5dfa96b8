// Ours beside the official SDK, in turn, in one process, against one server;
// what counts is the ratio. `cargo xtask bench` prints it.
import { createServer } from "node:http";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

import { createRequire } from "node:module";

const root = fileURLToPath(new URL("..", import.meta.url));
const { Seam } = await import(`${root}pkg/dist/index.js`);
const require = createRequire(`${root}tests/package.json`);
const { SeamHttp } = await import(require.resolve("@seamapi/http"));
const { Sandbox } = await import(`${root}pkg/dist/sandbox.js`);

/** Runs a then b, over and over; gives the medians in milliseconds and of b / a. */
async function race(runs, a, b) {
  const time = async (run) => {
    const start = performance.now();
    await run();
    return performance.now() - start;
  };
  for (let nth = 0; nth < 5; nth += 1) {
    await a();
    await b();
  }
  const ours = [];
  const theirs = [];
  const ratios = [];
  for (let nth = 0; nth < runs; nth += 1) {
    ours.push(await time(a));
    theirs.push(await time(b));
    ratios.push(theirs[nth] / ours[nth]);
  }
  const median = (list) => list.sort((x, y) => x - y)[list.length >> 1];
  return {
    "ours, ms": median(ours).toFixed(3),
    "official, ms": median(theirs).toFixed(3),
    "official / ours": median(ratios).toFixed(2),
  };
}

/** Serves one body for whatever is asked. */
async function serve(body) {
  const server = createServer((request, response) => {
    request.resume().on("end", () => {
      response.writeHead(200, { "content-type": "application/json" }).end(body);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    endpoint: `http://127.0.0.1:${server.address().port}`,
    close: () => (server.close(), server.closeAllConnections()),
  };
}

async function devices(count) {
  const { info, fetch } = await Sandbox.create({ devices: count });
  const response = await fetch(`${info.endpoint}/devices/list?limit=${count}`, {
    headers: { authorization: `Bearer ${info.api_key}` },
  });
  return response.text();
}

const token = "seam_cst1bench_bench";
const table = {};
for (const [name, count, runs] of [
  ["devices.list of 1", 1, 400],
  ["devices.list of 500", 500, 60],
  ["devices.list of 10,000", 10_000, 12],
]) {
  const body = await devices(count);
  const { endpoint, close } = await serve(body);
  const ours = Seam.fromClientSessionToken(token, { endpoint });
  const official = SeamHttp.fromClientSessionToken(token, { endpoint });
  const check = async (request) => {
    const { length } = await request;
    if (length !== count) throw new Error(`${length} devices, not ${count}`);
  };
  table[`${name}, ${(body.length / 1024).toFixed(0)} KB`] = await race(
    runs,
    () => check(ours.devices.list()),
    () => check(official.devices.list()),
  );
  close();
}
console.log(
  `Over loopback on ${process.version}, medians of pairs run in turn; above 1 ours is faster.`,
);
console.table(table);
