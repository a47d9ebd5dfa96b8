// The table of descriptions that an editor shows: it is complete, and each sentence has the form
// that xtask/codegen/descriptions/README.md asks for.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";

import {
  describeNamespace,
  describeRoute,
  readDescriptions,
} from "../../xtask/codegen/descriptions.mjs";
import { split } from "../../xtask/codegen/core.mjs";
import { withOfficial } from "../../xtask/codegen/official.mjs";
import { documentedRoutes } from "../../xtask/codegen/openapi.mjs";
import { flatten } from "../../xtask/codegen/schema.mjs";

const modules = fileURLToPath(new URL("../node_modules", import.meta.url));
const { openapi } = await import(
  pathToFileURL(
    createRequire(import.meta.url).resolve("@seamapi/types/connect"),
  ).href
);
const routes = withOfficial(documentedRoutes(openapi), modules);
const table = readDescriptions();

/** The documented parameters of a route, by name. */
function parametersOf({ input }) {
  const { properties = {} } = flatten(input);
  return Object.entries(properties).filter(
    ([, schema]) => !schema["x-undocumented"],
  );
}

/** The namespaces that have routes, and those around them. */
const namespaces = new Set(
  routes.flatMap(({ path }) => {
    const parts = split(path)[0].split("/");
    return parts.map((_, nth) => parts.slice(0, nth + 1).join("/"));
  }),
);

/** Every sentence of the table, with where it stands. */
const sentences = [
  ...Object.entries(table.shared).map(at("shared.json")),
  ...table.files.flatMap(({ name, namespaces, parameters = {}, routes }) => [
    ...Object.entries(namespaces).map(at(name)),
    ...Object.entries(parameters).map(at(name)),
    ...Object.entries(routes).flatMap(([path, row]) =>
      typeof row === "string"
        ? [[path, row]]
        : [
            [path, row.does],
            ...Object.entries(row.parameters ?? {}).map(at(path)),
          ],
    ),
  ]),
  ...Object.entries(table.resources).flatMap(([name, { is, members }]) => [
    [name, is],
    ...Object.entries(members).map(at(name)),
  ]),
];

function at(place) {
  return ([name, text]) => [`${place} ${name}`, text];
}

test("every namespace, route and parameter has a description, and every namespace an example", () => {
  const withExample = new Set(
    routes
      .filter(({ path }) => describeRoute(table, path).example)
      .map(({ path }) => split(path)[0]),
  );
  const missing = [
    ...[...namespaces].filter((it) => !describeNamespace(table, it)),
    ...routes
      .map(({ path }) => split(path)[0])
      .filter((namespace) => !withExample.has(namespace)),
    ...routes.flatMap((route) => {
      const { does, parameter } = describeRoute(table, route.path);
      return [
        ...(does ? [] : [route.path]),
        ...parametersOf(route)
          .filter(([name]) => !parameter(name))
          .map(([name]) => `${route.path} ${name}`),
      ];
    }),
  ];
  assert.deepEqual(missing, []);
});

test("every description is of something that exists", () => {
  const paths = new Map(routes.map((route) => [route.path, route]));
  const isParameter = (path, dotted) => {
    const route = paths.get(path);
    if (!route) return false;
    let schema = flatten(route.input);
    for (const name of dotted.split(".")) {
      schema = flatten(schema.items ?? schema).properties?.[name];
      if (!schema) return false;
    }
    return true;
  };
  const unknown = table.files.flatMap((file) => [
    ...Object.keys(file.namespaces).filter((it) => !namespaces.has(it)),
    ...Object.entries(file.routes).flatMap(([path, { parameters = {} }]) => [
      ...(paths.has(path) ? [] : [path]),
      ...Object.keys(parameters)
        .filter((name) => !isParameter(path, name))
        .map((name) => `${path} ${name}`),
    ]),
    // One that each route overrides, or none has, is not read.
    ...Object.keys(file.parameters ?? {})
      .filter(
        (name) =>
          !Object.entries(file.routes).some(
            ([path, { parameters }]) =>
              isParameter(path, name) && !parameters?.[name],
          ),
      )
      .map((name) => `${file.name} ${name}`),
  ]);
  assert.deepEqual(unknown, []);
});

test("every described member of a resource exists", () => {
  const { schemas } = openapi.components;
  const memberOf = (schema, name) => {
    const inner = schema?.items ?? schema;
    const kinds = inner?.oneOf ?? inner?.allOf ?? [];
    return (
      inner?.properties?.[name] ??
      kinds.map((it) => memberOf(it, name)).find((it) => it !== undefined)
    );
  };
  const unknown = Object.entries(table.resources).flatMap(
    ([resource, { members }]) =>
      Object.keys(members)
        .filter((name) => !name.split(".").reduce(memberOf, schemas[resource]))
        .map((name) => `${resource} ${name}`),
  );
  assert.deepEqual(unknown, []);
});

test("every sentence starts with a verb or a noun and ends with a period", () => {
  assert.ok(sentences.length > 100);
  for (const [place, text] of sentences) {
    assert.match(text, /^[A-Z`]/, place);
    assert.match(text, /\.$/, place);
    assert.doesNotMatch(
      text,
      /^(An?|The|This|These|It|You|Your|If|Please|Indicates|Specifies)\b/,
      place,
    );
    assert.doesNotMatch(text, / {2}|\.\.|—|\byou want\b|\bparameter\b/, place);
    assert.equal(text.split("`").length % 2, 1, `${place}: open backtick`);
    for (const [path] of text.matchAll(/(?<=\{)[^}]*(?=\})/g))
      assert.ok(
        routes.some((route) => route.path === path),
        `${place}: ${path}`,
      );
  }
});

test("a description of a parameter or member says more than its name", () => {
  for (const [place, text] of sentences) {
    const name = place.split(" ").at(-1).toLowerCase();
    if (/_ids?$|^\//.test(name)) continue;
    const known = new Set(name.split(/[._/]/).flatMap((it) => [it, `${it}s`]));
    const more = words(text).filter(
      (word) => !known.has(word) && !["of", "the", "a", "id"].includes(word),
    );
    assert.ok(more.length > 0, `${place}: ${text}`);
  }
});

test("no sentence is Seam's own", () => {
  const theirs = [...descriptionsOf(openapi)].map((it) => words(it).join(" "));
  const sentencesOf = (text) => text.split(/(?<=\.)\s+/);
  const whole = new Set(
    [...descriptionsOf(openapi)]
      .flatMap(sentencesOf)
      .map((it) => words(it).join(" ")),
  );
  const all = theirs.join(" | ");
  assert.ok(whole.size > 1_000);
  for (const [place, text] of sentences) {
    for (const sentence of sentencesOf(text)) {
      const own = words(sentence);
      // For a few words there is often no other way to say it.
      if (own.length > 5)
        assert.ok(!whole.has(own.join(" ")), `${place}: ${sentence}`);
      for (let start = 0; start + RUN <= own.length; start += 1) {
        const run = own.slice(start, start + RUN).join(" ");
        assert.ok(!all.includes(` ${run} `), `${place}: ${run}`);
      }
    }
  }
});

/** So many words in a row are a copy. */
const RUN = 9;

function words(text) {
  return (
    text
      .replace(/\]\([^)]*\)/g, "]")
      .toLowerCase()
      .match(/[a-z0-9_]+/g) ?? []
  );
}

function* descriptionsOf(value) {
  if (typeof value !== "object" || value === null) return;
  for (const [key, member] of Object.entries(value)) {
    if (key === "description" && typeof member === "string") yield member;
    else yield* descriptionsOf(member);
  }
}
