// The list that is measured with: what the sandbox answers for 10,000 devices,
// and the same with one in a hundred changed.
import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

export const root = fileURLToPath(new URL("../..", import.meta.url));

/** Writes both bodies into files, and gives their paths. */
export async function bodies() {
  const { Sandbox } = await import(`${root}pkg/dist/sandbox.js`);
  const { info, fetch } = await Sandbox.create({ devices: 10_000 });
  const response = await fetch(`${info.endpoint}/devices/list?limit=10000`, {
    headers: { authorization: `Bearer ${info.api_key}` },
  });
  // One server spells the same value in the same way.
  const body = await response.json();
  const first = JSON.stringify(body);
  body.devices.forEach(({ properties }, nth) => {
    if (nth % 100 === 37) properties.online = !properties.online;
  });
  mkdirSync(`${root}target/bench`, { recursive: true });
  return [first, JSON.stringify(body)].map((text, nth) => {
    const path = `${root}target/bench/devices-${nth}.json`;
    writeFileSync(path, text);
    return path;
  });
}

/** Where a script stands once it is bundled. */
export const bundled = (name) => `${root}target/bench/${name}.js`;

/** A script and all that it needs in one, for Node as for a page. */
export async function bundle(name) {
  const outfile = bundled(name);
  await build({
    entryPoints: [`${root}benches/client/${name}.mjs`],
    outfile,
    bundle: true,
    format: "esm",
    target: "es2022",
    charset: "utf8",
    nodePaths: [`${root}tests/node_modules`],
    logLevel: "warning",
  });
  return outfile;
}
