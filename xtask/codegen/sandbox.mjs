// The sandbox's view: every documented route with all that its parameters must be.
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

// Patterns become named formats, so that the sandbox needs no regex engine.
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

/** What is written out twice or more and longer than this gets a name of its own. */
const WORTH_A_NAME = 120;

/** The Rust expression of one schema's `Kind`. */
function kind(schema) {
  const inner = kindOfValue(schema);
  return schema.nullable ? `Kind::Nullable(&${inner})` : inner;
}

function kindOfValue(schema) {
  if (schema.allOf)
    return `Kind::AllOf(&[${schema.allOf.map(kind).join(", ")}])`;
  if (schema.oneOf) {
    // A union of closed sets of strings is one closed set.
    return schema.oneOf.every((it) => it.type === "string" && it.enum)
      ? choice(schema.oneOf.flatMap((it) => it.enum))
      : `Kind::OneOf(&[${schema.oneOf.map(kind).join(", ")}])`;
  }
  switch (schema.type) {
    case "string":
      return schema.enum ? choice(schema.enum) : text(schema);
    case "boolean":
      return schema.enum ? `Kind::Exactly(${only(schema.enum)})` : "Kind::Bool";
    case "number":
    case "integer":
      return number(schema);
    case "array":
      return `Kind::List { of: &${kind(schema.items)}, min: ${schema.minItems ?? 0}, max: ${limit(schema.maxItems)} }`;
    case "object":
      return `Kind::Object { fields: &[${fields(schema)}], rest: ${rest(schema)} }`;
    default:
      return fail(`a schema of no known type: ${JSON.stringify(schema)}`);
  }
}

function choice(values) {
  return `Kind::Choice(&[${values.map(literal).join(", ")}])`;
}

function only(values) {
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
  return `Kind::Text { format: Format::${named}, min: ${minLength ?? 0}, max: ${limit(maxLength)} }`;
}

function number({ type, minimum, exclusiveMinimum, maximum }) {
  const whole = type === "integer";
  if (minimum === undefined && maximum === undefined && !whole) return "NUMBER";
  const float = (it) => (it === undefined ? "None" : `Some(${it.toFixed(1)})`);
  const [above, least] = exclusiveMinimum
    ? [minimum, undefined]
    : [undefined, minimum];
  return `Kind::Number { whole: ${whole}, above: ${float(above)}, min: ${float(least)}, max: ${float(maximum)} }`;
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
      return `Field { name: ${literal(name)}, kind: ${kind(it)}, required: ${required.has(name)}, default: ${standard} }`;
    })
    .map((it) => `\n        ${it}`)
    .join(",");
}

function rest({ additionalProperties, properties }) {
  if (additionalProperties === false) return "Rest::Refused";
  if (typeof additionalProperties === "object")
    return `Rest::Each(&${kind(additionalProperties)})`;
  return properties ? "Rest::Dropped" : "Rest::Kept";
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
  for (const expression of repeatedChoices(rows)) {
    const name = `CHOICE_${names.length + 1}`;
    names.push(`const ${name}: Kind = ${expression};`);
    rows = rows.map((row) => row.replaceAll(expression, name));
  }
  return `// Generated by xtask/codegen.mjs from @seamapi/types ${version}. Do not edit.
//! The ${routes.length} documented routes of the API, sorted by path.

#[allow(clippy::wildcard_imports, reason = "a table of nothing but these names")]
use super::*;

${names.join("\n")}

pub(crate) static ROUTES: &[Route] = &[
${rows.join("\n")}
];
`;
}

function routeExpression(it, input) {
  return `    Route { path: ${literal(it.path)}, methods: ${it.methods.join(" | ")}, credentials: ${credentials(it)}, input: ${kind(input(it))} },`;
}

function credentials(it) {
  return it.credentials
    .map((name) => CREDENTIALS[name] ?? fail(`unknown credential ${name}`))
    .sort()
    .join(" | ");
}

function repeatedChoices(rows) {
  const seen = new Map();
  for (const [expression] of rows
    .join("\n")
    .matchAll(/Kind::Choice\(&\[[^\]]*\]\)/g))
    seen.set(expression, (seen.get(expression) ?? 0) + 1);
  return [...seen]
    .filter(
      ([expression, times]) => times > 1 && expression.length > WORTH_A_NAME,
    )
    .map(([expression]) => expression);
}
