// Our types beside the official SDK's: what is written for one compiles with
// the other, but for the differences in types/differences.json. They are
// written anew by UPDATE_DIFFERENCES=1.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { folder as installed } from "./support/installed.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = `${root}target/types`;
const differences = new URL("types/differences.json", import.meta.url);

/** Our types in a folder of their own, with `aliases` as they are to be there. */
function copy(name, aliases) {
  cpSync(`${installed}dist/types`, `${folder}/${name}`, { recursive: true });
  const file = `${folder}/${name}/types.d.ts`;
  let text = readFileSync(file, "utf8");
  for (const [alias, meaning] of Object.entries(aliases)) {
    const line = new RegExp(`^(export type ${alias}<.*> = ).*;$`, "m");
    assert.match(text, line);
    text = text.replace(line, `$1${meaning};`);
  }
  writeFileSync(file, text);
}

/** Runs tsc on the generated fixture and gives what it prints. */
async function compile() {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  copy("ours", {});
  copy("closed", { Open: "T", Other: "never" });
  cpSync(
    `${root}tests/types/official.generated.ts`,
    `${folder}/official.generated.ts`,
  );
  writeFileSync(
    `${folder}/tsconfig.json`,
    JSON.stringify({
      compilerOptions: {
        target: "es2022",
        lib: ["esnext", "dom", "dom.iterable"],
        module: "esnext",
        moduleResolution: "bundler",
        types: ["node"],
        typeRoots: [`${root}node_modules/@types`],
        strict: true,
        exactOptionalPropertyTypes: true,
        skipLibCheck: true,
        noEmit: true,
        paths: {
          "@seamapi/http": [
            `${root}tests/node_modules/@seamapi/http/index.d.ts`,
          ],
          ours: ["./ours/resources.d.ts"],
          closed: ["./closed/resources.d.ts"],
        },
      },
      files: ["official.generated.ts"],
    }),
  );
  return await new Promise((resolve) =>
    execFile(
      process.execPath,
      [
        `${root}node_modules/typescript/bin/tsc`,
        "--project",
        folder,
        "--pretty",
        "false",
      ],
      { cwd: folder, maxBuffer: 1 << 26 },
      (_, stdout) => resolve(stdout),
    ),
  );
}

/** Each line of the fixture that does not compile, by what is in the way. */
function byReason(output, fixture) {
  const lines = fixture.split("\n");
  const found = {};
  for (const block of output.split(/\n(?=\S)/)) {
    const [, file, line] = /^(\S+?)\((\d+),\d+\): error/.exec(block) ?? [];
    if (file === undefined) continue;
    assert.equal(file, "official.generated.ts", block);
    const [, name] = /export const (\w+)/.exec(lines[line - 1]);
    (found[reason(block)] ??= []).push(name);
  }
  return Object.fromEntries(
    Object.entries(found).sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/** The last thing that tsc says, the innermost difference, without paths. */
function reason(block) {
  const last = block.trimEnd().split("\n").at(-1).trim();
  const text = last
    .replace(/^\S+ error TS\d+: /, "")
    .replace(/import\("[^"]*"\)\./g, "");
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}

test("the official types and ours stand in for one another, but for a known list", async () => {
  const output = await compile();
  const fixture = readFileSync(
    `${root}tests/types/official.generated.ts`,
    "utf8",
  );
  assert.ok(fixture.match(/^export const/gm).length > 201 * 2);
  const found = byReason(output, fixture);
  if (process.env.UPDATE_DIFFERENCES) {
    writeFileSync(differences, `${JSON.stringify(found, null, 2)}\n`);
  }
  assert.deepEqual(found, JSON.parse(readFileSync(differences, "utf8")));
});
