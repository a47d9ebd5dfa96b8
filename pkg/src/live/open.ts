import type { Caller } from "../call.js";
import type { Route } from "../core/route.js";
import { List } from "./list.js";
import { Owner } from "./owner.js";
import { compile } from "./wasm.js";
import { Watched, type Wish } from "./watched.js";

/**
 * Watches the list of a route: the one that is there for the same parameters,
 * or a new one. `notify` is called after each change.
 */
export async function open<T extends object>(
  caller: Caller,
  routeAt: (path: string) => Route | undefined,
  route: Route,
  json: string,
  interval: number,
  notify: () => void,
  isHidden = isPageHidden,
): Promise<Watched<T, List<T>>> {
  const owner = Owner.of(caller, routeAt, await compile());
  return share<T>(owner, route, json, { interval, isHidden }, notify);
}

/** The same, of a client whose lists are known. */
export function share<T extends object>(
  owner: Owner,
  route: Route,
  json: string,
  wish: Wish,
  notify: () => void,
): Watched<T, List<T>> {
  return new Watched<T, List<T>>(
    owner,
    (interval, isHidden) => new List<T>(owner, route, json, interval, isHidden),
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
