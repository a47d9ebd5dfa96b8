// The blocks of code in the README and in the guides.
import { readdirSync, readFileSync } from "node:fs";

const root = new URL("../../", import.meta.url);

/** The README and the guides, by their paths. */
export const documents = [
  "README.md",
  ...readdirSync(new URL("docs", root))
    .sort()
    .map((name) => `docs/${name}`),
];

/** The text of one document. */
export const read = (document) => readFileSync(new URL(document, root), "utf8");

/** Each fenced block: its document, its language and its code. */
export const blocks = documents.flatMap((document) =>
  [...read(document).matchAll(/^( *)```(\w*)[\w,]*\n([^]*?)^\1```$/gm)].map(
    ([, indent, language, code]) => ({
      document,
      language,
      code: code.replaceAll(new RegExp(`^${indent}`, "gm"), ""),
    }),
  ),
);

/** The blocks of JavaScript and TypeScript. */
export const snippets = blocks.filter(({ language }) =>
  ["js", "ts", "tsx"].includes(language),
);

/** Returns the code of the one block that contains `text`. */
export function blockWith(text) {
  const found = blocks.filter(({ code }) => code.includes(text));
  if (found.length !== 1)
    throw new Error(`${found.length} blocks of the documents have ${text}`);
  return found[0].code;
}

/** Returns the files of a section of a document: blocks that begin with a comment with their name. */
export function filesOf(document, section) {
  const [, text] = read(document).split(new RegExp(`^## ${section}\n`, "m"));
  const files = [
    ...text
      .split(/^## /m)[0]
      .matchAll(/^```\w+\n(?:\/\/|#) (\S+\.\w+)\n([^]*?)^```$/gm),
  ];
  if (files.length === 0) throw new Error(`${section} has no files`);
  return Object.fromEntries(files.map(([, name, code]) => [name, code]));
}
