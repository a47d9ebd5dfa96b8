// TypeScript types from the OpenAPI's schemas.
import { comment } from "./comments.mjs";
import { fail } from "./fail.mjs";
import { resourceName } from "./names.mjs";

// Lists that grow with each lock that Seam learns: another value than these is
// no error. All else is as closed as the OpenAPI has it.
const GROWING = new Set([
  "accepted_capabilities",
  "accepted_providers",
  "access_group_type",
  "capabilities_supported",
  "constraint_type",
  "device_provider_name",
  "device_type",
  "device_types",
  "error_code",
  "event_type",
  "event_types",
  "external_type",
  "manufacturer",
  "method",
  "mutation_code",
  "provider_categories",
  "provider_category",
  "reason_code",
  "system_type",
  "warning_code",
]);

/** What tells apart the objects of a list whose kinds grow. */
const CODES = ["error_code", "warning_code"];

/** TypeScript relates no union of more literals than this to one of objects. */
const MOST_CODES = 25;

/** Beyond this a list of values is no help, and costs whoever compiles it. */
const MOST_VALUES = 200;

/**
 * The type of `schema`. `name` is the member that holds it; `input` says that
 * it is sent, and not received. `uses` collects the names that it needs.
 * `describe` returns the description of a member by its dotted name.
 */
export function typeOf(schema, { name = "", input, uses, describe }) {
  const to = { name, input, uses, describe };
  if (schema.$ref) {
    const resource = schema.$ref.replace("#/components/schemas/", "");
    const pascal = resourceName(resource);
    uses.add(pascal);
    return pascal;
  }
  const type = typeOfValue(schema, to);
  return schema.nullable && type !== "null" && type !== "unknown"
    ? `${type} | null`
    : type;
}

function typeOfValue(schema, to) {
  const { input, uses, name } = to;
  if (schema.allOf) return typeOfValue(flatten(schema), to);
  if (schema.oneOf) return union(schema, to);
  if (schema.anyOf)
    return [...new Set(schema.anyOf.map((it) => typeOf(it, to)))].join(" | ");
  switch (schema.type) {
    case "string":
      if (schema.enum) return choice(schema.enum, to);
      if (!(input && schema.format === "date-time")) return "string";
      uses.add("Timestamp");
      return "Timestamp";
    case "boolean":
      return schema.enum?.length === 1 ? String(schema.enum[0]) : "boolean";
    case "number":
    case "integer":
      return "number";
    case "array": {
      const item = typeOf(schema.items, to);
      const list = /[|&]/.test(item) ? `(${item})[]` : `${item}[]`;
      return input ? `readonly ${list}` : list;
    }
    case "object":
      return object(schema, to);
    case undefined:
      // What is nothing but nullable is null; what is nothing at all, anything.
      if (schema.nullable) return "null";
      return "unknown";
    default:
      return fail(`a schema of an unknown type in ${name}: ${schema.type}`);
  }
}

function choice(values, { name, uses }) {
  const distinct = [...new Set(values)];
  if (distinct.length > MOST_VALUES) return "string";
  const literals = distinct.map((it) => JSON.stringify(it)).join(" | ");
  // A single value is what tells an object from others.
  if (distinct.length < 2 || !GROWING.has(name)) return literals;
  uses.add("Open");
  return `Open<${literals}>`;
}

function union(schema, to) {
  const kinds = schema.oneOf;
  if (kinds.every((it) => it.type === "string" && it.enum))
    return choice(
      kinds.flatMap((it) => it.enum),
      to,
    );
  if (kinds.every((it) => !["object", undefined].includes(it.type)))
    return [...new Set(kinds.map((it) => typeOf(it, to)))].join(" | ");
  const code = CODES.find((it) => kinds.every(({ properties: p }) => p?.[it]));
  if (code && !to.input) return coded(kinds, code, to);
  if (schema.discriminator) {
    const types = kinds
      .filter((it) => !it["x-undocumented"])
      .map((it) => typeOf(it, to));
    return [...new Set(types)].join(" | ");
  }
  return typeOfValue(flatten(schema), to);
}

/**
 * Objects told apart by `code`, those of the same shape as one, and beside
 * them one for the codes that nobody knows yet: it may have whatever the
 * others have.
 */
function coded(kinds, code, to) {
  const groups = new Map();
  for (const kind of kinds) {
    const { [code]: own, ...properties } = kind.properties;
    const shape = members({ ...kind, properties }, to);
    const group = groups.get(shape) ?? {
      ...kind,
      properties,
      shape,
      codes: [],
    };
    group.codes.push(...own.enum);
    groups.set(shape, group);
  }
  const alone = groups.size === 1;
  to.uses.add(alone ? "Open" : "Other");
  const parts = [...groups.values()].flatMap(({ codes, shape }) =>
    chunks(codes).map((some) => {
      const values = some.map((it) => JSON.stringify(it)).join(" | ");
      const type = alone ? `Open<${values}>` : values;
      return `{ ${code}: ${type}; ${shape} }`;
    }),
  );
  if (!alone) {
    const other = loose([...groups.values()]);
    // Were it `string & {}`, comparing the code would tell nothing apart.
    parts.push(`Other<{ ${code}: string; ${members(other, to)} }>`);
  }
  return parts.join(" | ");
}

function chunks(codes) {
  const starts = codes.map((_, at) => at).filter((at) => at % MOST_CODES === 0);
  return starts.map((at) => codes.slice(at, at + MOST_CODES));
}

/** One object with the members of all, each as loose as the loosest. */
function loose(kinds) {
  const names = [
    ...new Set(kinds.flatMap((it) => Object.keys(documented(it.properties)))),
  ];
  const properties = names.map((name) => {
    const all = kinds.flatMap((it) => it.properties[name] ?? []);
    const different = new Map(all.map((it) => [bare(it), it]));
    return [
      name,
      different.size > 1 ? { anyOf: [...different.values()] } : all[0],
    ];
  });
  return {
    properties: Object.fromEntries(properties),
    required: names.filter((name) =>
      kinds.every((it) => it.required?.includes(name)),
    ),
  };
}

/** What of a schema makes its type. */
function bare(schema) {
  return JSON.stringify(schema, (key, value) =>
    key === "description" ? undefined : value,
  );
}

function object(schema, to) {
  const { properties, additionalProperties } = schema;
  const rest =
    typeof additionalProperties === "object"
      ? typeOf(additionalProperties, to)
      : undefined;
  if (!properties) return `Record<string, ${rest ?? "unknown"}>`;
  if (Object.keys(documented(properties)).length === 0) return "{}";
  return `{ ${members(schema, to)} }`;
}

/** The members of an object type, without its braces. */
export function members({ properties, required = [] }, to) {
  const { describe = () => undefined } = to;
  return Object.entries(documented(properties))
    .map(([name, schema]) => {
      const inside = (inner) => describe(`${name}.${inner}`);
      const type = typeOf(schema, { ...to, name, describe: inside });
      const about = comment(
        [
          [describe(name), ...(to.input ? limits(schema) : [])]
            .join(" ")
            .trim(),
        ],
        deprecation(schema, properties),
      );
      return required.includes(name)
        ? `${about}${name}: ${type};`
        : `${about}${name}?: ${type} | undefined;`;
    })
    .join("\n");
}

/** The tag of a deprecated member, with the member that replaces it, if there is one. */
function deprecation({ "x-deprecated": deprecated }, properties) {
  if (deprecated === undefined) return [];
  const [, name] = /^use `?(\w+)/i.exec(deprecated) ?? [];
  return [`@deprecated${name in properties ? ` Use \`${name}\`.` : ""}`];
}

/** Sentences about the values that a parameter may have. */
function limits(schema) {
  const { default: preset, minLength, maxLength } = schema;
  const { minimum, maximum } = schema.items ?? schema;
  const said = [];
  if (minimum !== undefined && maximum !== undefined)
    said.push(`From ${minimum} to ${maximum}.`);
  if (minLength > 1 && maxLength !== undefined)
    said.push(`${minLength} to ${maxLength} characters.`);
  // An empty default says no more than that the parameter is optional.
  if (preset !== null && typeof preset !== "object" && preset !== undefined)
    said.push(`Default: \`${JSON.stringify(preset)}\`.`);
  return said;
}

function documented(properties) {
  return Object.fromEntries(
    Object.entries(properties ?? {}).filter(
      ([, schema]) => !schema["x-undocumented"],
    ),
  );
}

/**
 * One object for an `allOf` or a `oneOf` of objects: as the official SDK has
 * it, a member is required only where every alternative requires it.
 */
export function flatten(schema) {
  if (schema.allOf) {
    const parts = schema.allOf.map(flatten);
    return merged(schema, parts, [...new Set(parts.flatMap(requiredOf))]);
  }
  if (schema.oneOf && !schema.oneOf.some((it) => isScalar(it))) {
    const parts = schema.oneOf.map(flatten);
    const [first = [], ...others] = parts.map(requiredOf);
    const common = first.filter((name) =>
      others.every((names) => names.includes(name)),
    );
    return merged(schema, parts, common);
  }
  return schema;
}

function isScalar({ type }) {
  return ["string", "number", "integer", "boolean", "array"].includes(type);
}

function requiredOf(schema) {
  return schema.required ?? [];
}

function merged({ nullable }, parts, required) {
  const properties = {};
  for (const part of parts) {
    for (const [name, schema] of Object.entries(part.properties ?? {})) {
      const before = properties[name];
      properties[name] =
        before?.enum && schema.enum
          ? { ...before, enum: [...new Set([...before.enum, ...schema.enum])] }
          : schema;
    }
  }
  return {
    type: "object",
    properties,
    required,
    ...((nullable || parts.some((it) => it.nullable)) && { nullable: true }),
  };
}
