// Our types beside those of the official SDK: code for one compiles with the other, except for the
// differences in differences.json. UPDATE_DIFFERENCES=1 writes that file.
import assert from "node:assert/strict";
import {
  cpSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { before, test } from "node:test";
import { fileURLToPath } from "node:url";

import { folder as installed } from "../support/installed.mjs";
import { STRICT, typeCheck, typeRoots } from "../support/typescript.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = `${root}target/types`;
const differences = new URL("differences.json", import.meta.url);

/** Our types in a folder of their own, with `aliases` as they are to be there. */
function copy(name, aliases) {
  cpSync(`${installed}dist/types`, `${folder}/${name}`, { recursive: true });
  const file = `${folder}/${name}/core/utility-types.d.ts`;
  let text = readFileSync(file, "utf8");
  for (const [alias, meaning] of Object.entries(aliases)) {
    const line = new RegExp(`^(export type ${alias}<.*> = ).*;$`, "m");
    assert.match(text, line);
    text = text.replace(line, `$1${meaning};`);
  }
  writeFileSync(file, text);
}

/** The folder with both copies of our types. */
function prepare() {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  copy("ours", {});
  copy("closed", { Open: "T", Other: "never" });
}

/** Type-checks `text`, in which both copies of our types can be imported. */
function tsc(name, text, ...args) {
  writeFileSync(`${folder}/${name}.ts`, text);
  const options = {
    ...STRICT,
    types: ["node"],
    typeRoots,
    paths: {
      "@seamapi/http": [`${root}tests/node_modules/@seamapi/http/index.d.ts`],
      "seam-session": ["./ours/index.d.ts"],
      "seam-session/sandbox": ["./ours/sandbox.d.ts"],
      ours: ["./ours/index.d.ts"],
      closed: ["./closed/index.d.ts"],
    },
  };
  const config = `${name}.json`;
  return typeCheck(folder, [`${name}.ts`], options, { config, args });
}

/** Each line of the fixture that does not compile, by what is in the way. */
function byReason(output, fixture) {
  const lines = fixture.split("\n");
  const found = {};
  for (const block of output.split(/\n(?=\S)/)) {
    const [, file, line] = /^(\S+?)\((\d+),\d+\): error/.exec(block) ?? [];
    if (file === undefined) continue;
    assert.equal(file, "official.ts", block);
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

before(prepare);

test("the official types and ours are interchangeable, except for a known list", async () => {
  const fixture = readFileSync(
    `${root}tests/types/official.generated.ts`,
    "utf8",
  );
  assert.ok(fixture.match(/^export const/gm).length > 201 * 2);
  const found = byReason(await tsc("official", fixture), fixture);
  if (process.env.UPDATE_DIFFERENCES) {
    writeFileSync(differences, `${JSON.stringify(found, null, 2)}\n`);
  }
  assert.deepEqual(found, JSON.parse(readFileSync(differences, "utf8")));
});

test("a program that uses the types compiles, and what it does wrong does not", async () => {
  const use = readFileSync(`${root}tests/types/use.ts`, "utf8");
  assert.equal(await tsc("use", use), "");
});

test("a back end compiles without the types of a page, and checks ours too", async () => {
  const backEnd = `
    import { Seam } from "seam-session";
    import { Sandbox } from "seam-session/sandbox";
    export const seam = new Seam({ apiKey: "key" });
    export const sandbox = Sandbox.create({ devices: 2 });`;
  const options = ["--lib", "es2022", "--skipLibCheck", "false"];
  assert.equal(await tsc("back-end", backEnd, ...options), "");
});

test("what a program gets wrong does not compile, each line for a reason of its own", async () => {
  const wrong = readFileSync(`${root}tests/types/wrong.ts`, "utf8");
  const expected = wrong.split("\n").flatMap((line, at) => {
    const [, code] = /@ts-expect-error (\d+) /.exec(line) ?? [];
    return code === undefined ? [] : [`line ${at + 2}: ${code}`];
  });
  assert.ok(expected.length > 40);
  // Without the marks, so that a line that is wrong by mistake is told apart.
  const output = await tsc("wrong", wrong.replaceAll("@ts-expect-error", ""));
  const found = output.matchAll(/^wrong\.ts\((\d+),\d+\): error TS(\d+)/gm);
  assert.deepEqual(
    Array.from(found, ([, line, code]) => `line ${line}: ${code}`),
    expected,
  );
});

/** A program that uses every resource, and a few routes. */
function everything(from) {
  const index = `${root}tests/node_modules/@seamapi/http/src/lib/resources/index.ts`;
  const names = [
    ...readFileSync(index, "utf8").matchAll(/export type \{ (\w+) \}/g),
  ].map(([, name]) => name);
  assert.ok(names.length > 30);
  const uses = names.map(
    (name) =>
      `export function use${name}(it: ${name}, all: ${name}[]): (keyof ${name})[] {
        const copy: ${name} = { ...it };
        all.push(copy);
        return Object.keys(all[0] ?? it) as (keyof ${name})[];
      }`,
  );
  return `import { SeamHttp, type ${names.join(", type ")} } from "${from}";
    ${uses.join("\n")}
    export async function call(seam: SeamHttp) {
      const device = await seam.devices.get({ device_id: "d" });
      const attempt = await seam.locks.unlockDoor({ device_id: device.device_id });
      if (attempt.action_type === "UNLOCK_DOOR" && attempt.status === "success")
        console.log(attempt.result.was_confirmed_by_device);
      for (const event of await seam.events.list({ since: "2026" }))
        if (event.event_type === "device.connected") console.log(event.device_id);
      return [await seam.acs.users.list(), await seam.workspaces.get()];
    }`;
}

test("a program that uses every resource costs tsc no more than with the official types", async () => {
  const cost = async (name, from) => {
    const output = await tsc(name, everything(from), "--extendedDiagnostics");
    assert.doesNotMatch(output, /error TS/);
    return ["Instantiations", "Memory used"].map((what) => {
      const [, number] = new RegExp(`^${what}: +(\\d+)`, "m").exec(output);
      return Number(number);
    });
  };
  const ours = await cost("cost-ours", "seam-session");
  const theirs = await cost("cost-theirs", "@seamapi/http");
  ours.forEach((number, at) =>
    assert.ok(number <= theirs[at], `${ours} against ${theirs}`),
  );
});
