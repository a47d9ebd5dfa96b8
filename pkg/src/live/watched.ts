import type { Caller } from "../call.js";
import type { Route } from "../routes.js";
import type { Changes, DeviceQuery, WatchStatus } from "../watch.js";
import { List } from "./list.js";
import { Owner } from "./owner.js";
import { liveModule } from "./wasm.js";

/** Who shares a list, by their intervals. */
const intervals = new WeakMap<object, Map<object, number>>();

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
): Promise<Watched<T>> {
  const owner = Owner.of(caller, routeAt, await liveModule());
  return new Watched(owner, route, json, interval, notify);
}

/** One's share in a list. */
export class Watched<T extends object> {
  /** What is shared. */
  readonly list: List<T>;
  readonly #close: () => void;
  readonly #ends = new Set<() => void>();
  #closed = false;

  constructor(
    owner: Owner,
    route: Route,
    json: string,
    interval: number,
    notify: () => void,
  ) {
    const key = `${route.path} ${canonical(JSON.parse(json))}`;
    let list = owner.lists.get(key) as List<T> | undefined;
    if (list === undefined) {
      list = new List<T>(owner, route, json, interval);
      owner.add(key, list as unknown as List<never>);
      intervals.set(list, new Map());
    }
    this.list = list;
    const shared = intervals.get(list) as Map<object, number>;
    shared.set(this, interval);
    list.interval = Math.min(...shared.values());
    const unlisten = list.listen(notify);
    this.#close = () => {
      unlisten();
      shared.delete(this);
      if (shared.size > 0) {
        list.interval = Math.min(...shared.values());
        return;
      }
      owner.remove(key);
      list.close();
    };
    // It may have come to a list that is there already.
    notify();
  }

  get status(): WatchStatus {
    return this.list.status;
  }

  get size(): number {
    return this.list.snapshot?.size ?? 0;
  }

  all(): readonly T[] | undefined {
    return this.list.snapshot?.all();
  }

  get(id: string): T | undefined {
    return this.list.snapshot?.get(id);
  }

  slice(ids: Iterable<string>): T[] | undefined {
    return this.list.snapshot?.slice(ids);
  }

  find(query: DeviceQuery): T[] | undefined {
    return this.list.snapshot?.find(query);
  }

  ids(query?: DeviceQuery): string[] | undefined {
    return this.list.snapshot?.ids(query);
  }

  refresh(): Promise<void> {
    return this.list.refresh();
  }

  /** Each change, beginning with all that is there as added. */
  async *changes(): AsyncGenerator<Changes, void> {
    const list = this.list;
    const added = list.ids();
    const queue: Changes[] = [];
    if (added.length > 0) queue.push({ added, changed: [], removed: [] });
    let wake = (): void => {};
    const end = (): void => wake();
    this.#ends.add(end);
    const unlisten = list.listen((changes) => {
      if (changes !== undefined) queue.push(changes);
      wake();
    });
    try {
      while (!this.#closed) {
        const changes = queue.shift();
        if (changes !== undefined) yield changes;
        else await new Promise<void>((resolve) => (wake = resolve));
      }
    } finally {
      unlisten();
      this.#ends.delete(end);
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#close();
    for (const end of this.#ends) end();
  }
}

/** The same text for the same value, in whatever order its members stand. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) =>
    typeof item === "object" && item !== null && !Array.isArray(item)
      ? Object.fromEntries(
          Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)),
        )
      : item,
  );
}
