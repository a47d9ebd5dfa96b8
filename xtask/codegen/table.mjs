// The TypeScript view of the routes at run time, as short as it goes: it is
// downloaded by whoever opens a page.
import { kindsOf, split } from "./core.mjs";

/** A line for each namespace, its routes after it. */
export function typescriptTable({ routes }) {
  const { of } = kindsOf(routes);
  const rows = new Map();
  for (const route of routes) {
    const [namespace, name] = split(route.path);
    const entry = name + of.get(route.path) + facts(route);
    rows.set(namespace, [...(rows.get(namespace) ?? []), entry]);
  }
  return `/**
 * The ${routes.length} documented routes. A line is a namespace and its routes; a route is
 * its name and the place of its kind in the core's list (src/route/table.rs), then,
 * each if there is one: \`^\` if it is sent as PUT, \`:\` and the
 * member of the answer, \`*\` if it pages, \`?\` if the official SDK sends its
 * parameters in the query, \`!\` and a parameter that it needs, \`|\` and one of
 * those of which it needs one.
 */
export const TABLE = \`\\
${[...rows].map(([name, names]) => [name, ...names].join(" ")).join("\n")}\`;
`;
}

function facts({ path, responseKey, pages, official }) {
  return [
    path === "/client_sessions/create" ? "^" : "",
    responseKey === null ? "" : `:${responseKey}`,
    pages ? "*" : "",
    ["GET", "DELETE"].includes(official.method) ? "?" : "",
    ...official.required.map((name) => `!${name}`),
    ...official.atLeastOne.map((name) => `|${name}`),
  ].join("");
}
