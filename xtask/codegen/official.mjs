// What the official SDK does with each route and the OpenAPI does not say: the
// method that it sends, the parameters without which it sends nothing. Read
// from the sources that @seamapi/http ships.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { fail } from "./fail.mjs";

const REQUEST = /return new SeamHttpRequest\(this, \{([\s\S]*?)\n {4}\}\)/g;

/** The routes with what the official SDK in `modules` adds to them. */
export function withOfficial(routes, modules) {
  const official = read(join(modules, "@seamapi/http/src/lib/routes"));
  return routes.map((route) => {
    const theirs =
      official.get(route.path) ?? fail(`they do not have ${route.path}`);
    if (theirs.responseKey !== route.responseKey)
      fail(`${route.path} answers with ${theirs.responseKey} there`);
    if (!route.methods.includes(theirs.method))
      fail(`${route.path} does not take ${theirs.method}`);
    return {
      ...route,
      // The SDK is newer than the OpenAPI, and pages where that does not yet.
      pages: route.pages || theirs.pages,
      official: theirs,
    };
  });
}

function read(folder) {
  const found = new Map();
  for (const file of readdirSync(folder, { recursive: true })) {
    // The endpoints' file has each route once more.
    if (!file.endsWith(".ts") || file.includes("endpoints")) continue;
    const text = readFileSync(join(folder, file), "utf8");
    for (const [, config] of text.matchAll(REQUEST)) {
      const one = (name) =>
        new RegExp(`\\b${name}: '?([^',\\n]+)`).exec(config)?.[1];
      const list = (name) =>
        new RegExp(`\\b${name}: \\[([^\\]]*)\\]`)
          .exec(config)?.[1]
          .match(/\w+/g) ?? [];
      found.set(one("pathname"), {
        method: one("method"),
        responseKey: nullIfUndefined(one("responseKey")),
        pages: one("hasPagination") === "true",
        required: list("requiredParameterNames"),
        atLeastOne: list("atLeastOneParameterNames"),
      });
    }
  }
  return found;
}

function nullIfUndefined(text) {
  return text === "undefined" ? null : text;
}
