// Everything that users of the official SDK find there: each export, type, member, option,
// variable, entry and command of `@seamapi/http` and `seam` exists here too, or is in absent.json
// with the reason and a replacement.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import * as http from "@seamapi/http";
import * as seam from "seam";
import ts from "typescript";

import { client, folder, Seam } from "../support/installed.mjs";

const modules = fileURLToPath(new URL("../node_modules/", import.meta.url));
const KEY = "seam_test2bMS_94SrGUXuNR2JmJkjtvBQDg5c";

const absent = JSON.parse(
  readFileSync(new URL("absent.json", import.meta.url), "utf8"),
);

/** The names of one kind; a `*` stands for one character or more. */
function absentNames(...kinds) {
  return absent
    .filter(({ kind }) => kinds.includes(kind))
    .flatMap(({ names }) => names);
}

/**
 * Compares the names that they have with those that we have: what is missing is
 * listed, and what is listed is theirs and missing.
 */
function compare(theirs, ours, listed) {
  const patterns = listed.map((name) => ({
    name,
    pattern: new RegExp(`^${name.split("*").map(escape).join(".+")}$`),
  }));
  const unlisted = theirs.filter(
    (name) =>
      !ours.includes(name) &&
      !patterns.some(({ pattern }) => pattern.test(name)),
  );
  assert.deepEqual(unlisted, [], "missing, and not in absent.json");
  for (const { name, pattern } of patterns) {
    assert.ok(
      theirs.some((it) => pattern.test(it)),
      `${name} is not theirs`,
    );
    assert.deepEqual(
      ours.filter((it) => pattern.test(it)),
      [],
      `${name} is there after all`,
    );
  }
}

function escape(text) {
  return text.replace(/[.#/@]/g, "\\$&");
}

const [theirTypes, ourTypes] = typesOf(
  [`${modules}@seamapi/http/index.d.ts`, `${modules}seam/index.d.ts`],
  [`${folder}dist/types/index.d.ts`],
);

/** Of each group of files what they export: its name, what it is, its members. */
function typesOf(...groups) {
  const program = ts.createProgram(groups.flat(), {
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    target: ts.ScriptTarget.ES2022,
    skipLibCheck: true,
    strict: true,
    types: [],
  });
  const checker = program.getTypeChecker();
  const members = (type) =>
    (type.isUnion() ? type.types : [type])
      .flatMap((it) => checker.getPropertiesOfType(it))
      .map(({ name }) => name)
      .filter((name) => !name.startsWith("__#") && name !== "prototype");
  const exported = (symbol) => {
    const it =
      symbol.flags & ts.SymbolFlags.Alias
        ? checker.getAliasedSymbol(symbol)
        : symbol;
    const isClass = (it.flags & ts.SymbolFlags.Class) !== 0;
    return [
      symbol.name,
      {
        isClass,
        isType: (it.flags & ts.SymbolFlags.Type) !== 0,
        members: members(checker.getDeclaredTypeOfSymbol(it)),
        statics: isClass ? members(checker.getTypeOfSymbol(it)) : [],
      },
    ];
  };
  return groups.map(
    (files) =>
      new Map(
        files.flatMap((file) =>
          checker
            .getExportsOfModule(
              checker.getSymbolAtLocation(program.getSourceFile(file)),
            )
            .map(exported),
        ),
      ),
  );
}

test("each entry of the list has a name, a reason and a replacement", () => {
  const kinds = new Set(absent.map(({ kind }) => kind));
  assert.deepEqual(
    [...kinds].sort(),
    "command entry export member option value".split(" "),
  );
  const names = absent.flatMap((it) =>
    it.names.map((name) => `${it.kind} ${name}`),
  );
  assert.equal(new Set(names).size, names.length);
  for (const { names, why, instead } of absent) {
    assert.ok(names.length > 0 && why.length > 10 && instead.length > 5);
  }
});

test("every value that they export is exported", () => {
  const isType = (name) => theirTypes.get(name).isType;
  const values = [...new Set([...Object.keys(http), ...Object.keys(seam)])];
  assert.ok(values.length > 80);
  const ours = Object.keys(client);
  compare(
    values,
    ours,
    absentNames("export", "value").filter((name) => values.includes(name)),
  );
  for (const name of absentNames("value")) assert.ok(isType(name), name);
});

test("every type that they export is exported", () => {
  const types = [...theirTypes]
    .filter(([, { isType }]) => isType)
    .map(([name]) => name);
  assert.ok(types.length > 900);
  const values = [...Object.keys(http), ...Object.keys(seam)];
  const listed = absentNames("export").filter(
    (name) => types.includes(name) || !values.includes(name),
  );
  compare(types, [...ourTypes.keys()], listed);
});

/** `Class.static` and `Class#member` of the classes that both have. */
function membersOf(types) {
  return [...types].flatMap(([name, { members, statics }]) => {
    if (!theirTypes.get(name)?.isClass || !ourTypes.has(name)) return [];
    // What `seam` calls `Seam` is the same class once more.
    if (!name.startsWith("SeamHttp") && `SeamHttp${name.slice(4)}` in http) {
      return [];
    }
    return [
      ...(ourTypes.get(name).isClass ? statics : []).map(
        (it) => `${name}.${it}`,
      ),
      ...members.map((it) => `${name}#${it}`),
    ];
  });
}

test("every member of their classes is a member of ours, in the types", () => {
  const theirs = membersOf(theirTypes);
  for (const name of [
    "SeamHttp.fromApiKey",
    "SeamHttp#createPaginator",
    "SeamHttpRequest#fetchResponse",
    "SeamPaginator#flatten",
    "SeamHttpWithoutWorkspace#workspaces",
    "SeamHttpAcsEncodersSimulate#nextCredentialScanWillFail",
  ]) {
    assert.ok(theirs.includes(name), name);
  }
  compare(theirs, membersOf(ourTypes), absentNames("member"));
});

/** What can be read or called on their object and on ours, as it runs. */
function walk(theirs, ours, found = { both: [], missing: [] }) {
  const { constructor } = theirs;
  const members = Object.getOwnPropertyDescriptors(constructor.prototype);
  for (const [name, { get }] of Object.entries(members)) {
    if (name === "constructor") continue;
    const path = `${constructor.name}#${name}`;
    const kind = get ? "object" : "function";
    if (typeof ours[name] !== kind) found.missing.push(path);
    else found.both.push(path);
    if (get && ours[name]) walk(theirs[name], ours[name], found);
  }
  return found;
}

test("every namespace and method of their clients is there as they run", () => {
  const isListed = (path) => {
    const [type, member] = path.split("#");
    return absentNames("member").some(
      (name) =>
        name === path ||
        (name === `SeamHttp*#${member}` && type !== "SeamHttp"),
    );
  };
  const { both, missing } = walk(new http.SeamHttp(KEY), new Seam(KEY));
  assert.deepEqual(
    missing.filter((path) => !isListed(path)),
    [],
  );
  assert.ok(both.length > 240, String(both.length));
  assert.ok(both.includes("SeamHttpAcsEncoders#simulate"));
  const options = { personalAccessToken: "seam_at1a_b" };
  const free = new client.SeamHttpWithoutWorkspace(options);
  assert.equal(typeof free.workspaces.list, "function");
  assert.equal(typeof free.workspaces.create, "function");
});

/** The names of all options that the exported types of options have. */
function optionsOf(types) {
  const isOfClient = /^(Seam.*|Resolve.*)Options|^SeamHttpRequestOptions/;
  return [
    ...new Set(
      [...types]
        .filter(
          ([name, it]) => isOfClient.test(name) && it.isType && !it.isClass,
        )
        .flatMap(([, { members }]) => members),
    ),
  ];
}

test("every option is taken, or refused with the document that has what there is instead", () => {
  const theirs = optionsOf(theirTypes);
  assert.ok(theirs.includes("waitForActionAttempt"));
  assert.ok(theirs.includes("pollingInterval"));
  assert.ok(theirs.includes("clientSessionToken"));
  compare(theirs, optionsOf(ourTypes), absentNames("option"));
  for (const name of absentNames("option")) {
    assert.throws(() => new Seam({ apiKey: KEY, [name]: {} }), {
      code: "invalid_options",
      message: new RegExp(`${name} is not an option: use apiKey`),
    });
  }
});

test("every variable of the environment that they read is read", () => {
  const sources = `${modules}@seamapi/http/src/lib`;
  const theirs = readdirSync(sources, { recursive: true })
    .filter((file) => file.endsWith(".ts") && !file.endsWith("env.d.ts"))
    .flatMap((file) => [
      ...readFileSync(`${sources}/${file}`, "utf8").matchAll(
        /process\?\.env\?\.(\w+)/g,
      ),
    ])
    .map(([, name]) => name);
  assert.ok(theirs.includes("SEAM_API_KEY"));
  const text = readFileSync(`${folder}dist/index.js`, "utf8");
  const ours = [...text.matchAll(/"(SEAM_[A-Z_]+)"/g)].map(([, name]) => name);
  compare([...new Set(theirs)], ours, absentNames("variable"));
});

test("every entry and command of their packages has its place", () => {
  const manifest = (path) => JSON.parse(readFileSync(path, "utf8"));
  const packages = ["@seamapi/http", "seam"];
  const entries = packages.flatMap((name) =>
    Object.keys(manifest(`${modules}${name}/package.json`).exports)
      .filter((entry) => entry !== ".")
      .map((entry) => name + entry.slice(1)),
  );
  compare(entries, [], absentNames("entry"));
  const commands = packages.flatMap((name) =>
    Object.keys(manifest(`${modules}${name}/package.json`).bin ?? {}),
  );
  const ours = Object.keys(manifest(`${folder}package.json`).bin);
  compare(commands, ours, absentNames("command"));
});
