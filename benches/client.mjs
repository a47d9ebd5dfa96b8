// What the client costs beside plain fetch, JSON.parse and structural sharing, as
// ratios of one run, in Node and in headless Chromium. `cargo xtask bench client`
// prints it, and fails where a figure is above what it is to reach.
import { execFile } from "node:child_process";
import { statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { bodies, bundle } from "./client/fixture.mjs";
import { inChromium } from "./client/in-chromium.mjs";
import { onSlowPhone } from "./client/page.mjs";
import { serve } from "./client/serve.mjs";
import { inTasks } from "./client/tasks.mjs";

/** What is to be reached, at most: in Node, and in Chromium. */
const TARGETS = {
  "one small call: ours / plain fetch": [1.35, 1.15],
  "list in one body: ours / fetch and parse": [1.15, 1.15],
  "ours / parse and share": [0.25, 0.25],
  "ours / parse alone": [0.6, 0.6],
  "20 pages: ours / parse and share": [0.6, 0.6],
  "longest task / parse alone": [0.25, 0.25],
  "20 pages: longest task / parse alone": [undefined, 0.25],
  "find, µs": [500, 500],
  "slow phone: longest task of a round / parse alone": [0.25, 0.25],
  "slow phone: longest task of a fling / parse alone": [0.35, 0.35],
  "slow phone: longest task of typing / parse alone": [0.35, 0.35],
  "memory, ours / parse and share": [0.65, 0.65],
};

/** Only these, when words are given: those whose names hold one of them. */
const wanted = process.argv.slice(2);
const PARTS = ["small", "list", "times", "pages", "memory", "page"];
const parts = PARTS.filter(
  (part) => wanted.length === 0 || wanted.includes(part),
);

async function rows(measure) {
  const found = {};
  for (const part of parts) {
    if (part === "page") continue;
    Object.assign(
      found,
      part === "memory" ? await memory(measure) : await measure(part),
    );
  }
  return found;
}

async function memory(measure) {
  const pairs = [];
  for (let nth = 0; nth < 5; nth += 1) {
    pairs.push([await measure("ours"), await measure("share")]);
  }
  const of = (act) => median(pairs.map(act));
  return {
    "memory, ours, MB": of(([ours]) => ours / 2 ** 20),
    "memory, parse and share, MB": of(([, share]) => share / 2 ** 20),
    "memory, ours / parse and share": of(([ours, share]) => ours / share),
  };
}

const median = (list) => list.toSorted((x, y) => x - y)[list.length >> 1];

const scripts = {
  refresh: await bundle("refresh"),
  calls: await bundle("calls"),
};
const both = await bodies();
const { origin, close } = await serve(scripts, both);
const inNode = fileURLToPath(new URL("client/in-node.mjs", import.meta.url));
const node = await rows(async (what) => {
  const { stdout } = await promisify(execFile)(process.execPath, [
    "--expose-gc",
    ...[inNode, what, origin, ...both],
  ]);
  return JSON.parse(stdout);
});
const browser = await inChromium(origin);
const chromium = await rows(browser.measure);
if (parts.includes("pages")) {
  Object.assign(chromium, await inTasks(browser.browser, origin));
}
if (parts.includes("page")) {
  Object.assign(chromium, await onSlowPhone(browser.browser, both[0]));
}
await browser.close();
close();

const table = {};
const missed = [];
for (const name of Object.keys({ ...node, ...chromium })) {
  const targets = TARGETS[name] ?? [];
  const show = (found = NaN) =>
    Number.isNaN(found) ? "" : found.toFixed(Number.isInteger(found) ? 0 : 2);
  const found = [node[name], chromium[name]];
  found.forEach((it, nth) => {
    if (it > targets[nth])
      missed.push(`${name}: ${show(it)} > ${targets[nth]}`);
  });
  const [inNode, inBrowser] = targets;
  table[name] = {
    [`Node ${process.versions.node}`]: show(found[0]),
    [`Chromium ${browser.version}`]: show(found[1]),
    "to reach":
      inNode === inBrowser ? (inNode ?? "") : `${inNode ?? "-"}; ${inBrowser}`,
  };
}
console.log(
  `A list of 10,000 devices, ${(statSync(both[0]).size / 1e6).toFixed(1)} MB, that comes again with 1 % changed; medians.`,
);
console.table(table);
for (const line of missed) console.error(`missed: ${line}`);
if (missed.length > 0) process.exitCode = 1;
