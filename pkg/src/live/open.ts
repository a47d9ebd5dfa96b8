import type { ApiClient } from "../call.js";
import type { Route } from "../core/route.js";
import { PolledList } from "./list.js";
import { ClientLists } from "./owner.js";
import { compile } from "./wasm.js";
import { ListSubscription, type WatchRequirements } from "./watched.js";

/**
 * Watches the list of a route: the one that is there for the same parameters,
 * or a new one. `notify` is called after each change.
 */
export async function open<T extends object>(
  caller: ApiClient,
  routeAt: (path: string) => Route | undefined,
  route: Route,
  json: string,
  interval: number,
  notify: () => void,
  isHidden = isPageHidden,
): Promise<ListSubscription<T, PolledList<T>>> {
  const owner = ClientLists.of(caller, routeAt, await compile());
  return share<T>(owner, route, json, { interval, isHidden }, notify);
}

/** The same, of a client whose lists are known. */
export function share<T extends object>(
  owner: ClientLists,
  route: Route,
  json: string,
  wish: WatchRequirements,
  notify: () => void,
): ListSubscription<T, PolledList<T>> {
  return new ListSubscription<T, PolledList<T>>(
    owner,
    (interval, isHidden) =>
      new PolledList<T>(owner, route, json, interval, isHidden),
    route,
    json,
    wish,
    notify,
  );
}

/** Whether nobody can see the page; a worker has none. */
function isPageHidden(): boolean {
  return globalThis.document?.visibilityState === "hidden";
}
