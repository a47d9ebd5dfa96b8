import { TABLE } from "../generated/routes.js";

/** The data of a route. */
export interface Route {
  /** `/namespace/name`, as it is sent. */
  readonly path: string;
  /**
   * The index of its kind in the core's list: what the route does, and which credentials it
   * accepts.
   */
  readonly kind: number;
  /** The HTTP method. */
  readonly method: "POST" | "PUT";
  /** The member of the response that a call resolves to; `undefined` if there is none. */
  readonly responseKey: string | undefined;
  /** Whether the response is paginated. */
  readonly hasPagination: boolean;
  /** Whether the official SDK sends the parameters in the query string. */
  readonly inQuery: boolean;
  /** The required parameters. */
  readonly required: readonly string[];
  /** At least one of these is required; empty if the route has no such rule. */
  readonly atLeastOne: readonly string[];
}

/** The paths of the lists that can be watched. */
export const WATCHABLE_PATH =
  /^\/(devices|locks|thermostats|noise_sensors|access_codes)\/list$/;

/** Returns the route at `path`, or `undefined` if it is not a documented one. */
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

/** Parses an entry of a row of the table. */
export function parseRoute(
  namespace: string,
  resource: string,
  entry: string,
): Route {
  const [, name, kind, put, key, pages, query, required, one] =
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
    responseKey: key
      ? key === ";"
        ? "action_attempt"
        : key === "."
          ? `${resource.replace(/y$/, "ie")}s`
          : key.slice(1) || resource
      : undefined,
    hasPagination: !!pages,
    inQuery: !!query,
    required: names(required),
    atLeastOne: names(one),
  };
}
