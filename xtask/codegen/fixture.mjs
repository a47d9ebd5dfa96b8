// What `tsc` is to find out: whether the official SDK's types and ours stand
// in for one another, one line for each route and direction.
import { pascal, resourceName } from "./names.mjs";

/**
 * The fixture; `ours` and `closed` are to be our types as they are shipped and
 * with every open union closed.
 */
export function fixture({ routes }, resources) {
  const names = [...resources.keys()]
    .filter((file) => file !== "index.ts")
    .map((file) => resourceName(file.replace(".ts", "").replaceAll("-", "_")));
  const lines = [
    ...names.flatMap(both),
    ...routes.flatMap(({ path, responseKey }) => [
      `export const ${pascal(path)}Parameters = (it: Official.${pascal(path)}Parameters): Ours.${pascal(path)}Parameters => it;`,
      ...(responseKey === null ? [] : both(`${pascal(path)}Response`)),
    ]),
  ];
  return `import type * as Official from "@seamapi/http";
import type * as Closed from "closed";
import type * as Ours from "ours";

${lines.join("\n")}
`;
}

function both(type) {
  return [
    `export const ${type}FromTheirs = (it: Official.${type}): Ours.${type} => it;`,
    `export const ${type}ToTheirs = (it: Closed.${type}): Official.${type} => it;`,
  ];
}
