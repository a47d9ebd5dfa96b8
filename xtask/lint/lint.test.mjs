import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, describe, it } from "node:test";
import { fileURLToPath } from "node:url";

import { listProblems, occurrences } from "./banned-identifiers.mjs";
import {
  cycles,
  cyclicImports,
  importedPaths,
  imports,
  problems,
} from "./import-cycles.mjs";
import { eslint, problemsIn } from "./eslint.mjs";
import { layerOf, problems as layerProblems } from "./layers.mjs";
import { moduleUses } from "./rust-modules.mjs";
import { tokens } from "./tokens.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const created = [];
after(() => created.forEach((folder) => rmSync(folder, { recursive: true })));

/** Returns a new folder with these files. */
function folderWith(files) {
  const root = mkdtempSync(join(tmpdir(), "lint-"));
  created.push(root);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

/** Runs a script of this folder in a copy whose repository has these files. */
function run(script, files, others = []) {
  const root = folderWith(files);
  for (const name of new Set([
    ...["files.mjs", "tokens.mjs", "import-cycles.mjs"],
    script,
    ...others,
  ])) {
    cpSync(join(here, name), join(root, "xtask/lint", name));
  }
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(root, "xtask/lint", script)],
    { encoding: "utf8" },
  );
  return { status, stdout, stderr };
}

const identifiers = (text, language) =>
  tokens(text, language)
    .filter((it) => it.type === "identifier")
    .map((it) => it.value);

describe("tokens", () => {
  it("leaves out comments and strings of TypeScript, and keeps code in templates", () => {
    const text = [
      "const a = 'x y' + \"don't\"; // word",
      "/* word */ `word ${b + `${c}`} word`; d",
      "e.replace(/[/'\"`]word/g, f) / g;",
      "'\\'word'; h",
    ].join("\n");
    assert.deepEqual(identifiers(text, "typescript"), [
      ..."const a b c d e replace f g h".split(" "),
    ]);
  });

  it("leaves out comments, strings and characters of Rust, and keeps lifetimes", () => {
    const text = [
      "/// word",
      "/* word /* word */ word */ fn a<'b>(c: &'b str) {",
      'let d = "word \\" // word"; let e = r#"word " word"#; let f = \'"\'; g }',
    ].join("\n");
    assert.deepEqual(identifiers(text, "rust"), [
      ..."fn a b c b str let d let e let f g".split(" "),
    ]);
  });

  it("counts lines", () => {
    const found = tokens("/*\n*/ `\n${a}` \nb", "typescript");
    const lines = found.filter((it) => it.type === "identifier");
    assert.deepEqual(
      lines.map((it) => it.line),
      [3, 4],
    );
  });
});

describe("import-cycles", () => {
  it("finds every kind of import, type imports included", () => {
    const text = `
      import a from "./a.js";
      import type { B } from "./b.js";
      import {
        c, // from "./no.js"
        type D,
      } from "./c.js";
      import "./d.js";
      export * from "./e.js";
      export * as f from './f.js';
      export type { G } from "./g.js";
      const h = await import("./h.js");
      type I = import("./i.js").I;
      import j = require("./j.js");
      const k = require("./k.cjs");
      import.meta.url; const from = "./no.js"; object.import("./no.js");
      export { from }; const text = 'import "./no.js"';
      // import "./no.js"
    `;
    assert.deepEqual(
      importedPaths(text).map((path) => path.at(2)),
      [..."abcdefghijk"],
    );
  });

  const files = {
    "src/a.ts": `import { b } from "./b.js";`,
    "src/b.tsx": `import type { C } from "./c";`,
    "src/c.ts": `export * from "./a.js"; import "package"; import "./d.js"`,
    "src/d.ts": `export {};`,
    "src/node_modules/x.js": `import "../d.js"`,
  };
  const known = [
    "src/a.ts -> src/b.tsx",
    "src/b.tsx -> src/c.ts",
    "src/c.ts -> src/a.ts",
  ];
  const baseline = `# comment\n${known.join("\n")}\n`;

  it("finds a cycle that a type import closes, and only its own imports", () => {
    const pairs = imports(folderWith(files), ["src"]);
    assert.deepEqual(cycles(pairs), [["src/a.ts", "src/b.tsx", "src/c.ts"]]);
    assert.deepEqual(cyclicImports(pairs), known);
  });

  it("finds a file that imports itself", () => {
    assert.deepEqual(cycles([["a", "a"]]), [["a"]]);
  });

  it("accepts the cycles of the baseline", () => {
    const pairs = imports(folderWith(files), ["src"]);
    assert.deepEqual(problems(pairs, baseline), []);
  });

  it("reports an import that closes a new cycle, with the cycle", () => {
    const pairs = imports(
      folderWith({ ...files, "src/d.ts": `import "./c.js"` }),
      ["src"],
    );
    const found = problems(pairs, baseline);
    assert.equal(found.length, 1);
    assert.match(
      found[0],
      /src\/c\.ts\n {4}imports src\/d\.ts\n {4}imports src\/c\.ts$/,
    );
  });

  it("reports the shortest cycles if one import closes many", () => {
    const many = Array.from("abcdefgh", (name) => ["index", name]);
    const back = many.map(([index, name]) => [name, index]);
    const found = problems([...many, ...back, ["a", "b"]], "");
    assert.equal(found.length, 6);
    assert.match(found[0], /index/);
    assert.match(found[5], /shortest of 9 new cycles/);
  });

  it("reports a new import between files that already form a cycle", () => {
    const pairs = imports(
      folderWith({ ...files, "src/a.ts": `import "./b.js"; import "./c.js"` }),
      ["src"],
    );
    assert.equal(problems(pairs, baseline).length, 1);
  });

  it("reports a line of the baseline whose cycle is gone", () => {
    const pairs = imports(folderWith({ ...files, "src/c.ts": "" }), ["src"]);
    const [found, ...others] = problems(pairs, baseline);
    assert.deepEqual(others, []);
    for (const line of known) assert.ok(found.includes(line), found);
  });

  it("reports a baseline that is not sorted", () => {
    const pairs = imports(folderWith(files), ["src"]);
    const found = problems(pairs, [...known].reverse().join("\n"));
    assert.match(found.join(), /not sorted/);
  });

  it("does not accept a folder without source files", () => {
    assert.throws(() => imports(folderWith({}), ["src"]), /no source files/);
  });

  it("exits with 1 for a new cycle, and with 0 without one", () => {
    const repository = {
      "pkg/src/a.ts": `import "./b.js"`,
      "pkg/src/b.ts": "",
      "www/a.ts": "",
      "xtask/lint/import-cycles.txt": "",
    };
    assert.equal(run("import-cycles.mjs", repository).status, 0);
    const cyclic = run("import-cycles.mjs", {
      ...repository,
      "pkg/src/b.ts": `import type { A } from "./a.js"`,
    });
    assert.equal(cyclic.status, 1);
    assert.match(cyclic.stderr, /pkg\/src\/a\.ts\n {4}imports pkg\/src\/b\.ts/);
  });
});

describe("layers", () => {
  const layers = [["core/types.ts"], ["data/"], ["core/"], ["client/"], [""]];
  const none = new Map();

  it("takes the longest match for the layer of a file", () => {
    const all = [["data/"], ["client/", "data/methods/"], [""]];
    assert.equal(layerOf("data/a.ts", all), 0);
    assert.equal(layerOf("data/methods/a.ts", all), 1);
    assert.equal(layerOf("index.ts", all), 2);
    assert.equal(layerOf("other/a.ts", all), undefined);
  });

  it("accepts imports from the same layer and from earlier ones", () => {
    const pairs = [
      ["data/a.ts", "core/types.ts"],
      ["core/a.ts", "core/b.ts"],
      ["client/a.ts", "core/a.ts"],
      ["index.ts", "client/a.ts"],
    ];
    assert.deepEqual(layerProblems(pairs, layers, none), []);
  });

  it("reports imports from later layers, and files in no layer", () => {
    const pairs = [
      ["core/a.ts", "client/a.ts"],
      ["core/a.ts", "other/a.ts"],
    ];
    const [first, second, ...more] = layerProblems(pairs, layers, none);
    assert.match(first, /core\/a\.ts imports client\/a\.ts/);
    assert.match(second, /other\/a\.ts is in no layer/);
    assert.deepEqual(more, []);
  });

  it("accepts an exception, and reports one that is not needed", () => {
    const exceptions = new Map([["core/a.ts -> client/a.ts", "a reason"]]);
    const pairs = [["core/a.ts", "client/a.ts"]];
    assert.deepEqual(layerProblems(pairs, layers, exceptions), []);
    assert.match(layerProblems([], layers, exceptions).join(), /not needed/);
  });

  it("exits with 1 for an import of a type from a later layer, and with 0 without one", () => {
    const repository = {
      "pkg/src/core/a.ts": "",
      "pkg/src/client/b.ts": `import type { A } from "../core/a.js"`,
    };
    assert.equal(run("layers.mjs", repository).status, 0);
    const wrong = run("layers.mjs", {
      ...repository,
      "pkg/src/core/a.ts": `import type { B } from "../client/b.js"`,
      "pkg/src/client/b.ts": "",
    });
    assert.equal(wrong.status, 1);
    assert.match(wrong.stderr, /pkg\/src\/core\/a\.ts imports client\/b\.ts/);
  });
});

describe("banned-identifiers", () => {
  const banned = {
    Widget: { use: "Component", in: ["src"] },
    fetchAll: { use: "list", in: ["src", "www"] },
  };

  it("reports a banned identifier with its place and the term to use", () => {
    const root = folderWith({
      "src/lib.rs": "// fine\nstruct Widget;\n",
      "www/a.tsx": "a.fetchAll()",
    });
    assert.deepEqual(occurrences(root, banned), [
      "src/lib.rs:2: `Widget` is banned here: use Component",
      "www/a.tsx:1: `fetchAll` is banned here: use list",
    ]);
  });

  it("accepts the word in comments, strings, longer identifiers and other folders", () => {
    const root = folderWith({
      "src/lib.rs":
        '/// Widget\nfn fetchAllPages() { "fetchAll" } struct Widgets;',
      "www/a.ts": "/* fetchAll */ const Widget = `fetchAll`;",
    });
    assert.deepEqual(occurrences(root, banned), []);
  });

  it("does not accept a folder without source files", () => {
    assert.throws(() => occurrences(folderWith({}), banned), /no source files/);
  });

  it("reports a list that is not sorted or not complete", () => {
    const { fetchAll, Widget } = banned;
    assert.deepEqual(listProblems(JSON.stringify(banned)), []);
    assert.equal(listProblems(JSON.stringify({ fetchAll, Widget })).length, 1);
    for (const entry of [
      { in: ["src"] },
      { use: "", in: ["src"] },
      { use: "x", in: [] },
    ]) {
      assert.equal(listProblems(JSON.stringify({ a: entry })).length, 1);
    }
  });

  it("exits with 1 for a banned identifier, and with 0 without one", () => {
    const list = JSON.stringify({ Widget: { use: "Component", in: ["src"] } });
    const repository = (text) => ({
      "src/lib.rs": text,
      "xtask/lint/banned-identifiers.json": list,
    });
    const { status } = run("banned-identifiers.mjs", repository("struct A;"));
    assert.equal(status, 0);
    const found = run("banned-identifiers.mjs", repository("struct Widget;"));
    assert.equal(found.status, 1);
    assert.match(found.stderr, /src\/lib\.rs:1: `Widget`/);
  });
});

describe("uses of Rust modules", () => {
  const uses = (files) =>
    moduleUses(
      folderWith(
        Object.fromEntries(
          Object.entries(files).map(([path, text]) => [`src/${path}`, text]),
        ),
      ),
      "src",
    ).map((pair) => pair.join(" -> "));

  it("finds a cycle, in imports and in expressions", () => {
    const found = uses({
      "lib.rs": "mod a; mod b; mod c;",
      "a.rs": "use crate::b::{B, other as o}; pub struct A;",
      "b.rs": "use super::c; pub struct B; fn f() { c::g() }",
      "c.rs": "pub fn g() { let a = crate::a::A; }",
    });
    assert.deepEqual(found, [
      "crate::a -> crate::b",
      "crate::b -> crate::c",
      "crate::c -> crate::a",
    ]);
    assert.equal(cycles(found.map((it) => it.split(" -> "))).length, 1);
  });

  it("follows re-exports to the module that defines an item", () => {
    const found = uses({
      "lib.rs": "mod a; mod b; pub use a::A; pub use b::*;",
      "a.rs": "use crate::b::C; pub struct A;",
      "b.rs": "mod c; pub(crate) use c::C;",
      "b/c.rs": "use crate::A; use std::fmt::Debug; pub struct C;",
    });
    assert.deepEqual(found, [
      "crate::a -> crate::b::c",
      "crate::b::c -> crate::a",
    ]);
  });

  it("leaves out the constants of ancestors, and tests", () => {
    const found = uses({
      "lib.rs": "mod a;",
      "a.rs": `mod b; #[cfg(test)] mod tests; pub const LIMIT: u8 = 1; pub struct A;
        use b::B;
        #[cfg(test)] mod inline { use super::b::X; }`,
      "a/b.rs": "use super::LIMIT; pub struct B; #[cfg(test)] use super::A;",
      "a/tests.rs": "use super::b::B;",
    });
    assert.deepEqual(found, ["crate::a -> crate::a::b"]);
  });

  it("fails on a cycle", () => {
    const script = "rust-modules.mjs";
    const others = ["import-cycles.mjs"];
    const files = {
      "src/lib.rs": "mod a; mod b;",
      "src/a.rs": "use crate::b::B; pub struct A;",
      "src/b.rs": "pub struct B;",
      "sandbox/src/lib.rs": "",
    };
    assert.equal(run(script, files, others).status, 0);
    const cycle = {
      ...files,
      "src/b.rs": "use crate::a::A; pub struct B;",
    };
    const found = run(script, cycle, others);
    assert.equal(found.status, 1);
    assert.match(found.stderr, /part of a cycle: src: crate::a -> crate::b/);
    assert.match(found.stderr, /part of a cycle: src: crate::b -> crate::a/);
  });
});

describe("eslint", () => {
  it("finds a promise that nobody awaits, and an await of none", async () => {
    // Typed rules need a file of the project; its text is replaced.
    const filePath = fileURLToPath(
      new URL("../../pkg/src/core/jitter.ts", import.meta.url),
    );
    const problems = async (text) =>
      problemsIn(await eslint.lintText(text, { filePath }));
    assert.deepEqual(await problems("void Promise.resolve();\n"), []);
    const [floating] = await problems("Promise.resolve();\n");
    assert.match(floating, /^pkg\/src\/core\/jitter\.ts:1: .*no-floating/);
    const [awaited] = await problems("export const x = await 5;\n");
    assert.match(awaited, /await-thenable/);
  });
});
