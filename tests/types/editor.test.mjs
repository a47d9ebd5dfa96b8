// What an editor shows of the installed package: descriptions of methods, parameters and members,
// and examples that compile.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { before, test } from "node:test";

import {
  describeResource,
  describeRoute,
  readDescriptions,
} from "../../xtask/codegen/descriptions.mjs";
import { project } from "../support/project.mjs";
import { COMPILERS, STRICT, typeCheck } from "../support/typescript.mjs";

// The last one that has a language service in JavaScript.
const ts = createRequire(import.meta.url)(COMPILERS["6.0"]);
const table = readDescriptions();

let folder;
before(async (t) => {
  folder = await project(t, []);
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }\n');
});

test("the example of each namespace compiles", async () => {
  const examples = [...table.fileOf.keys()]
    .map((path) => describeRoute(table, path).example)
    .filter((it) => it !== undefined);
  assert.ok(examples.length > 35, `${examples.length}`);
  const text = examples.flat().join("\n");
  const ids = new Set(text.match(/\b[a-z_]+_id\b/g));
  const lines = [
    `import { Seam } from "seam-session";`,
    `declare const seam: Seam;`,
    ...[...ids].map((id) => `declare const ${id}: string;`),
    ...examples.map(
      (lines, nth) =>
        `export async function example${nth}() {\n${lines.join("\n")}\n}`,
    ),
  ];
  writeFileSync(join(folder, "examples.ts"), lines.join("\n"));
  const options = { ...STRICT, types: [] };
  assert.equal(await typeCheck(folder, ["examples.ts"], options), "");
});

/** What an editor shows at `|` in this program. */
function shownAt(program) {
  const file = join(folder, "shown.ts");
  const position = program.indexOf("|");
  const text = program.replace("|", "");
  writeFileSync(file, text);
  const { options } = ts.convertCompilerOptionsFromJson(
    { ...STRICT, types: [] },
    folder,
  );
  const service = ts.createLanguageService({
    getCompilationSettings: () => options,
    getScriptFileNames: () => [file],
    getScriptVersion: () => "1",
    getScriptSnapshot: (name) =>
      ts.sys.fileExists(name)
        ? ts.ScriptSnapshot.fromString(readFileSync(name, "utf8"))
        : undefined,
    getCurrentDirectory: () => folder,
    getDefaultLibFileName: (it) => ts.getDefaultLibFilePath(it),
    fileExists: ts.sys.fileExists,
    readFile: ts.sys.readFile,
    readDirectory: ts.sys.readDirectory,
    directoryExists: ts.sys.directoryExists,
  });
  const info = service.getQuickInfoAtPosition(file, position);
  const completions = service.getCompletionsAtPosition(file, position, {});
  const completion = (name) =>
    service.getCompletionEntryDetails(
      file,
      position,
      name,
      {},
      undefined,
      {},
      undefined,
    );
  return {
    text: ts.displayPartsToString(info?.documentation).replace(/\s+/g, " "),
    tags: (info?.tags ?? []).map(({ name, text }) => [
      name,
      ts.displayPartsToString(text),
    ]),
    completions: completions?.entries.map(({ name }) => name) ?? [],
    textOf: (name) => ts.displayPartsToString(completion(name)?.documentation),
  };
}

const START = `import { Seam, type Device } from "seam-session";
declare const seam: Seam;
declare const device: Device;
`;

test("an editor shows the description of a method, its errors, its example and Seam's page", () => {
  const { does, example, link } = describeRoute(table, "/locks/unlock_door");
  const { text, tags } = shownAt(
    `${START}seam.locks.unlock|Door({ device_id: "d" });`,
  );
  assert.ok(text.startsWith(does), text);
  assert.match(
    text,
    /Path: `\/locks\/unlock_door`\. Credentials: .*client session/,
  );
  const all = (name) =>
    tags.filter(([tag]) => tag === name).map(([, it]) => it);
  assert.deepEqual(
    all("see").map((it) => it.replace(/\s+/g, "")),
    [link],
  );
  assert.match(all("throws").join(" "), /SeamActionAttemptTimeoutError/);
  for (const line of example) assert.ok(all("example").join().includes(line));
});

test("an editor shows the description of a parameter, with its default and limits", () => {
  const parameter = (route, name) =>
    describeRoute(table, route).parameter(name);
  assert.equal(
    shownAt(`${START}seam.devices.list({ lim|it: 10 });`).text,
    `${parameter("/devices/list", "limit")} Default: \`500\`.`,
  );
  // A type that needs one of several parameters is a union, whose members have text while they are
  // completed only.
  assert.equal(
    shownAt(`${START}seam.devices.get({ | });`).textOf("name"),
    parameter("/devices/get", "name"),
  );
  assert.equal(
    shownAt(
      `${START}seam.accessCodes.create({ device_id: "d", co|de: "1234" });`,
    ).text,
    `${parameter("/access_codes/create", "code")} 4 to 12 characters.`,
  );
});

test("an editor shows the description of a member, also inside another", () => {
  const { member } = describeResource(table, "device");
  assert.equal(
    shownAt(`${START}device.display_|name;`).text,
    member("display_name"),
  );
  assert.equal(
    shownAt(`${START}device.properties.on|line;`).text,
    member("properties.online"),
  );
});

test("an editor completes flags, capabilities and device types", () => {
  const flags = shownAt(
    `${START}const q: import("seam-session").DeviceQuery = { can: ["|"] };`,
  ).completions;
  assert.ok(flags.includes("can_remotely_unlock"), `${flags}`);
  const types = shownAt(
    `${START}const q: import("seam-session").DeviceQuery = { device_type: "|" };`,
  ).completions;
  assert.ok(types.includes("august_lock") && types.length > 30, `${types}`);
  const capabilities = shownAt(
    `${START}declare const scope: import("seam-session").Scope; scope.can("d", "|");`,
  ).completions;
  assert.ok(capabilities.includes("locks.unlockDoor"), `${capabilities}`);
  const kinds = shownAt(
    `import { errorKind } from "seam-session"; if (errorKind(0) === "|") {}`,
  ).completions;
  assert.ok(kinds.includes("may_have_happened"), `${kinds}`);
});
