// The packed package installed by pnpm, which uses links, and by Yarn, which never unpacks the
// archive.
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { tarball } from "../support/project.mjs";
import { startServers } from "../support/scenarios/servers.mjs";
import { workspace } from "./workspace.mjs";
import { run } from "../support/process.mjs";
import { temporaryFolder } from "../support/temporary-folder.mjs";

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const PNPM = `${workspace}node_modules/pnpm/bin/pnpm.cjs`;
const YARN = `${workspace}node_modules/@yarnpkg/cli-dist/bin/yarn.js`;

/** `install` in a folder whose package.json names the tarball; then `node` runs a script there. */
const MANAGERS = [
  {
    name: "pnpm",
    install: [PNPM, "install", "--offline"],
    node: [],
    scripts: ["module.mjs", "common.cjs"],
  },
  {
    name: "Yarn Plug'n'Play",
    install: [YARN, "install"],
    node: [YARN, "node"],
    scripts: ["module.mjs"],
  },
];

for (const { name, install, node, scripts } of MANAGERS) {
  test(
    `it lists, unlocks, and fails alike where ${name} has installed it`,
    { timeout: 120_000 },
    async (t) => {
      const folder = temporaryFolder(t);
      for (const file of [
        "../support/scenarios/calls.mjs",
        ...scripts.map((it) => `runtimes/${it}`),
      ])
        cpSync(path(file), join(folder, basename(file)));
      writeFileSync(
        join(folder, "package.json"),
        JSON.stringify({
          name: "app",
          private: true,
          dependencies: { "seam-session": `file:${tarball}` },
        }),
      );
      // Else it would belong to whatever project is above.
      writeFileSync(join(folder, "yarn.lock"), "");
      const home = join(folder, "home");
      mkdirSync(home);
      const options = {
        cwd: folder,
        env: {
          ...process.env,
          HOME: home,
          XDG_DATA_HOME: home,
          YARN_ENABLE_TELEMETRY: "0",
          YARN_ENABLE_NETWORK: "0",
          YARN_ENABLE_GLOBAL_CACHE: "0",
          YARN_ENABLE_IMMUTABLE_INSTALLS: "0",
        },
      };
      await run(process.execPath, install, options);
      for (const script of scripts) {
        const { at, check } = await startServers(t);
        const { stdout } = await run(
          process.execPath,
          [...node, script, JSON.stringify(at)],
          options,
        );
        check(JSON.parse(stdout));
      }
    },
  );
}
