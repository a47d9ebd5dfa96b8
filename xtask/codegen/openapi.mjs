// What the OpenAPI that @seamapi/types ships says of the documented routes.
import { fail } from "./fail.mjs";

/** The documented routes, sorted by path, with what their operations agree on. */
export function documentedRoutes(openapi) {
  return Object.entries(openapi.paths)
    .filter(
      ([, operations]) =>
        !Object.values(operations).some((it) => it["x-undocumented"]),
    )
    .map(([path, operations]) => route(path, operations))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

function route(path, operations) {
  const { post } = operations;
  // The body of POST is the one complete description: GET leaves unions out.
  if (!post) fail(`${path} takes no POST`);
  const input = post.requestBody?.content["application/json"].schema ?? {
    type: "object",
    properties: {},
  };
  for (const [method, operation] of Object.entries(operations)) {
    if (!same(credentials(operation), credentials(post)))
      fail(`${path} ${method} takes other credentials than POST`);
    checkQuery(path, method, operation, input);
  }
  const answer = post.responses["200"]?.content?.["application/json"]?.schema;
  const methods = Object.keys(operations).map((it) => it.toUpperCase());
  const responseKey = post["x-response-key"] ?? null;
  const action = post["x-action-attempt-type"] ?? null;
  return {
    path,
    replacement: replacementOf(path, post),
    methods,
    credentials: credentials(post),
    responseKey,
    action,
    effect: methods.includes("GET")
      ? "read"
      : action !== null || responseKey === "action_attempt"
        ? "act"
        : "write",
    pages: "pagination" in (answer?.properties ?? {}),
    input,
    output: responseKey === null ? null : answer.properties[responseKey],
  };
}

/** The route that replaces a deprecated one. */
function replacementOf(path, { "x-deprecated": deprecation }) {
  if (deprecation === undefined) return undefined;
  const [, replacement] = /`(\/[a-z_/]+)`/.exec(deprecation) ?? [];
  return replacement ?? fail(`${path} is deprecated without a replacement`);
}

function credentials(operation) {
  return operation.security.flatMap((it) => Object.keys(it)).sort();
}

function checkQuery(path, method, operation, input) {
  if (!operation.parameters || !input.properties) return;
  const names = operation.parameters.map((it) => it.name).sort();
  if (!same(names, Object.keys(input.properties).sort()))
    fail(`${path}: ${method} takes other parameters than POST`);
}

function same(a, b) {
  return JSON.stringify(a) === JSON.stringify(b);
}
