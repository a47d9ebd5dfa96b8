import type { Route } from "../core/route.js";
import type { Changes, WatchStatus } from "../core/watch-types.js";
import type { Snapshot } from "./snapshot.js";

/** Hears of each change; of nothing when only the status is another. */
export type ChangeListener = (changes: Changes | undefined) => void;

/** A list that may be shared: made in this place, or told of by a worker. */
export interface SharedList<T extends object> {
  /** What is shown, if anything is. */
  readonly snapshot: Snapshot<T> | undefined;
  readonly status: WatchStatus;
  set interval(interval: number);
  /** Tells `hear` of each change until what it gives is called. */
  addChangeListener(listener: ChangeListener): () => void;
  refresh(): Promise<void>;
  close(): void;
}

/** The lists of one client, by what is watched. */
export interface SharedLists<L> {
  readonly listsByKey: Map<string, L>;
}

/** What somebody wants of a list. */
export interface WatchRequirements {
  /** Milliseconds from one round to the next. */
  readonly interval: number;
  /** Whether nobody can see it now. */
  readonly isHidden: () => boolean;
}

const DONE = Object.freeze({ done: true, value: undefined });

/** Who shares a list, with what each wants of it. */
const requirementsOf = new WeakMap<object, Map<object, WatchRequirements>>();

/** One's share in a list. */
export class ListSubscription<
  T extends object,
  L extends SharedList<T> = SharedList<T>,
> {
  /** What is shared. */
  readonly sharedList: L;
  readonly #setInterval: (interval: number) => void;
  readonly #unsubscribe: () => void;
  readonly #endings = new Set<() => void>();
  #isClosed = false;

  /**
   * A share in the list that is there for the same parameters, or in a new one.
   * `notify` is called after each change.
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
      // It is hidden when it is for all.
      list = make(requirements.interval, () =>
        [...all.values()].every((it) => it.isHidden()),
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
    // What stopped it may have passed: who comes anew has it asked anew.
    if (it.status.state === "stopped") void it.refresh();
  }

  set interval(interval: number) {
    this.#setInterval(interval);
  }

  /** Also what is closed has not to wait for a server that wants to be left alone. */
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

  /** Each change, beginning with all that is there as added. */
  iterateChanges(): AsyncIterator<Changes, void> {
    const { sharedList: list } = this;
    /** What has become of each id since the last change was taken: who is slow gets one. */
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
      // While nobody knows whose the list is, nothing of it is told.
      if (!isStarted && list.snapshot) {
        isStarted = true;
        const added = list.snapshot.ids();
        changes =
          added.length > 0 ? { added, changed: [], removed: [] } : undefined;
      }
      if (isStarted && changes) mergeChanges(waiting, changes);
      deliver();
    };
    // Also what is asked for already ends.
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

/** Adds a change to what waits. */
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

/** Takes all that waits, as one change. */
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

/** The same text for the same value, in whatever order its members stand. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) =>
    typeof item === "object" && item !== null && !Array.isArray(item)
      ? Object.fromEntries(
          Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)),
        )
      : item,
  );
}
