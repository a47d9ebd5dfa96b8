// Finds identifiers that are banned because the project has a standard term for the same thing.
//
//   node xtask/lint/banned-identifiers.mjs
//
// banned-identifiers.json has for each identifier the term to use and the folders where it is
// banned: { "Companion": { "use": "Interceptor", "in": ["src", "pkg/src"] } }. A whole identifier
// of the code must be the same, in upper and lower case too; comments and strings may have the word.

import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { sourceFiles } from "./files.mjs";
import { tokens } from "./tokens.mjs";

const HERE = dirname(fileURLToPath(import.meta.url));
const SOURCE = /\.(rs|[cm]?[jt]sx?)$/;

/** @typedef {Record<string, { use: string, in: string[] }>} Banned */

/**
 * Returns what is wrong with the list itself, a sentence each.
 *
 * @param {string} text the JSON
 * @returns {string[]}
 */
export function listProblems(text) {
  const banned = JSON.parse(text);
  const words = Object.keys(banned);
  const problems = Object.entries(banned).flatMap(([word, entry]) => {
    const isComplete =
      typeof entry.use === "string" &&
      entry.use !== "" &&
      Array.isArray(entry.in) &&
      entry.in.length > 0;
    return isComplete
      ? []
      : [`${word} needs \`use\`, the term, and \`in\`, the folders.`];
  });
  if (words.join("\n") !== [...words].sort().join("\n")) {
    problems.push("The identifiers are not sorted.");
  }
  return problems;
}

/**
 * Returns where banned identifiers are, as `file:line: …`.
 *
 * @param {string} root
 * @param {Banned} banned
 * @returns {string[]}
 * @throws if a folder has no source files
 */
export function occurrences(root, banned) {
  const folders = new Set(Object.values(banned).flatMap((entry) => entry.in));
  return [...folders].sort().flatMap((folder) => {
    const words = new Map(
      Object.entries(banned).filter(([, entry]) => entry.in.includes(folder)),
    );
    return sourceFiles(root, folder, SOURCE).flatMap((file) => {
      const text = readFileSync(join(root, file), "utf8");
      const language = file.endsWith(".rs") ? "rust" : "typescript";
      return tokens(text, language)
        .filter((it) => it.type === "identifier" && words.has(it.value))
        .map(
          ({ value, line }) =>
            `${file}:${line}: \`${value}\` is banned here: use ${words.get(value).use}`,
        );
    });
  });
}

function main() {
  const text = readFileSync(join(HERE, "banned-identifiers.json"), "utf8");
  const banned = JSON.parse(text);
  const problems = [
    ...listProblems(text),
    ...occurrences(join(HERE, "..", ".."), banned),
  ];
  for (const problem of problems) console.error(`error: ${problem}`);
  console.log(
    `${Object.keys(banned).length} identifiers, ${problems.length} problems.`,
  );
  return problems.length > 0 ? 1 : 0;
}

if (resolve(process.argv[1] ?? "") === fileURLToPath(import.meta.url)) {
  process.exitCode = main();
}
