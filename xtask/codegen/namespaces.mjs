// The TypeScript types of the routes: a file for each namespace, with its
// routes' parameters, answers and requests under the official SDK's names.
import { comment } from "./comments.mjs";
import { split } from "./core.mjs";
import { describeNamespace, describeRoute } from "./descriptions.mjs";
import { imports, resultType } from "./resources.mjs";
import { camel, kebab, pascal } from "./names.mjs";
import { flatten, members } from "./schema.mjs";

const CREDENTIALS = [
  ["api_key", "API key"],
  ["pat_with_workspace", "personal access token"],
  ["pat_without_workspace", "personal access token without workspace"],
  ["client_session", "client session"],
  ["client_session_with_customer", "customer session"],
  ["publishable_key", "publishable key"],
];

/** Their files below `pkg/src/generated/namespaces`, by name. */
export function namespaceFiles({ routes, descriptions }) {
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
    sorted.map(([name, it]) => [
      `${kebab(name)}.ts`,
      file(name, it, descriptions),
    ]),
  );
  files.set(
    "index.ts",
    index(
      sorted.map(([name]) => name),
      files,
      descriptions,
    ),
  );
  return files;
}

function splitLast(name) {
  const at = name.lastIndexOf("/");
  return [name.slice(0, Math.max(at, 0)), name.slice(at + 1)];
}

function file(namespace, { routes, inner }, descriptions) {
  const uses = new Set();
  const types = routes.map((route) => declare(route, uses, descriptions));
  const methods = [
    ...inner
      .sort()
      .map((name) => member(`${namespace}/${name}`, name, descriptions)),
    ...routes.map((route) => method(route, descriptions)),
  ];
  const helpers = [
    'import type { RequestOptions } from "../../core/options.js";',
    requestImport([...types, ...methods].join()),
    ...inner.sort().map((name) => {
      const whole = `${namespace}/${name}`;
      return `import type { ${className(whole)} } from "./${kebab(whole)}.js";`;
    }),
  ];
  const needed = routes.length > 0 ? helpers : helpers.slice(2);
  return `${needed.join("\n")}
${imports(uses, "", { resources: "../resources", types: "../.." })}
${comment([describeNamespace(descriptions, namespace), `The routes below \`/${namespace}\`.`])}export interface ${className(namespace)} {
  ${methods.join("\n")}
}

${types.join("\n\n")}
`;
}

/** The import of the request types that a file uses. */
function requestImport(text) {
  const names = ["ActionRequest", "ActionStatus", "RouteRequest"];
  const used = names.filter((name) => new RegExp(`\\b${name}\\b`).test(text));
  return `import type { ${used.join(", ")} } from "../../client/request.js";`;
}

/** A namespace as a member of what it is in. */
function member(namespace, name, descriptions) {
  const about = comment([describeNamespace(descriptions, namespace)]);
  return `${about}readonly ${camel(name)}: ${className(namespace)};`;
}

function method(route, descriptions) {
  const { path, official, replacement } = route;
  const name = pascal(path);
  const optional = official.required.length + official.atLeastOne.length === 0;
  const { does, example, link } = describeRoute(descriptions, path);
  const tags = [...throws(route), `@see ${link}`];
  if (example !== undefined)
    tags.push(["@example", "```ts", ...example, "```"]);
  if (replacement) tags.push(`@deprecated Use {${replacement}}.`);
  const own = camel(split(path)[1]);
  const about = comment([does, behavior(route), facts(route)], tags);
  const parameters = `${name}Parameters${optional ? " | undefined" : ""}`;
  return `${withoutWaiting(route, own, parameters)}${about}${own}(
    parameters${optional ? "?" : ""}: ${parameters},
    options?: ${name}Options,
  ): ${name}Request;`;
}

/** The overload of an action whose call resolves before the action attempt has ended. */
function withoutWaiting({ path, action, responseKey }, own, parameters) {
  if (responseKey !== "action_attempt" || action === null) return "";
  const about =
    "Resolves to the action attempt as it is when the server has accepted the action.";
  return `${comment([about])}${own}(
    parameters: ${parameters},
    options: ${pascal(path)}Options & { waitForActionAttempt: false },
  ): ActionRequest<"${action}", ActionStatus>;
  `;
}

/** What the client does with a route of this kind. */
function behavior({ effect, pages, responseKey }) {
  if (pages)
    return "Resolves to one page. `seam.createPaginator` fetches the others.";
  if (effect !== "act") return "";
  return responseKey === "action_attempt"
    ? "Sent once, and not again after a network error. Waits for the action attempt, up to ten seconds by default, and resolves to it once it has succeeded."
    : "Sent once, and not again after a network error.";
}

/** The path, and who may call it. */
function facts({ path, credentials }) {
  const callers = CREDENTIALS.filter(([it]) => credentials.includes(it));
  return `Path: \`${path}\`. Credentials: ${callers.map(([, name]) => name).join(", ")}.`;
}

/** The errors that an app should expect of the route in particular. */
function throws({ responseKey, credentials, official }) {
  const named = [...official.required, ...official.atLeastOne];
  const isAboutOne = named.some((name) => name.endsWith("_id"));
  return [
    ...(isAboutOne && credentials.includes("client_session")
      ? [
          "@throws {SeamHttpApiError} If a record does not exist or is outside the scope; then `isOutOfScope(error)` is true.",
        ]
      : []),
    ...(responseKey === "action_attempt"
      ? [
          "@throws {SeamActionAttemptFailedError} If the action attempt ended with an error.",
          "@throws {SeamActionAttemptTimeoutError} If it is still pending after the wait. It may still be carried out.",
        ]
      : []),
  ];
}

function declare(route, uses, descriptions) {
  const { path, responseKey, pages, action } = route;
  const name = pascal(path);
  const response =
    responseKey === null
      ? "void"
      : `{ ${responseKey}: ${resultType(route, uses)} }`;
  const key = responseKey === null ? "undefined" : JSON.stringify(responseKey);
  const isAction = responseKey === "action_attempt" && action !== null;
  const request = isAction
    ? `ActionRequest<"${action}">`
    : `RouteRequest<${name}Response, ${key}${pages ? ", true" : ""}>`;
  return `${parameters(`${name}Parameters`, route, uses, descriptions)}
export type ${name}Response = ${response};
export type ${name}Request = ${request};
export type ${name}Options = RequestOptions;`;
}

function parameters(name, { path, input, official }, uses, descriptions) {
  const { properties = {} } = flatten(input);
  const { parameter: describe } = describeRoute(descriptions, path);
  const to = { input: true, uses, describe };
  const { required, atLeastOne } = official;
  const body = `{ ${members({ properties, required }, to)} }`;
  if (atLeastOne.length === 0) return `export type ${name} = ${body};`;
  uses.add("AtLeastOne");
  const names = atLeastOne.map((it) => JSON.stringify(it)).join(" | ");
  return `export type ${name} = AtLeastOne<${body}, ${names}>;`;
}

function index(names, files, descriptions) {
  const top = names.filter((name) => !name.includes("/"));
  return `${top.map((name) => `import type { ${className(name)} } from "./${kebab(name)}.js";`).join("\n")}

${[...files.keys()].map((it) => `export type * from "./${it.replace(".ts", ".js")}";`).join("\n")}

/** The namespaces of a client. */
export interface SeamRoutes {
  ${top.map((name) => member(name, name, descriptions)).join("\n")}
}
`;
}

/** What the official SDK calls the class of a namespace's routes. */
function className(namespace) {
  return `SeamHttp${pascal(namespace)}`;
}
