// Checks responses against the response schemas of Seam's OpenAPI.
import { openapi } from "@seamapi/types/connect";
import Ajv from "ajv";
import addFormats from "ajv-formats";

export { openapi };

// Compiled as it stands, without what would make the checks faster than making them is slow.
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
 * JSON Schema's words for two of OpenAPI 3.0's, exclusiveMinimum and nullable. Of the events only
 * the one of the right type is looked at, so that what is wrong with it can be told.
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

/** The check of a route's answers, compiled once. */
const checks = new Map();
function check(path) {
  const known = checks.get(path);
  if (known) return known;
  // One route's answer has no schema.
  if (!openapi.paths[path].post.responses["200"].content)
    return ({ ok }) => ok === true;
  const pointer = `#/paths/${path.replaceAll("/", "~1")}/post/responses/200/content/application~1json/schema`;
  const made = ajv.compile({ $ref: `openapi${pointer}` });
  checks.set(path, made);
  return made;
}

/** What is wrong with a successful answer of a route; nothing if it is as described. */
export function schemaErrors(path, body) {
  const valid = check(path);
  if (valid(body)) return undefined;
  return `${path}: ${ajv.errorsText(valid.errors)}\n${JSON.stringify(body).slice(0, 2000)}`;
}

/**
 * Whether the schema of a route's answer names this member, as `devices[].properties.model`; none
 * is named where any may be.
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

/** A schema's own parts, with whatever it refers to. */
function parts(schema) {
  if (schema.$ref) {
    const names = schema.$ref.replace("#/", "").split("/");
    return parts(names.reduce((inner, name) => inner[name], openapi));
  }
  const { allOf = [], oneOf = [], anyOf = [] } = schema;
  return [schema, ...[...allOf, ...oneOf, ...anyOf].flatMap(parts)];
}
