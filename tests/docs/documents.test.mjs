// The documents: every link leads somewhere, and every folder, file, name and figure that they give is
// there.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const files = execFileSync("git", ["ls-files"], { cwd: root, encoding: "utf8" })
  .trim()
  .split("\n");
const read = (file) => readFileSync(join(root, file), "utf8");
const documents = files.filter((file) => /^(docs\/)?[^/]+\.md$/.test(file));

/** The text without blocks of code, which have brackets of their own. */
const prose = (file) => read(file).replace(/^ *```[^]*?^ *```$/gm, "");

/** The anchors that a host gives to the headings of a document. */
const anchors = (file) =>
  [...prose(file).matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );

/** The links of a document to other files, as they are written. */
const links = (file) =>
  [...prose(file).matchAll(/\]\((?!https?:)([^)\s]+)\)/g)].map(([, to]) => to);

test("every link between the documents leads to a file and to a heading", () => {
  const broken = [];
  for (const document of documents) {
    for (const to of links(document)) {
      const [path, anchor] = to.split("#");
      const file = path === "" ? document : join(dirname(document), path);
      if (
        !existsSync(join(root, file)) ||
        (anchor !== undefined && !anchors(file).includes(anchor))
      ) {
        broken.push(`${document}: ${to}`);
      }
    }
  }
  assert.ok(documents.length >= 20 && documents.flatMap(links).length >= 60);
  assert.deepEqual(broken, []);
});

test("every link of a document that is in the npm package leads to a file in it", () => {
  const packed = new Set(read("tests/package/contents.txt").split("\n"));
  const outside = documents
    .filter((document) => packed.has(document))
    .flatMap((document) =>
      links(document)
        .map((to) => to.split("#")[0])
        .filter((path) => path !== "")
        .filter((path) => !packed.has(join(dirname(document), path)))
        .map((path) => `${document}: ${path}`),
    );
  assert.deepEqual(outside, []);
});

test("the README leads to every guide", () => {
  const found = new Set(links("README.md").map((to) => to.split("#")[0]));
  const guides = documents.filter((file) => file.startsWith("docs/"));
  // For those who release a version; CONTRIBUTING.md leads there.
  const others = ["docs/releasing.md"];
  assert.deepEqual(
    guides.filter((file) => !found.has(file) && !others.includes(file)),
    [],
  );
});

test("ARCHITECTURE.md has a row for every folder at the top level, and no other", () => {
  const folders = files
    .filter((file) => file.includes("/") && !file.startsWith("."))
    .map((file) => file.slice(0, file.indexOf("/") + 1));
  const rows = [...read("ARCHITECTURE.md").matchAll(/^\| `(\w+\/)` +\|/gm)];
  assert.deepEqual(rows.map(([, row]) => row).sort(), [...new Set(folders)]);
});

/** What the prose of a document has in backticks. */
const quoted = (file) =>
  [...prose(file).matchAll(/`([^`\n]+)`/g)].map(([, text]) => text);

/** Folders that only a build creates. */
const BUILT = /^(target|dist|pkg\/dist)(\/|$)/;
const folders = new Set(
  files.flatMap((file) => {
    const parts = file.split("/").slice(0, -1);
    return parts.map((_, index) => parts.slice(0, index + 1).join("/"));
  }),
);

/** Whether the text is a path of a file or folder, rather than a route, a package or code. */
const isPath = (text) =>
  /^[\w.-]+(\/[\w.-]+)*\/?$/.test(text) &&
  !BUILT.test(text) &&
  (/\.(rs|ts|mjs|js|json|md|toml|txt|yml)$/.test(text) ||
    folders.has(text.split("/")[0]));

/** Files that a build writes or that a reader has. */
const OTHERS = [
  "token-retry.js",
  "package.json",
  "package-lock.json",
  "sbom.cdx.json",
];

test("every path in ARCHITECTURE.md, CONTRIBUTING.md, README.md and the guides exists", () => {
  const tracked = new Set(files);
  const checked = [];
  const missing = [];
  for (const document of documents) {
    for (const text of quoted(document).filter(isPath)) {
      const path = text.replace(/\/$/, "");
      if (
        OTHERS.includes(path) ||
        (!path.includes("/") && !path.endsWith(".md"))
      )
        continue;
      checked.push(path);
      if (!tracked.has(path) && !folders.has(path))
        missing.push(`${document}: ${text}`);
    }
  }
  assert.ok(checked.length >= 80, `${checked.length}`);
  assert.deepEqual(missing, []);
});

test("every name in ARCHITECTURE.md is in the code", () => {
  const code = files
    .filter((file) => /\.(rs|ts|mjs|json|toml)$/.test(file))
    .filter((file) => !file.endsWith("package-lock.json"))
    .map(read)
    .join("\n");
  const words = new Set(code.match(/[A-Za-z_]\w*/g));
  const names = quoted("ARCHITECTURE.md")
    .filter((text) => !text.includes("/") && !text.includes(" "))
    .flatMap((text) => text.match(/[A-Za-z_]\w*/g) ?? [])
    .filter((name) => name !== "poll_" && name !== "handle_");
  assert.ok(names.length >= 40, `${names.length}`);
  assert.deepEqual(
    names.filter((name) => !words.has(name)),
    [],
  );
});

test("ARCHITECTURE.md says where a newcomer's four questions are answered", () => {
  const text = read("ARCHITECTURE.md");
  for (const row of [
    /^\| token refresh .*`src\/token_refresh\.rs`/m,
    /^\| capabilities of a device .*`src\/capabilities\.rs`/m,
    /^\| when a list refetches.*`src\/lists\/scheduler\.rs`/m,
    /^\| a route of the sandbox .*`sandbox\/src\/routes\/mod\.rs`/m,
  ])
    assert.match(text, row);
});

test("README.md and ARCHITECTURE.md are short", () => {
  const lines = (file) => read(file).trimEnd().split("\n").length;
  assert.ok(lines("README.md") <= 150, `${lines("README.md")}`);
  assert.ok(lines("ARCHITECTURE.md") <= 130, `${lines("ARCHITECTURE.md")}`);
});

test("the figures for size are those of the budget, in KB and rounded up", () => {
  const { entry, livePage, reason } = JSON.parse(
    read("benches/size-budget.json"),
  );
  const [official] = reason.match(/(?<=same way\) is )[\d,]+/);
  const figures = [
    (Math.ceil(entry / 100) / 10).toFixed(1),
    (Math.ceil(livePage / 100) / 10).toFixed(1),
    (Number(official.replace(",", "")) / 1_000).toFixed(1),
  ];
  for (const document of ["README.md", "docs/performance.md"]) {
    const text = read(document);
    for (const figure of figures)
      assert.ok(text.includes(` ${figure} `), `${document}: ${figure}`);
  }
});
