// What docs/migrating.md says of what the official SDK has and this package has not:
// one table, between two marks, from the list that a test holds complete.
import { readFileSync } from "node:fs";

import { fail } from "./fail.mjs";

const SECTION = /(<!-- absent: .*? -->\n)[^]*?(<!-- absent ends -->)/;

const KINDS = {
  option: "Options",
  member: "Members",
  export: "Exports",
  value: "Exports",
  variable: "Environment",
  entry: "Entries",
  command: "Commands",
};

/** The page in the file `path` with its table made anew of the list in `list`. */
export function migratingPage(path, list) {
  const page = readFileSync(path, "utf8");
  if (!SECTION.test(page)) fail("docs/migrating.md has no place for its table");
  const table = absentTable(JSON.parse(readFileSync(list, "utf8")));
  return page.replace(SECTION, (_, begins, ends) => begins + table + ends);
}

function absentTable(absent) {
  const order = Object.values(KINDS);
  const rows = absent
    .map((it) => ({ ...it, group: KINDS[it.kind] ?? fail(`kind ${it.kind}`) }))
    .sort((a, b) => order.indexOf(a.group) - order.indexOf(b.group))
    .map(
      ({ group, as, names, why, instead }, at, all) =>
        `| ${[
          all[at - 1]?.group === group ? "" : group,
          as ?? names.map(shown).join(", "),
          why,
          instead,
        ].join(" | ")} |`,
    );
  return `
|  | there | why it is not here | here |
| --- | --- | --- | --- |
${rows.join("\n")}

`;
}

/** `Class#member` as `Class.prototype` would have it, in words. */
function shown(name) {
  const [, type, member] = /^(.*)#(.*)$/.exec(name) ?? [];
  if (member === undefined) return `\`${name}\``;
  return type === "SeamHttp*"
    ? `\`${member}\` of a namespace`
    : `\`${member}\` of a \`${type}\``;
}
