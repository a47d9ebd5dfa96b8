import type { Route } from "../core/route.js";
import type { Changes, WatchStatus } from "../core/watch-types.js";
import type { Snapshot } from "./snapshot.js";

/** Listener of a list. Receives the changes, or `undefined` when only the status changed. */
export type ChangeListener = (changes: Changes | undefined) => void;

/** A list with several subscribers: of this client, or kept by a worker. */
export interface SharedList<T extends object> {
  /** The visible data, if there is any. */
  readonly snapshot: Snapshot<T> | undefined;
  readonly status: WatchStatus;
  set interval(interval: number);
  /** Calls `listener` on each change until the returned function is called. */
  addChangeListener(listener: ChangeListener): () => void;
  refresh(): Promise<void>;
  close(): void;
}

/** The lists of one client, by route and parameters. */
export interface SharedLists<L> {
  readonly listsByKey: Map<string, L>;
}

/** What a subscriber requires of a list. */
export interface WatchRequirements {
  /** The poll interval in milliseconds. */
  readonly interval: number;
  /** Whether the subscriber is hidden now. */
  readonly isHidden: () => boolean;
}

const DONE = Object.freeze({ done: true, value: undefined });

/** The subscribers of a list, with their requirements. */
const requirementsOf = new WeakMap<object, Map<object, WatchRequirements>>();

/** A subscription to a shared list. */
export class ListSubscription<
  T extends object,
  L extends SharedList<T> = SharedList<T>,
> {
  /** The list that is shared. */
  readonly sharedList: L;
  readonly #setInterval: (interval: number) => void;
  readonly #unsubscribe: () => void;
  readonly #endings = new Set<() => void>();
  #isClosed = false;

  /**
   * Subscribes to the existing list for the same parameters, or to a new one. `notify` is called
   * after each change.
   */
  constructor(
    lists: SharedLists<L>,
    make: (interval: number, isHidden: () => boolean) => L,
    route: Route,
    json: string,
    requirements: WatchRequirements,
    notify: () => void,
  ) {
    const key = `${route.path} ${canonicalJson(JSON.parse(json))}`;
    let list = lists.listsByKey.get(key);
    if (list === undefined) {
      const all = new Map([[this as object, requirements]]);
      // The list is hidden when it is hidden for all subscribers.
      list = make(requirements.interval, () =>
        [...all.values()].every((each) => each.isHidden()),
      );
      lists.listsByKey.set(key, list);
      requirementsOf.set(list, all);
    }
    const it = (this.sharedList = list);
    const shared = requirementsOf.get(it) as Map<object, WatchRequirements>;
    const agree = (): void => {
      it.interval = Math.min(...[...shared.values()].map((at) => at.interval));
    };
    this.#setInterval = (interval) => {
      shared.set(this, { ...requirements, interval });
      agree();
    };
    this.interval = requirements.interval;
    const unlisten = it.addChangeListener(notify);
    this.#unsubscribe = () => {
      unlisten();
      shared.delete(this);
      if (shared.size > 0) return agree();
      lists.listsByKey.delete(key);
      it.close();
    };
    // The cause for which the list stopped may have passed, so a new subscriber has it fetched
    // again.
    if (it.status.state === "stopped") void it.refresh();
  }

  set interval(interval: number) {
    this.#setInterval(interval);
  }

  /**
   * Fetches the list. Also resolves when the subscription is closed while a `Retry-After` delay is
   * pending.
   */
  refresh(): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        this.#endings.delete(end);
        resolve();
      };
      this.#endings.add(end);
      void this.sharedList.refresh().then(end, end);
    });
  }

  /** Iterates over the changes; the first one has all items as added. */
  iterateChanges(): AsyncIterator<Changes, void> {
    const { sharedList: list } = this;
    /**
     * What happened to each id since the last change was read: a slow reader gets one merged
     * change.
     */
    const waiting = new Map<string, keyof Changes>();
    const pendingReads: ((result: IteratorResult<Changes, void>) => void)[] =
      [];
    let isStarted = false;
    let isEnded = false;
    const deliver = (): void => {
      while (pendingReads[0] && (isEnded || waiting.size > 0)) {
        pendingReads.shift()?.(
          isEnded ? DONE : { done: false, value: takeChanges(waiting) },
        );
      }
    };
    const onChange: ChangeListener = (changes) => {
      // While the user is not known, no changes are emitted.
      if (!isStarted && list.snapshot) {
        isStarted = true;
        const added = list.snapshot.ids();
        changes =
          added.length > 0 ? { added, changed: [], removed: [] } : undefined;
      }
      if (isStarted && changes) mergeChanges(waiting, changes);
      deliver();
    };
    // Pending reads end too.
    const end = (): void => {
      isEnded = true;
      unlisten();
      this.#endings.delete(end);
      deliver();
    };
    const unlisten = list.addChangeListener(onChange);
    this.#endings.add(end);
    if (this.#isClosed) end();
    onChange(undefined);
    return {
      next: () =>
        new Promise((resolve) => {
          pendingReads.push(resolve);
          deliver();
        }),
      return: async () => {
        end();
        return DONE;
      },
    };
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#unsubscribe();
    for (const end of [...this.#endings]) end();
  }
}

/** Merges a change into the pending one. */
function mergeChanges(
  waiting: Map<string, keyof Changes>,
  { added, changed, removed }: Changes,
): void {
  for (const id of removed) {
    if (waiting.get(id) === "added") waiting.delete(id);
    else waiting.set(id, "removed");
  }
  for (const id of changed) {
    if (waiting.get(id) !== "added") waiting.set(id, "changed");
  }
  for (const id of added) {
    waiting.set(id, waiting.get(id) === "removed" ? "changed" : "added");
  }
}

/** Takes the pending change. */
function takeChanges(waiting: Map<string, keyof Changes>): Changes {
  const all = [...waiting];
  waiting.clear();
  const ids = (is: keyof Changes): string[] =>
    all.filter(([, what]) => what === is).map(([id]) => id);
  return {
    added: ids("added"),
    changed: ids("changed"),
    removed: ids("removed"),
  };
}

/** Returns the same text for equal values, whatever the order of their members. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) =>
    typeof item === "object" && item !== null && !Array.isArray(item)
      ? Object.fromEntries(
          Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)),
        )
      : item,
  );
}
