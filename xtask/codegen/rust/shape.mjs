// The parts of a schema that determine the Rust type.

/** Returns a schema with unions and sums resolved, without what does not change the JSON. */
export function shape(schema) {
  const it = shapeOfValue(schema);
  return schema.nullable && it.is !== "any" ? { ...it, nullable: true } : it;
}

function shapeOfValue(schema) {
  if (schema.$ref)
    return { is: "resource", name: schema.$ref.split("/").pop() };
  if (schema.allOf) return schema.allOf.map(shape).reduce(sum);
  if (schema.oneOf) return union(schema);
  switch (schema.type) {
    case "string":
      return schema.enum
        ? { is: "choice", values: schema.enum }
        : { is: "text" };
    case "boolean":
      return { is: "bool" };
    case "number":
    case "integer":
      return { is: "number" };
    case "array":
      return { is: "list", of: shape(schema.items) };
    case "object":
      return Object.keys(schema.properties ?? {}).length > 0
        ? object(schema)
        : { is: "map" };
    case undefined:
      return { is: "any" };
    default:
      throw new Error(`codegen: unknown type ${schema.type}`);
  }
}

function object({ properties, required = [] }) {
  // An undocumented member may vanish any day; it is kept like an unknown one.
  const fields = Object.entries(properties)
    .filter(([, it]) => !it["x-undocumented"])
    .map(([name, it]) => [
      name,
      {
        shape: shape(it),
        required: required.includes(name),
        "#note": note(it),
      },
    ]);
  return { is: "object", fields: sorted(fields) };
}

function sorted(entries) {
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function sum(a, b) {
  return {
    is: "object",
    fields: sorted(Object.entries({ ...a.fields, ...b.fields })),
  };
}

function note(schema) {
  const { format, deprecated, minimum, maximum, exclusiveMinimum } = schema;
  return [
    format && !["float"].includes(format) ? format : null,
    minimum === undefined
      ? null
      : `${exclusiveMinimum ? "above" : "at least"} ${minimum}`,
    maximum === undefined ? null : `at most ${maximum}`,
    deprecated ? "deprecated" : null,
  ]
    .filter(Boolean)
    .join(", ");
}

/**
 * Variants that agree on every shared member become one object, in which other members are optional.
 * Variants that do not agree become an enum by their tags.
 */
function union({ oneOf, discriminator }) {
  const variants = oneOf.map(shape);
  if (variants.every((it) => it.is === "choice"))
    return { is: "choice", values: variants.flatMap((it) => it.values) };
  if (!variants.every((it) => it.is === "object")) return { is: "any" };
  const together = merged(variants);
  if (together) return together;
  const tags = discriminator
    ? [discriminator.propertyName]
    : Object.keys(variants[0].fields).filter((name) =>
        variants.every((it) => it.fields[name] && isTag(it.fields[name])),
      );
  if (tags.length === 0) return { is: "any" };
  return {
    is: "union",
    tags,
    variants: variants.map(({ fields }) => ({
      tags: tags.map((it) => fields[it].shape.values[0]),
      of: {
        is: "object",
        fields: sorted(
          Object.entries(fields).filter(([name]) => !tags.includes(name)),
        ),
      },
    })),
  };
}

function isTag({ shape, required }) {
  return required && shape.is === "choice" && shape.values.length === 1;
}

function merged(variants) {
  const fields = {};
  for (const [index, variant] of variants.entries()) {
    for (const [name, field] of Object.entries(variant.fields)) {
      const known = fields[name];
      if (!known) {
        fields[name] = { ...field, required: field.required && index === 0 };
        continue;
      }
      const joined = join2(known.shape, field.shape);
      if (!joined) return null;
      known.shape = joined;
      known.required &&= field.required;
    }
    for (const name of Object.keys(fields))
      if (!variant.fields[name]) fields[name].required = false;
  }
  return { is: "object", fields: sorted(Object.entries(fields)) };
}

/** Returns the shape that accepts both, if they are alike. */
function join2({ nullable: left, ...a }, { nullable: right, ...b }) {
  const nullable = left || right ? { nullable: true } : {};
  if (canonical(a) === canonical(b)) return { ...a, ...nullable };
  if (a.is !== "choice" || b.is !== "choice") return null;
  return {
    is: "choice",
    values: [...new Set([...a.values, ...b.values])],
    ...nullable,
  };
}

/** Returns a key that is equal for equal shapes. */
export function canonical(it) {
  return JSON.stringify(it, (key, value) =>
    key === "#note" ? undefined : value,
  );
}
