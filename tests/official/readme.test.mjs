// The README of the official SDK, heading by heading: each example, done with this package in the
// sandbox, or, where the sandbox has no such route, with a fetch that records the request. An
// example that does not apply says why. The entries are in readme/; these tests check that they
// are complete and in the README's order.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import * as official from "seam";

import { client } from "../support/installed.mjs";
// In the README's order.
import "./readme/usage.mjs";
import "./readme/pagination-and-errors.mjs";
import "./readme/advanced.mjs";
import { entries } from "./readme/entries.mjs";

/** What the README of `seam` has over the other, and why it is not taken over. */
const ONLY_OF_SEAM = [
  ["Usage / Command Line Interface", 2, "a command line is another tool"],
  ["Usage / Output", 1, "of the command line"],
  ["Usage / Pagination", 1, "of the command line"],
  ["Usage / JSON", 3, "of the command line"],
  ["Usage / Selecting an endpoint and a workspace", 2, "of the command line"],
  ["Usage / Environment variables", 2, "of the command line"],
  [
    "Usage / Receiving Webhooks",
    2,
    "a server receives webhooks, with @seamapi/webhook",
  ],
];

/** The headings of a README, each below those above it, with its blocks of code. */
function outline(name) {
  const file = new URL(`../node_modules/${name}/README.md`, import.meta.url);
  const found = [];
  const path = [];
  let isCode = false;
  for (const line of readFileSync(file, "utf8").split("\n")) {
    if (line.startsWith("```")) {
      if (!isCode) found.at(-1)[1] += 1;
      isCode = !isCode;
    }
    const [, marks, title] = (!isCode && /^(#+) (.*)$/.exec(line)) || [];
    if (title === undefined) continue;
    path.length = marks.length - 1;
    path.push(title);
    found.push([path.slice(1).join(" / "), 0]);
  }
  return found;
}

test("every heading and example of the official README is accounted for, in its order", () => {
  const accounted = [];
  for (const { heading, blocks } of entries) {
    if (accounted.at(-1)?.[0] === heading) accounted.at(-1)[1] += blocks;
    else accounted.push([heading, blocks]);
  }
  assert.deepEqual(accounted, outline("@seamapi/http"));
});

test("the README of `seam` has the same examples, and some that are not taken over", () => {
  const rest = outline("@seamapi/http").map(String);
  const more = outline("seam").filter((it) => {
    const at = rest.indexOf(String(it));
    if (at >= 0) rest.splice(at, 1);
    return at < 0;
  });
  assert.deepEqual(rest, []);
  assert.deepEqual(
    more,
    ONLY_OF_SEAM.map(([heading, blocks]) => [heading, blocks]),
  );
  // It names its errors as neither package does.
  for (const name of ["SeamApiError", "isSeamInvalidInputError"]) {
    assert.ok(!(name in official) && !(name in client), name);
  }
});
