// Sizes of the entries and modules, and their budgets.
import assert from "node:assert/strict";
import { test } from "node:test";

import { readFileSync } from "node:fs";
import { brotliCompressSync } from "node:zlib";

import { budget, compare, livePage } from "../../benches/size.mjs";
import { folder } from "../support/installed.mjs";

test("the default entry is no larger than its budget", async () => {
  const { brotli } = (await compare())["Seam of seam-session"];
  assert.ok(
    brotli <= budget.entry,
    `${brotli} bytes of brotli are over the ${budget.entry} of benches/size-budget.json: find what grew, or raise it with the reason`,
  );
});

test("all that a page with lists, scope and token refresh ever loads is no larger than its budget", async () => {
  const { brotli, files } = await livePage();
  // The entry, the lists and token refresh.
  assert.equal(Object.keys(files).length, 3);
  assert.ok(
    brotli <= budget.livePage,
    `${brotli} bytes of brotli are over the ${budget.livePage} of benches/size-budget.json: find what grew, or raise it with the reason`,
  );
});

test("the token function costs the entry nothing, and a page that uses it little", () => {
  const { tokenFunction } = budget;
  const file = readFileSync(`${folder}dist/cjs/token-function.js`);
  const { length } = brotliCompressSync(file);
  assert.ok(length > 300 && length <= tokenFunction, `${length}`);
  const own = /does the development server pass it on/;
  assert.match(file.toString(), own);
  for (const name of ["index", "live", "token"])
    assert.doesNotMatch(readFileSync(`${folder}dist/${name}.js`, "utf8"), own);
});

test("the tables of all 201 routes are no more than 5,000 bytes, each compressed alone", () => {
  // Within the bundle they compress better than alone, so this is more than they add.
  const tables = [
    "../../src/route/table.rs",
    "../../pkg/src/generated/routes.ts",
  ];
  const bytes = tables.map(
    (file) =>
      brotliCompressSync(readFileSync(new URL(file, import.meta.url))).length,
  );
  const sum = bytes[0] + bytes[1];
  assert.ok(sum > 1_000 && sum <= 5_000, `${bytes}`);
});

test("the client's module does not carry the resources", () => {
  const wasm = readFileSync(`${folder}dist/client.wasm`, "latin1");
  assert.ok(
    wasm.includes("client_session"),
    "names that it needs can be found in it",
  );
  for (const name of [
    "backup_access_code_pool_enabled",
    "is_accessory_keypad_connected",
    "access_codes_enabled",
  ]) {
    assert.ok(!wasm.includes(name), name);
  }
});
