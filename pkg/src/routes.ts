import type { Caller } from "./call.js";
import { TABLE } from "./generated/routes.js";
import type { RequestOptions } from "./options.js";
import { SeamHttpRequest } from "./request.js";
import { Watch, type WatchOptions } from "./watch.js";

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
export const WATCHED =
  /^\/(devices|locks|thermostats|noise_sensors|access_codes)\/list$/;

/** A request for what the answer `R` has at `K`, or for nothing. */
export type RouteRequest<
  R,
  K extends keyof R | undefined,
  P extends boolean = false,
> = SeamHttpRequest<K extends keyof R ? R[K] : void, R, P>;

/**
 * Puts the namespaces on `target`, each built when it is first used: all of
 * them, or those that `only` names.
 */
export function addRoutes(
  target: object,
  caller: Caller,
  only?: readonly string[],
): void {
  const rows = TABLE.split("\n");
  for (const namespace of only ?? new Set(rows.map(topOf))) {
    let built: object | undefined;
    Object.defineProperty(target, namespace, {
      configurable: true,
      get: () =>
        (built ??= build(
          caller,
          rows.filter((row) => topOf(row) === namespace),
        )),
    });
  }
}

/** The route at `path`, if it is a documented one. */
export function routeAt(path: string): Route | undefined {
  for (const row of TABLE.split("\n")) {
    const [namespace = "", resource = "", ...entries] = row.split(" ");
    if (!path.startsWith(`/${namespace}/`)) continue;
    const route = entries
      .map((entry) => parse(namespace, resource, entry))
      .find((it) => it.path === path);
    if (route !== undefined) return route;
  }
  return undefined;
}

function build(caller: Caller, rows: string[]): object {
  const built: Record<string, unknown> = {};
  for (const row of rows) {
    const [namespace = "", resource = "", ...entries] = row.split(" ");
    let at = built;
    for (const part of namespace.split("/").slice(1)) {
      at = (at[camel(part)] ??= {}) as typeof at;
    }
    for (const entry of entries) {
      const route = parse(namespace, resource, entry);
      at[camel(route.path.slice(namespace.length + 2))] = (
        params?: unknown,
        options?: RequestOptions,
      ) => new SeamHttpRequest(caller, route, params, options);
      if (WATCHED.test(route.path)) {
        at["watch"] = (params?: unknown, options?: WatchOptions) =>
          new Watch(caller, route, params, options);
      }
    }
  }
  return built;
}

function parse(namespace: string, resource: string, entry: string): Route {
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

/** The name on a client of the namespace that a row begins with. */
function topOf(row: string): string {
  return camel(/\w+/.exec(row)?.[0] ?? "");
}

function camel(name: string): string {
  return name.replace(/_(.)/g, (_, c: string) => c.toUpperCase());
}
