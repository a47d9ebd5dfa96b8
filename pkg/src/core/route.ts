import { TABLE } from "../generated/routes.js";

/** What is known of a route before anything is sent. */
export interface Route {
  /** `/namespace/name`, as on the wire. */
  readonly path: string;
  /** The place of its kind in the core's list: what it does and who may call it. */
  readonly kind: number;
  /** What it is sent as. */
  readonly method: "POST" | "PUT";
  /** The member of the answer that a call resolves to; none if it answers `ok`. */
  readonly responseKey: string | undefined;
  /** Whether the answer tells of further pages. */
  readonly hasPagination: boolean;
  /** Whether the official SDK sends the parameters in the query. */
  readonly inQuery: boolean;
  /** The parameters that must be there. */
  readonly required: readonly string[];
  /** Of these one must be there, if they are any. */
  readonly atLeastOne: readonly string[];
}

/** The lists that can be watched. */
export const WATCHABLE_PATH =
  /^\/(devices|locks|thermostats|noise_sensors|access_codes)\/list$/;

/** The route at `path`, if it is a documented one. */
export function routeAt(path: string): Route | undefined {
  for (const row of TABLE.split("\n")) {
    const [namespace = "", resource = "", ...entries] = row.split(" ");
    if (!path.startsWith(`/${namespace}/`)) continue;
    const route = entries
      .map((entry) => parseRoute(namespace, resource, entry))
      .find((it) => it.path === path);
    if (route !== undefined) return route;
  }
  return undefined;
}

/** The route that an entry of a row describes. */
export function parseRoute(
  namespace: string,
  resource: string,
  entry: string,
): Route {
  const [, name, kind, put, answer, pages, query, required, one] =
    /^(\D+)(\d)(\^?)([.;]|:\w*|)(\*?)(\??)([!\w]*)(.*)/.exec(entry) ?? [];
  const names = (list = ""): string[] =>
    list
      .split(/[!|]/)
      .slice(1)
      .map((it) => it || `${resource}_id`);
  return {
    path: `/${namespace}/${name}`,
    kind: Number(kind),
    method: put ? "PUT" : "POST",
    responseKey: answer
      ? answer === ";"
        ? "action_attempt"
        : answer === "."
          ? `${resource.replace(/y$/, "ie")}s`
          : answer.slice(1) || resource
      : undefined,
    hasPagination: !!pages,
    inQuery: !!query,
    required: names(required),
    atLeastOne: names(one),
  };
}
