// Checks responses against the response schemas of Seam's OpenAPI.
import { openapi } from "@seamapi/types/connect";
import Ajv from "ajv";
import addFormats from "ajv-formats";

export { openapi };

// Without optimizations: they cost more than they save.
const ajv = new Ajv({
  strict: false,
  allErrors: true,
  discriminator: true,
  inlineRefs: false,
  code: { optimize: false },
});
addFormats(ajv);
ajv.addSchema({ $id: "openapi", ...modern(openapi) });

/**
 * Translates exclusiveMinimum and nullable from OpenAPI 3.0 to JSON Schema. Events are discriminated
 * by type, so that errors name the right schema.
 */
function modern(schema) {
  return JSON.parse(JSON.stringify(schema), (_, value) => {
    if (value?.discriminator) delete value.discriminator;
    if (value?.oneOf?.every((it) => it.properties?.event_type))
      return { ...value, discriminator: { propertyName: "event_type" } };
    if (value?.exclusiveMinimum === true) {
      const { minimum, ...rest } = value;
      return { ...rest, exclusiveMinimum: minimum };
    }
    if (value?.nullable === true && value.type === undefined) {
      const { nullable: _nullable, ...rest } = value;
      return { anyOf: [rest, { type: "null" }] };
    }
    return value;
  });
}

/** The validator of each route's responses. */
const checks = new Map();
function check(path) {
  const known = checks.get(path);
  if (known) return known;
  // One route has no schema.
  if (!openapi.paths[path].post.responses["200"].content)
    return ({ ok }) => ok === true;
  const pointer = `#/paths/${path.replaceAll("/", "~1")}/post/responses/200/content/application~1json/schema`;
  const made = ajv.compile({ $ref: `openapi${pointer}` });
  checks.set(path, made);
  return made;
}

/** Returns what is wrong with a successful response of a route, or undefined. */
export function schemaErrors(path, body) {
  const valid = check(path);
  if (valid(body)) return undefined;
  return `${path}: ${ajv.errorsText(valid.errors)}\n${JSON.stringify(body).slice(0, 2000)}`;
}

/**
 * Returns whether the schema of a route's response names this member, such as
 * `devices[].properties.model`. A schema that allows any member names none.
 */
export function isDescribed(route, member) {
  const { content } = openapi.paths[route].post.responses["200"];
  let schemas = [content["application/json"].schema];
  for (const step of member.replaceAll("[]", ".[]").split(".")) {
    schemas = schemas
      .flatMap(parts)
      .flatMap(({ items, properties }) =>
        step === "[]" ? (items ?? []) : (properties?.[step] ?? []),
      );
  }
  return schemas.length > 0;
}

/** Returns the parts of a schema, with references resolved. */
function parts(schema) {
  if (schema.$ref) {
    const names = schema.$ref.replace("#/", "").split("/");
    return parts(names.reduce((inner, name) => inner[name], openapi));
  }
  const { allOf = [], oneOf = [], anyOf = [] } = schema;
  return [schema, ...[...allOf, ...oneOf, ...anyOf].flatMap(parts)];
}
