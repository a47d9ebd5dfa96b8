import type { ListSubscription } from "../../lists/list-subscription.js";
import type { Route } from "../../core/route.js";
import type { Scope } from "../../core/scope-types.js";
import type { ApiClient } from "./api-client.js";
import { RemoteLists } from "./remote-lists.js";
import { RemoteScope } from "./remote-scope.js";

/** What lists and scopes need in a page whose worker keeps them (in the place of client/lazy-modules.ts). */
export const load = (): Promise<{ open: typeof open; scope: typeof scope }> =>
  Promise.resolve({ open, scope });

/** The worker renews; nothing here asks for it. */
export const loadRenewal = (): Promise<never> => Promise.reject();

async function open<T extends object>(
  caller: ApiClient,
  _: unknown,
  route: Route,
  json: string,
  interval: number,
  notify: () => void,
): Promise<ListSubscription<T>> {
  return RemoteLists.of(caller).share(route, json, interval, notify);
}

async function scope(
  caller: ApiClient,
  routeAt: (path: string) => Route | undefined,
): Promise<Scope> {
  const owner = RemoteLists.of(caller);
  const route = routeAt("/devices/list") as Route;
  for (;;) {
    const scope = (owner.scope ??= new RemoteScope(owner, route));
    await scope.load();
    // Another token came meanwhile: it has a scope of its own.
    if (scope === owner.scope) return scope;
  }
}
