// The TypeScript types of what the API answers with, a file for each.
import { comment } from "./comments.mjs";
import { describeResource } from "./descriptions.mjs";
import { fail } from "./fail.mjs";
import { kebab, pascal, resourceName } from "./names.mjs";
import { members, typeOf } from "./schema.mjs";

/** Their files below `pkg/src/generated/resources`, by name. */
export function resourceFiles(api) {
  const named = namedResources(api);
  const files = new Map();
  for (const [name, schema] of named) {
    const uses = new Set();
    const { is, member: describe } = describeResource(api.descriptions, name);
    const body =
      name === "action_attempt"
        ? actionAttempt(schema, is, uses)
        : name === "event"
          ? event(schema, is, { uses, describe })
          : `${comment([is])}export type ${resourceName(name)} = ${typeOf(schema, { uses, describe })};`;
    files.set(`${kebab(name)}.ts`, imports(uses, resourceName(name)) + body);
  }
  files.set("batch.ts", batch(api, named));
  const exports = [...files.keys()].map(
    (file) => `export type * from "./${file.replace(".ts", ".js")}";`,
  );
  files.set("index.ts", exports.join("\n"));
  return files;
}

/** The name of the type of what a route answers with, as `[]` if it is a list. */
export function resultType(route, uses) {
  const { path, output } = route;
  const list = output.type === "array";
  const item = list ? output.items : output;
  if (route.responseKey === "batch") {
    uses.add("Batch");
    const keys = Object.keys(item.properties).map((it) => JSON.stringify(it));
    return `Batch<${keys.join(" | ")}>`;
  }
  const name = item.$ref
    ? resourceName(item.$ref.replace("#/components/schemas/", ""))
    : pascal(unmanagedName(path));
  uses.add(name);
  return list ? `${name}[]` : name;
}

/** Every resource that a documented route answers with or that hangs on one. */
function namedResources({ openapi, routes }) {
  const { schemas } = openapi.components;
  const named = new Map();
  const visit = (schema) => {
    if (typeof schema !== "object" || schema === null) return;
    if (schema.$ref) {
      const name = schema.$ref.replace("#/components/schemas/", "");
      if (named.has(name)) return;
      named.set(name, schemas[name]);
      visit(schemas[name]);
    } else {
      Object.values(schema).forEach(visit);
    }
  };
  for (const { path, responseKey, output } of routes) {
    visit(output);
    if (!output || responseKey === "batch") continue;
    const item = output.type === "array" ? output.items : output;
    // A few stand in their route and nowhere else.
    if (!item.$ref) named.set(unmanagedName(path), item);
  }
  return new Map([...named].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function unmanagedName(path) {
  const [, namespace] =
    /^\/(\w+)\/unmanaged\/\w+$/.exec(path) ?? fail(`no name for ${path}`);
  return `unmanaged_${namespace.replace(/ies$/, "y").replace(/s$/, "")}`;
}

/** The import lines for the names that a file uses. */
export function imports(uses, own, from = { resources: ".", types: "../.." }) {
  const helpers = ["AtLeastOne", "Open", "Other", "Timestamp"];
  const used = [...uses].sort();
  const lines = used
    .filter((name) => !helpers.includes(name) && name !== own)
    .map((name) => {
      const file = name.replace(/(?<!^)[A-Z]/g, "-$&").toLowerCase();
      const path = file === "seam-event" ? "event" : file;
      return `import type { ${name} } from "${from.resources}/${path}.js";`;
    });
  const types = used.filter((name) => helpers.includes(name)).join(", ");
  if (types)
    lines.push(
      `import type { ${types} } from "${from.types}/core/utility-types.js";`,
    );
  return lines.length === 0 ? "" : `${lines.join("\n")}\n\n`;
}

function actionAttempt(schema, is, uses) {
  const parts = schema.oneOf
    .filter((it) => !it["x-undocumented"])
    .map(({ properties: p }) => {
      const type = JSON.stringify(p.action_type.enum[0]);
      const [status] = p.status.enum;
      if (status === "pending") return `Pending<${type}>`;
      if (status === "success")
        return `Succeeded<${type}, ${typeOf(p.result, { uses })}>`;
      const error = typeOf(p.error, { uses });
      return error.replace(/\s/g, "") === "{message:string;type:string;}"
        ? `Failed<${type}>`
        : `Failed<${type}, ${error}>`;
    });
  const attempt = (name, more, members) =>
    `type ${name}<Type extends string${more}> = {
      /** Id of the attempt, with which its state can be fetched. */
      action_attempt_id: string;
      /** Kind of action: \`UNLOCK_DOOR\`. */
      action_type: Type;
      ${members}
    };`;
  return `${attempt("Pending", "", 'status: "pending"; result: null; error: null;')}
  ${attempt("Succeeded", ", Result", 'status: "success"; result: Result; error: null;')}
  ${attempt(
    "Failed",
    ", Reason = { message: string; type: string }",
    `status: "error"; result: null;
    /** Why it failed: \`type\` for programs, \`message\` for people. */
    error: Reason;`,
  )}

  ${comment([is])}export type ActionAttempt =
  | ${parts.join("\n| ")};

  /** The attempts of one kind of action, in one state or in any. */
  export type ActionAttemptOf<
    Type extends ActionAttempt["action_type"],
    Status extends ActionAttempt["status"] = ActionAttempt["status"],
  > = Extract<ActionAttempt, { action_type: Type; status: Status }>;
  `;
}

/** Events of the same shape share a type, which takes the event's own. */
function event(schema, is, to) {
  const shapes = new Map();
  const declared = [];
  const parts = schema.oneOf
    .filter((it) => !it["x-undocumented"])
    .map((kind) => {
      const { event_type: type, ...properties } = kind.properties;
      const shape = members({ ...kind, properties }, to);
      const [value] = type.enum;
      if (!shapes.has(shape)) {
        shapes.set(shape, `${pascal(value)}Event`);
        declared.push(
          `type ${pascal(value)}Event<Type extends string> = { event_type: Type; ${shape} };`,
        );
      }
      return `${shapes.get(shape)}<${JSON.stringify(value)}>`;
    });
  return `${declared.join("\n\n")}

  ${comment([is])}export type SeamEvent =
  | ${parts.join("\n| ")};
  `;
}

/** The official SDK's `Batch`: lists of resources by their names. */
function batch({ routes }, named) {
  const keys = new Map();
  for (const { responseKey, output } of routes) {
    if (responseKey !== "batch") continue;
    for (const [key, { items }] of Object.entries(output.properties))
      keys.set(key, items.$ref.replace("#/components/schemas/", ""));
  }
  const uses = new Set();
  const rows = [...keys]
    .sort()
    .map(([key, name]) => {
      uses.add(resourceName(name));
      if (!named.has(name)) fail(`a batch of unknown ${name}`);
      return `${key}: ${resourceName(name)};`;
    })
    .join("\n");
  return `${imports(uses, "Batch")}interface BatchResources {
    ${rows}
  }

  /** Resources of several kinds, a list for each. */
  export type Batch<K extends keyof BatchResources = keyof BatchResources> = {
    [P in K]?: BatchResources[P][] | undefined;
  };
  `;
}
