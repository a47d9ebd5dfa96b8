// Writes the sandbox's route table: every documented route with the schema of its parameters.
import { fail } from "./fail.mjs";
import { narrowing } from "./narrowed.mjs";

const CREDENTIALS = {
  api_key: "API_KEY",
  client_session: "CLIENT_SESSION",
  client_session_with_customer: "CUSTOMER_SESSION",
  client_session_with_customer_ro: "CUSTOMER_SESSION_READ_ONLY",
  pat_with_workspace: "PERSONAL_ACCESS_TOKEN",
  pat_without_workspace: "PERSONAL_ACCESS_TOKEN_NO_WORKSPACE",
  publishable_key: "PUBLISHABLE_KEY",
  console_session_with_workspace: "CONSOLE_SESSION",
  console_session_without_workspace: "CONSOLE_SESSION_NO_WORKSPACE",
  support_read_only_token: "SUPPORT_READ_ONLY",
};

// The sandbox has a named format for each pattern, because it has no regex engine.
const PATTERNS = {
  "^\\d+$": "Digits",
  "^[a-zA-Z_]\\w*$": "Identifier",
  "^([01]\\d|2[0-3]):[0-5]\\d(:[0-5]\\d)?$": "TimeOfDay",
  "^([01]\\d|2[0-3]):([0-5]\\d):([0-5]\\d)$": "TimeWithSeconds",
};

const FORMATS = {
  uuid: "Uuid",
  email: "Email",
  "date-time": "DateTime",
  uri: "Uri",
};

const PLAIN = new Set(["UUID", "TEXT", "EMAIL", "DATE_TIME", "URI"]);

/** An enum that occurs more than once becomes a constant if its expression is longer than this. */
const MIN_NAMED_LENGTH = 120;

/** Returns the Rust expression of a schema. */
function schemaExpression(schema) {
  const inner = valueExpression(schema);
  return schema.nullable ? `Schema::Nullable(&${inner})` : inner;
}

function valueExpression(schema) {
  if (schema.allOf)
    return `Schema::AllOf(&[${schema.allOf.map(schemaExpression).join(", ")}])`;
  if (schema.oneOf) {
    // A union of string enums is one enum.
    return schema.oneOf.every((it) => it.type === "string" && it.enum)
      ? enumExpression(schema.oneOf.flatMap((it) => it.enum))
      : `Schema::OneOf(&[${schema.oneOf.map(schemaExpression).join(", ")}])`;
  }
  switch (schema.type) {
    case "string":
      return schema.enum ? enumExpression(schema.enum) : text(schema);
    case "boolean":
      return schema.enum
        ? `Schema::Const(${single(schema.enum)})`
        : "Schema::Bool";
    case "number":
    case "integer":
      return number(schema);
    case "array":
      return `Schema::Array { items: &${schemaExpression(schema.items)}, min: ${schema.minItems ?? 0}, max: ${limit(schema.maxItems)} }`;
    case "object":
      return `Schema::Object { fields: &[${fields(schema)}], additional: ${additional(schema)} }`;
    default:
      return fail(`a schema of no known type: ${JSON.stringify(schema)}`);
  }
}

function enumExpression(values) {
  return `Schema::Enum(&[${values.map(literal).join(", ")}])`;
}

function single(values) {
  return values.length === 1
    ? values[0]
    : fail(`one value expected: ${values}`);
}

function text({ format, pattern, minLength, maxLength }) {
  const named = pattern
    ? (PATTERNS[pattern] ?? fail(`unknown pattern ${pattern}`))
    : format
      ? (FORMATS[format] ?? fail(`unknown format ${format}`))
      : "Any";
  const plain =
    named === "Any" ? "TEXT" : named.replace(/(?<=[a-z])T/, "_T").toUpperCase();
  if (minLength === undefined && maxLength === undefined && PLAIN.has(plain))
    return plain;
  return `Schema::Text { format: Format::${named}, min: ${minLength ?? 0}, max: ${limit(maxLength)} }`;
}

function number({ type, minimum, exclusiveMinimum, maximum }) {
  const integer = type === "integer";
  if (minimum === undefined && maximum === undefined && !integer)
    return "NUMBER";
  const float = (it) => (it === undefined ? "None" : `Some(${it.toFixed(1)})`);
  const [exclusiveMin, min] = exclusiveMinimum
    ? [minimum, undefined]
    : [undefined, minimum];
  return `Schema::Number { integer: ${integer}, exclusive_min: ${float(exclusiveMin)}, min: ${float(min)}, max: ${float(maximum)} }`;
}

function limit(value) {
  return value ?? "usize::MAX";
}

function fields(schema) {
  const required = new Set(schema.required ?? []);
  return Object.entries(schema.properties ?? {})
    .map(([name, it]) => {
      const standard =
        it.default === undefined
          ? "None"
          : `Some(${literal(JSON.stringify(it.default))})`;
      return `Field { name: ${literal(name)}, schema: ${schemaExpression(it)}, required: ${required.has(name)}, default: ${standard} }`;
    })
    .map((it) => `\n        ${it}`)
    .join(",");
}

function additional({ additionalProperties, properties }) {
  if (additionalProperties === false) return "AdditionalProperties::Refused";
  if (typeof additionalProperties === "object")
    return `AdditionalProperties::Each(&${schemaExpression(additionalProperties)})`;
  return properties
    ? "AdditionalProperties::Dropped"
    : "AdditionalProperties::Kept";
}

function literal(value) {
  return JSON.stringify(value).replace(/\\u[0-9a-f]{4}/g, () =>
    fail(`an escape in ${value}`),
  );
}

export function sandboxTable({ routes, openapi, version }) {
  const input = narrowing(routes, openapi);
  let rows = routes.map((it) => routeExpression(it, input));
  const names = [];
  for (const expression of repeatedEnums(rows)) {
    const name = `ENUM_${names.length + 1}`;
    names.push(`const ${name}: Schema = ${expression};`);
    rows = rows.map((row) => row.replaceAll(expression, name));
  }
  return `// Generated by xtask/codegen.mjs from @seamapi/types ${version}. Do not edit.
//! The ${routes.length} documented routes of the API, sorted by path.

#[allow(clippy::wildcard_imports, reason = "the table needs nearly all of these names")]
use super::{route::*, types::*};

${names.join("\n")}

pub(crate) static ROUTES: &[Route] = &[
${rows.join("\n")}
];
`;
}

function routeExpression(it, input) {
  return `    Route { path: ${literal(it.path)}, methods: ${it.methods.join(" | ")}, credentials: ${credentials(it)}, input: ${schemaExpression(input(it))} },`;
}

function credentials(it) {
  return it.credentials
    .map((name) => CREDENTIALS[name] ?? fail(`unknown credential ${name}`))
    .sort()
    .join(" | ");
}

function repeatedEnums(rows) {
  const seen = new Map();
  for (const [expression] of rows
    .join("\n")
    .matchAll(/Schema::Enum\(&\[[^\]]*\]\)/g))
    seen.set(expression, (seen.get(expression) ?? 0) + 1);
  return [...seen]
    .filter(
      ([expression, times]) =>
        times > 1 && expression.length > MIN_NAMED_LENGTH,
    )
    .map(([expression]) => expression);
}
