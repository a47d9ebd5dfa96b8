// The sentences of xtask/codegen/descriptions: what each route does and what its parameters and the
// members of resources mean. TypeScript and Rust get them as documentation comments.
import { readdirSync, readFileSync } from "node:fs";

const FOLDER = new URL("descriptions/", import.meta.url);

/** Returns the table of descriptions; the README of its folder explains the format. */
export function readDescriptions() {
  const { parameters: shared } = read("shared.json");
  const files = readdirSync(FOLDER)
    .filter((name) => name.endsWith(".json"))
    .filter((name) => !["shared.json", "resources.json"].includes(name))
    .sort()
    .map((name) => ({ name, ...read(name) }));
  const fileOf = new Map(
    files.flatMap((file) =>
      Object.keys(file.routes).map((path) => [path, file]),
    ),
  );
  return { shared, files, fileOf, resources: read("resources.json") };
}

/**
 * Returns the description of a route: `does`, a sentence or several; `example`, lines of TypeScript
 * or undefined; `link`, Seam's page; and `parameter(name)`, where a nested name has dots.
 */
export function describeRoute({ shared, fileOf }, path) {
  const file = fileOf.get(path);
  const row = file?.routes[path];
  const {
    does,
    example,
    parameters = {},
  } = typeof row === "string" ? { does: row } : (row ?? {});
  return {
    does,
    example,
    link: seamPage(path),
    parameter: (name) =>
      parameters[name] ?? file?.parameters?.[name] ?? shared[name],
  };
}

/** Returns what a namespace is for: `acs/users`. */
export function describeNamespace({ files }, name) {
  return files.find(({ namespaces }) => name in namespaces)?.namespaces[name];
}

/** Returns the description of a resource, and of its members by their dotted names. */
export function describeResource({ resources }, name) {
  const { is, members = {} } = resources[name] ?? {};
  return { is, member: (path) => members[path] };
}

/** Seam's own page of a route. */
export function seamPage(path) {
  return `https://docs.seam.co/api${path}`;
}

/**
 * Writes the paths of a sentence, as in `{/devices/get}`, in the way of a language:
 * `write("/devices/get")` returns the name of the method there.
 */
export function withRoutes(text, write) {
  return text.replace(/\{(\/[a-z_/]+)\}/g, (_, path) => write(path));
}

function read(name) {
  return JSON.parse(readFileSync(new URL(name, FOLDER), "utf8"));
}
