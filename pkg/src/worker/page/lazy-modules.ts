import type { ListSubscription } from "../../lists/list-subscription.js";
import type { Route } from "../../core/route.js";
import type { Scope } from "../../core/scope-types.js";
import type { ApiClient } from "./api-client.js";
import { RemoteLists } from "./remote-lists.js";
import { RemoteScope } from "./remote-scope.js";

/**
 * The functions of lists and scopes that are kept in the worker (in the place of
 * client/lazy-modules.ts).
 */
export const loadLists = (): Promise<{
  open: typeof open;
  scope: typeof scope;
}> => Promise.resolve({ open, scope });

/** The worker refreshes tokens; nothing here calls this. */
export const loadClientSession = (): Promise<never> =>
  Promise.reject(new Error("not in a page"));

async function open<T extends object>(
  client: ApiClient,
  _: unknown,
  route: Route,
  json: string,
  interval: number,
  notify: () => void,
): Promise<ListSubscription<T>> {
  return RemoteLists.of(client).subscribe(route, json, interval, notify);
}

async function scope(
  client: ApiClient,
  routeAt: (path: string) => Route | undefined,
): Promise<Scope> {
  const lists = RemoteLists.of(client);
  const route = routeAt("/devices/list") as Route;
  for (;;) {
    const scope = (lists.scopeView ??= new RemoteScope(lists, route));
    await scope.loadScope();
    // The token was replaced meanwhile, and the next one has a scope of its own.
    if (scope === lists.scopeView) return scope;
  }
}
