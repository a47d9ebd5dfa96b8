// What a client that keeps a list fresh costs, as ratios of one run, in Node
// and in headless Chromium. `cargo xtask bench client` prints it, and fails
// where a ratio is above what it is to reach.
import { execFileSync } from "node:child_process";
import { statSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { bodies, bundle } from "./client/fixture.mjs";
import { inChromium } from "./client/in-chromium.mjs";

/** What is to be reached, at most. */
const TARGETS = {
  "ours / parse and share": 0.25,
  "ours / parse alone": 0.6,
  "longest task / parse alone": 0.25,
  "memory, ours / parse and share": 0.65,
};

async function rows(measure) {
  const row = await measure("times");
  const [ours, share] = [await measure("ours"), await measure("share")];
  const megabytes = (bytes) => bytes / 2 ** 20;
  return {
    ...row,
    "memory, ours, MB": megabytes(ours),
    "memory, parse and share, MB": megabytes(share),
    "memory, ours / parse and share": ours / share,
  };
}

const script = await bundle("refresh");
const both = await bodies();
const inNode = fileURLToPath(new URL("client/in-node.mjs", import.meta.url));
const node = await rows((what) =>
  JSON.parse(
    execFileSync(
      process.execPath,
      ["--expose-gc", inNode, what, script, ...both],
      { encoding: "utf8" },
    ),
  ),
);
const { measure, close, version } = await inChromium(script, both);
const chromium = await rows(measure).finally(close);

const table = {};
for (const name of Object.keys(node)) {
  table[name] = {
    [`Node ${process.versions.node}`]: node[name].toFixed(2),
    [`Chromium ${version}`]: chromium[name].toFixed(2),
    "to reach": TARGETS[name]?.toFixed(2) ?? "",
  };
}
console.log(
  `A list of 10,000 devices, ${(statSync(both[0]).size / 1e6).toFixed(1)} MB, comes again with 1 % changed; medians.`,
);
console.table(table);
for (const [name, most] of Object.entries(TARGETS)) {
  for (const found of [node[name], chromium[name]]) {
    if (!(found <= most)) {
      console.error(`${name}: ${found.toFixed(2)} is above ${most}`);
      process.exitCode = 1;
    }
  }
}
