// The README's blocks of code.
import { readFileSync } from "node:fs";

const readme = readFileSync(
  new URL("../../README.md", import.meta.url),
  "utf8",
);

/** Each block of JavaScript and TypeScript: its language, and its code. */
export const snippets = [
  ...readme.matchAll(/^( *)```(js|ts|tsx)\n([^]*?)^\1```$/gm),
].map(([, indent, language, code]) => ({
  language,
  code: code.replaceAll(new RegExp(`^${indent}`, "gm"), ""),
}));

/** The one block in which `text` stands. */
export function snippetWith(text) {
  const found = snippets.filter(({ code }) => code.includes(text));
  if (found.length !== 1)
    throw new Error(`${found.length} blocks of the README have ${text}`);
  return found[0].code;
}
