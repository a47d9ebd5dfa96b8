// The README's blocks of code.
import { readFileSync } from "node:fs";

const readme = readFileSync(
  new URL("../../README.md", import.meta.url),
  "utf8",
);

/** The language and the code of each block of JavaScript and TypeScript. */
export const snippets = [
  ...readme.matchAll(/^( *)```(js|ts|tsx)\n([^]*?)^\1```$/gm),
].map(([, indent, language, code]) => ({
  language,
  code: code.replaceAll(new RegExp(`^${indent}`, "gm"), ""),
}));

/** Returns the one block that contains `text`. */
export function snippetWith(text) {
  const found = snippets.filter(({ code }) => code.includes(text));
  if (found.length !== 1)
    throw new Error(`${found.length} blocks of the README have ${text}`);
  return found[0].code;
}
