import type { ApiClient } from "../transport/api-client.js";
import type { Route } from "../core/route.js";
import { PolledList } from "./polled-list.js";
import { ClientLists } from "./client-lists.js";
import { compile } from "./list-module.js";
import {
  ListSubscription,
  type WatchRequirements,
} from "./list-subscription.js";

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
