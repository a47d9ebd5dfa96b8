import type { ApiClient } from "../transport/api-client.js";
import { TABLE } from "../generated/routes.js";
import type { RequestOptions } from "../core/options.js";
import { SeamHttpRequest } from "./request.js";
import { Watch } from "./watch.js";
import { parseRoute, WATCHABLE_PATH } from "../core/route.js";
import type { WatchOptions } from "../core/watch-types.js";

/**
 * Defines the namespaces on `target`, each built on first use: all of them, or only those named.
 */
export function addNamespaces(
  target: object,
  client: ApiClient,
  only?: readonly string[],
): void {
  const rows = TABLE.split("\n");
  for (const namespace of only ?? new Set(rows.map(namespaceOf))) {
    let built: object | undefined;
    Object.defineProperty(target, namespace, {
      configurable: true,
      get: () =>
        (built ??= buildNamespace(
          client,
          rows.filter((row) => namespaceOf(row) === namespace),
        )),
    });
  }
}

function buildNamespace(client: ApiClient, rows: string[]): object {
  const built: Record<string, unknown> = {};
  for (const row of rows) {
    const [namespace = "", resource = "", ...entries] = row.split(" ");
    let at = built;
    for (const part of namespace.split("/").slice(1)) {
      at = (at[camel(part)] ??= {}) as typeof at;
    }
    for (const entry of entries) {
      const route = parseRoute(namespace, resource, entry);
      at[camel(route.path.slice(namespace.length + 2))] = (
        params?: unknown,
        options?: RequestOptions,
      ) => new SeamHttpRequest(client, route, params, options);
      if (WATCHABLE_PATH.test(route.path)) {
        at["watch"] = (params?: unknown, options?: WatchOptions) =>
          new Watch(client, route, params, options);
      }
    }
  }
  return built;
}

/** Returns the name that the namespace of a row has on a client. */
function namespaceOf(row: string): string {
  return camel(/\w+/.exec(row)?.[0] ?? "");
}

function camel(name: string): string {
  return name.replace(/_(.)/g, (_, c: string) => c.toUpperCase());
}
