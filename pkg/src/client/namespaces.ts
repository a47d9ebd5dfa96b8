import type { ApiClient } from "../transport/api-client.js";
import { TABLE } from "../generated/routes.js";
import type { RequestOptions } from "../core/options.js";
import { SeamHttpRequest } from "./request.js";
import { Watch } from "./watch.js";
import { parse, WATCHED } from "../core/route.js";
import type { WatchOptions } from "../core/watch-types.js";

/**
 * Puts the namespaces on `target`, each built when it is first used: all of
 * them, or those that `only` names.
 */
export function addRoutes(
  target: object,
  caller: ApiClient,
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

function build(caller: ApiClient, rows: string[]): object {
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

/** The name on a client of the namespace that a row begins with. */
function topOf(row: string): string {
  return camel(/\w+/.exec(row)?.[0] ?? "");
}

function camel(name: string): string {
  return name.replace(/_(.)/g, (_, c: string) => c.toUpperCase());
}
