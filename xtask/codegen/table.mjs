// The TypeScript view of the routes at run time. It is compact, because pages download it.
import { kindsOf, split } from "./core.mjs";

/** Returns a line for each namespace, with its routes. */
export function typescriptTable({ routes }) {
  const { of, reads } = kindsOf(routes);
  const rows = new Map();
  for (const route of routes) {
    const [namespace] = split(route.path);
    rows.set(namespace, [...(rows.get(namespace) ?? []), route]);
  }
  const line = ([namespace, its]) => {
    const resource = resourceOf(its);
    const entry = (route) =>
      split(route.path)[1] + of.get(route.path) + facts(route, resource);
    return [namespace, resource, ...its.map(entry)].join(" ");
  };
  return `/** The kinds of route below this place change nothing: reads. */
export const READS = ${reads};

/**
 * The ${routes.length} documented routes. A line is a namespace, the resource that it is mostly about, and
 * its routes; a route is its name and the place of its kind in the core's list
 * (src/route/table.rs), then, each if there is one: \`^\` if it is sent as PUT, \`:\` and the
 * member of the answer, \`*\` if it pages, \`?\` if the official SDK sends its
 * parameters in the query, \`!\` and a parameter that it needs, \`|\` and one of
 * those of which it needs one. A member without a name is the resource, \`.\` is many of it, and
 * \`;\` an action attempt; a parameter without a name is the resource's id.
 */
export const TABLE = \`\\
${[...rows].map(line).join("\n")}\`;
`;
}

function facts({ path, responseKey, pages, official }, resource) {
  const short = (name) => (name === `${resource}_id` ? "" : name);
  return [
    path === "/client_sessions/create" ? "^" : "",
    answer(responseKey, resource),
    pages ? "*" : "",
    ["GET", "DELETE"].includes(official.method) ? "?" : "",
    ...official.required.map((name) => `!${short(name)}`),
    ...official.atLeastOne.map((name) => `|${short(name)}`),
  ].join("");
}

function answer(responseKey, resource) {
  switch (responseKey) {
    case null:
      return "";
    case "action_attempt":
      return ";";
    case many(resource):
      return ".";
    default:
      return `:${responseKey === resource ? "" : responseKey}`;
  }
}

/** Returns the resource whose name the routes would repeat most. */
function resourceOf(routes) {
  const counts = new Map();
  const count = (name) => counts.set(name, (counts.get(name) ?? 0) + 1);
  for (const { responseKey, official } of routes) {
    if (responseKey !== null && responseKey !== "action_attempt") {
      count(responseKey.replace(/ies$/, "y").replace(/s$/, ""));
    }
    for (const name of [...official.required, ...official.atLeastOne]) {
      if (name.endsWith("_id")) count(name.slice(0, -3));
    }
  }
  const [[most] = [""]] = [...counts].sort(([, a], [, b]) => b - a);
  return most;
}

/** Returns the plural, as pkg/src/core/route.ts does. */
function many(resource) {
  return `${resource.replace(/y$/, "ie")}s`;
}
