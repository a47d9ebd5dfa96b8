// The data of the tests of the Rust types.

import { pascal } from "./names.mjs";

export function testTable(schemas) {
  const rows = Object.keys(schemas).map(
    (it) => `    row::<it::${pascal(it)}>(${JSON.stringify(it)}),\n`,
  );
  return `//! Each resource's name in the OpenAPI and its type.

use seam_session::resources as it;

use super::check::{Check, row};

pub(crate) const TYPES: &[(&str, Check)] = &[
${rows.join("")}];
`;
}

/** Returns the schemas, reduced to what determines valid JSON, from which the tests generate JSON. */
export function testSchemas(schemas) {
  const KEPT = new Set([
    ...["$ref", "type", "enum", "nullable", "required"],
    ...["items", "oneOf", "allOf", "additionalProperties"],
  ]);
  const bare = (schema) =>
    Object.fromEntries(
      Object.entries(schema)
        .filter(([key]) => KEPT.has(key) || key === "properties")
        .map(([key, value]) => {
          if (key === "properties")
            return [
              key,
              Object.fromEntries(
                Object.entries(value)
                  .filter(([, it]) => !it["x-undocumented"])
                  .map(([name, it]) => [name, bare(it)]),
              ),
            ];
          if (key === "required")
            return [
              key,
              value.filter(
                (it) => !schema.properties?.[it]?.["x-undocumented"],
              ),
            ];
          if (key === "oneOf" || key === "allOf") return [key, value.map(bare)];
          const nested = typeof value === "object" && !Array.isArray(value);
          return [key, nested ? bare(value) : value];
        }),
    );
  return shared(
    Object.fromEntries(
      Object.entries(schemas).map(([name, it]) => [name, bare(it)]),
    ),
  );
}

/** Returns the schemas as JSON text, a line each, without duplicates. */
function shared(schemas) {
  const times = new Map();
  const count = (it) => {
    if (typeof it !== "object" || it === null) return;
    const text = JSON.stringify(it);
    times.set(text, (times.get(text) ?? 0) + 1);
    if (times.get(text) === 1) Object.values(it).forEach(count);
  };
  Object.values(schemas).forEach(count);
  const definitions = new Map();
  const pack = (it, isSchema) => {
    if (typeof it !== "object" || it === null) return it;
    const text = JSON.stringify(it);
    if (isSchema && times.get(text) > 1 && text.length > 30) {
      if (!definitions.has(text)) {
        definitions.set(text, null);
        definitions.set(text, [definitions.size, children(it)]);
      }
      return { $ref: `#/${definitions.get(text)[0]}` };
    }
    return children(it);
  };
  const children = (schema) =>
    Object.fromEntries(
      Object.entries(schema).map(([key, value]) => {
        if (key === "properties")
          return [key, mapValues(value, (it) => pack(it, true))];
        if (key === "oneOf" || key === "allOf")
          return [key, value.map((it) => pack(it, true))];
        const isSchema = key === "items" || key === "additionalProperties";
        return [key, isSchema ? pack(value, true) : value];
      }),
    );
  const lines = Object.entries(mapValues(schemas, children));
  for (const [at, it] of definitions.values()) lines.push([String(at), it]);
  return `{\n${lines.map(([name, it]) => `${JSON.stringify(name)}:${JSON.stringify(it)}`).join(",\n")}\n}\n`;
}

function mapValues(object, change) {
  return Object.fromEntries(
    Object.entries(object).map(([key, value]) => [key, change(value)]),
  );
}
