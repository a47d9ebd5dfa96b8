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
 * Watches the list of a route: the existing one for the same parameters, or a new one. `notify` is
 * called after each change.
 */
export async function watchList<T extends object>(
  client: ApiClient,
  routeAt: (path: string) => Route | undefined,
  route: Route,
  json: string,
  interval: number,
  notify: () => void,
  isHidden = isPageHidden,
): Promise<ListSubscription<T, PolledList<T>>> {
  const lists = ClientLists.of(client, routeAt, await compile());
  return subscribe<T>(lists, route, json, { interval, isHidden }, notify);
}

/** As `watchList`, for a client whose `ClientLists` exist already. */
export function subscribe<T extends object>(
  lists: ClientLists,
  route: Route,
  json: string,
  requirements: WatchRequirements,
  notify: () => void,
): ListSubscription<T, PolledList<T>> {
  return new ListSubscription<T, PolledList<T>>(
    lists,
    (interval, isHidden) =>
      lists.open(
        (handle) =>
          new PolledList<T>(lists, handle, route, json, interval, isHidden),
      ),
    route,
    json,
    requirements,
    notify,
  );
}

/** Whether the page is hidden; a worker has no page. */
function isPageHidden(): boolean {
  return globalThis.document?.visibilityState === "hidden";
}
