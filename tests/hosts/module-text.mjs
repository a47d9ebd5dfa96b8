// Whether a wasm module is in what a bundler made: its own words are looked for,
// which every bundler leaves as they are, whatever it does to the bytes between.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { folder } from "../support/installed.mjs";

const dist = `${folder}dist/`;

/**
 * Long words, or a few with spaces between, of one of the package's files that stand once there
 * and in no other script. A module as text has other words than the module itself, for some of its
 * bytes change places.
 */
export function wordsOf(name) {
  const text = readFileSync(dist + name, "latin1");
  const others = readdirSync(dist)
    .filter((other) => other.endsWith(".js") && other !== name)
    .map((other) => readFileSync(dist + other, "latin1"));
  // What follows a backslash may be the rest of an escape.
  const words = text.match(/(?<![\\\w ])[\w ]{20,}/g) ?? [];
  const own = words.filter(
    (word) => count([text], word) === 1 && count(others, word) === 0,
  );
  assert.notEqual(own.length, 0, `${name} has words of its own`);
  return own;
}

/** The text of every file below, byte for byte; but no source map, which no page loads. */
export function scriptsIn(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith(".map"))
    .map((entry) =>
      readFileSync(join(entry.parentPath ?? entry.path, entry.name), "latin1"),
    );
}

/** How often a word stands in texts. */
export function count(texts, word) {
  return texts.reduce((sum, text) => sum + text.split(word).length - 1, 0);
}
