// Some parameters have no format in the OpenAPI, but what they set has one where it is shown: the
// place that a webview leads back to must be a URL there. What no answer may show, no request may
// bring in, so the sandbox holds such a parameter to what the answers say of the member of its name.

const WORDS = ["format", "minLength"];

/** Gives the parameters of a route, its plain strings held to what `/get` beside it shows. */
export function narrowing(routes, { components }) {
  const outputs = new Map(routes.map((it) => [it.path, it.output]));
  return ({ path, effect, input }) => {
    // What is unmanaged becomes managed by a request that sets something.
    const folder = path.replace("/unmanaged/", "/").replace(/[^/]+$/, "");
    const output = outputs.get(`${folder}get`);
    const name = output?.$ref?.replace("#/components/schemas/", "");
    const shown = (components.schemas[name] ?? output)?.properties;
    return effect === "read" || !shown ? input : members(input, shown);
  };
}

function members(schema, shown) {
  const made = { ...schema };
  for (const word of ["allOf", "oneOf"])
    made[word] = schema[word]?.map((it) => members(it, shown));
  if (schema.properties)
    made.properties = Object.fromEntries(
      Object.entries(schema.properties).map(([name, it]) => [
        name,
        narrowed(name, it, shown[name]),
      ]),
    );
  return made;
}

function narrowed(name, parameter, shown) {
  // An id sets nothing: one that is none names nothing that is there.
  if (name.endsWith("_id") || parameter.type !== "string") return parameter;
  const says = (word) => parameter[word] !== undefined;
  if ([...WORDS, "pattern", "enum"].some(says)) return parameter;
  const words = WORDS.filter((word) => shown?.[word] !== undefined);
  return {
    ...parameter,
    ...Object.fromEntries(words.map((word) => [word, shown[word]])),
  };
}
