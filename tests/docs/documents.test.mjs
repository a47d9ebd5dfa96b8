// The documents: every link leads somewhere, and ARCHITECTURE.md has every folder.
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

test("every link between the documents leads to a file and to a heading", () => {
  const broken = [];
  let links = 0;
  for (const document of documents) {
    for (const [, to] of prose(document).matchAll(
      /\]\((?!https?:)([^)\s]+)\)/g,
    )) {
      links += 1;
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
  assert.ok(documents.length >= 11 && links >= 20, `${links} links`);
  assert.deepEqual(broken, []);
});

test("ARCHITECTURE.md has a row for every folder at the top level, and no other", () => {
  const folders = files
    .filter((file) => file.includes("/") && !file.startsWith("."))
    .map((file) => file.slice(0, file.indexOf("/") + 1));
  const rows = [...read("ARCHITECTURE.md").matchAll(/^\| `(\w+\/)` +\|/gm)];
  assert.deepEqual(rows.map(([, row]) => row).sort(), [...new Set(folders)]);
});
