// The TypeScript types of the routes: a file for each namespace, with its
// routes' parameters, answers and requests under the official SDK's names.
import { split } from "./core.mjs";
import { imports, resultType } from "./resources.mjs";
import { flatten, kebab, members, pascal } from "./schema.mjs";

const CREDENTIALS = [
  ["api_key", "API key"],
  ["pat_with_workspace", "personal access token"],
  ["pat_without_workspace", "personal access token without workspace"],
  ["client_session", "client session"],
  ["client_session_with_customer", "customer session"],
  ["publishable_key", "publishable key"],
];

const EFFECTS = {
  read: "read",
  write: "write",
  act: "action: never sent again",
};

/** Their files below `pkg/src/generated/namespaces`, by name. */
export function namespaceFiles({ routes }) {
  const namespaces = new Map();
  const own = (name) => {
    if (!namespaces.has(name)) {
      namespaces.set(name, { routes: [], inner: [] });
      const [outer, last] = splitLast(name);
      if (outer) own(outer).inner.push(last);
    }
    return namespaces.get(name);
  };
  for (const route of routes) own(split(route.path)[0]).routes.push(route);
  const sorted = [...namespaces].sort(([a], [b]) => (a < b ? -1 : 1));
  const files = new Map(
    sorted.map(([name, it]) => [`${kebab(name)}.ts`, file(name, it)]),
  );
  files.set(
    "index.ts",
    index(
      sorted.map(([name]) => name),
      files,
    ),
  );
  return files;
}

function splitLast(name) {
  const at = name.lastIndexOf("/");
  return [name.slice(0, Math.max(at, 0)), name.slice(at + 1)];
}

function file(namespace, { routes, inner }) {
  const uses = new Set();
  const types = routes.map((route) => declare(route, uses));
  const methods = [
    ...inner
      .sort()
      .map(
        (name) =>
          `readonly ${camel(name)}: ${className(`${namespace}/${name}`)};`,
      ),
    ...routes.map(method),
  ];
  const helpers = [
    'import type { RequestOptions } from "../../core/options.js";',
    'import type { RouteRequest } from "../../client/request.js";',
    ...inner.sort().map((name) => {
      const whole = `${namespace}/${name}`;
      return `import type { ${className(whole)} } from "./${kebab(whole)}.js";`;
    }),
  ];
  const needed = routes.length > 0 ? helpers : helpers.slice(2);
  return `${needed.join("\n")}
${imports(uses, "", { resources: "../resources", types: "../.." })}
/** The routes below \`/${namespace}\`. */
export interface ${className(namespace)} {
  ${methods.join("\n")}
}

${types.join("\n\n")}
`;
}

function method(route) {
  const { path, official } = route;
  const name = pascal(path);
  const optional = official.required.length + official.atLeastOne.length === 0;
  return `/** ${facts(route)} */
  ${camel(split(path)[1])}(
    parameters${optional ? "?" : ""}: ${name}Parameters${optional ? " | undefined" : ""},
    options?: ${name}Options,
  ): ${name}Request;`;
}

/** The path, who may call it, what it does, whether it pages or starts an action. */
function facts({ path, credentials, effect, pages, responseKey }) {
  const callers = CREDENTIALS.filter(([it]) => credentials.includes(it));
  return [
    `\`${path}\``,
    callers.map(([, name]) => name).join(", "),
    EFFECTS[effect],
    ...(pages ? ["pages"] : []),
    ...(responseKey === "action_attempt" ? ["answers an action attempt"] : []),
  ].join("; ");
}

function declare(route, uses) {
  const { path, responseKey, pages } = route;
  const name = pascal(path);
  const response =
    responseKey === null
      ? "void"
      : `{ ${responseKey}: ${resultType(route, uses)} }`;
  const key = responseKey === null ? "undefined" : JSON.stringify(responseKey);
  return `${parameters(`${name}Parameters`, route, uses)}
export type ${name}Response = ${response};
export type ${name}Request = RouteRequest<${name}Response, ${key}${pages ? ", true" : ""}>;
export type ${name}Options = RequestOptions;`;
}

function parameters(name, { input, official }, uses) {
  const { properties = {} } = flatten(input);
  const to = { input: true, uses };
  const { required, atLeastOne } = official;
  const body = `{ ${members({ properties, required }, to)} }`;
  if (atLeastOne.length === 0) return `export type ${name} = ${body};`;
  uses.add("AtLeastOne");
  const names = atLeastOne.map((it) => JSON.stringify(it)).join(" | ");
  return `export type ${name} = AtLeastOne<${body}, ${names}>;`;
}

function index(names, files) {
  const top = names.filter((name) => !name.includes("/"));
  return `${top.map((name) => `import type { ${className(name)} } from "./${kebab(name)}.js";`).join("\n")}

${[...files.keys()].map((it) => `export type * from "./${it.replace(".ts", ".js")}";`).join("\n")}

/** The namespaces of a client. */
export interface SeamRoutes {
  ${top.map((name) => `readonly ${camel(name)}: ${className(name)};`).join("\n")}
}
`;
}

/** `list_device_providers` as `listDeviceProviders`. */
function camel(name) {
  return name.replace(/_(.)/g, (_, c) => c.toUpperCase());
}

/** What the official SDK calls the class of a namespace's routes. */
function className(namespace) {
  return `SeamHttp${pascal(namespace)}`;
}
