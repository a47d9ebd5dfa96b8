import { invalidOptions } from "../invalid.js";
import { Watched } from "../live/watched.js";
import type { Route } from "../routes.js";
import type { Caller } from "./caller.js";
import { RemoteList, RemoteLists } from "./remote-list.js";

const owners = new WeakMap<Caller, RemoteLists>();

/** What watching needs in a page whose lists a worker keeps (in the place of live/load.ts). */
export const load = (): Promise<{ open: typeof open; scope: typeof scope }> =>
  Promise.resolve({ open, scope });

function scope(): Promise<never> {
  return Promise.reject(
    invalidOptions(
      "scope() does not cross to the worker yet: use seam-session",
    ),
  );
}

async function open<T extends object>(
  caller: Caller,
  _: unknown,
  route: Route,
  json: string,
  interval: number,
  notify: () => void,
): Promise<Watched<T>> {
  let owner = owners.get(caller);
  if (owner === undefined) {
    owner = new RemoteLists(caller);
    owners.set(caller, owner);
  }
  return new Watched<T, RemoteList<T>>(
    owner,
    (interval) => new RemoteList<T>(caller, route, json, interval),
    route,
    json,
    // Which pages see it, the worker knows.
    { interval, isHidden: () => false },
    notify,
  );
}
