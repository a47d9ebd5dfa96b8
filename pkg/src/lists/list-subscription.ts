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
  listen(hear: ChangeListener): () => void;
  refresh(): Promise<void>;
  close(): void;
}

/** The lists of one client, by what is watched. */
export interface SharedLists<L> {
  readonly lists: Map<string, L>;
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
const wishes = new WeakMap<object, Map<object, WatchRequirements>>();

/** One's share in a list. */
export class ListSubscription<
  T extends object,
  L extends SharedList<T> = SharedList<T>,
> {
  /** What is shared. */
  readonly list: L;
  readonly #wish: (interval: number) => void;
  readonly #close: () => void;
  readonly #ends = new Set<() => void>();
  #closed = false;

  /**
   * A share in the list that is there for the same parameters, or in a new one.
   * `notify` is called after each change.
   */
  constructor(
    owner: SharedLists<L>,
    make: (interval: number, isHidden: () => boolean) => L,
    route: Route,
    json: string,
    wish: WatchRequirements,
    notify: () => void,
  ) {
    const key = `${route.path} ${canonical(JSON.parse(json))}`;
    let list = owner.lists.get(key);
    if (list === undefined) {
      const all = new Map([[this as object, wish]]);
      // It is hidden when it is for all.
      list = make(wish.interval, () =>
        [...all.values()].every((it) => it.isHidden()),
      );
      owner.lists.set(key, list);
      wishes.set(list, all);
    }
    const it = (this.list = list);
    const shared = wishes.get(it) as Map<object, WatchRequirements>;
    const agree = (): void => {
      it.interval = Math.min(...[...shared.values()].map((at) => at.interval));
    };
    this.#wish = (interval) => {
      shared.set(this, { ...wish, interval });
      agree();
    };
    this.interval = wish.interval;
    const unlisten = it.listen(notify);
    this.#close = () => {
      unlisten();
      shared.delete(this);
      if (shared.size > 0) return agree();
      owner.lists.delete(key);
      it.close();
    };
    // What stopped it may have passed: who comes anew has it asked anew.
    if (it.status.state === "stopped") void it.refresh();
  }

  set interval(interval: number) {
    this.#wish(interval);
  }

  /** Also what is closed has not to wait for a server that wants to be left alone. */
  refresh(): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        this.#ends.delete(end);
        resolve();
      };
      this.#ends.add(end);
      void this.list.refresh().then(end, end);
    });
  }

  /** Each change, beginning with all that is there as added. */
  changes(): AsyncIterator<Changes, void> {
    const { list } = this;
    /** What has become of each id since the last change was taken: who is slow gets one. */
    const waiting = new Map<string, keyof Changes>();
    const asked: ((result: IteratorResult<Changes, void>) => void)[] = [];
    let begun = false;
    let over = false;
    const serve = (): void => {
      while (asked[0] && (over || waiting.size > 0)) {
        asked.shift()?.(over ? DONE : { done: false, value: taken(waiting) });
      }
    };
    const hear: ChangeListener = (changes) => {
      // While nobody knows whose the list is, nothing of it is told.
      if (!begun && list.snapshot) {
        begun = true;
        const added = list.snapshot.ids();
        changes =
          added.length > 0 ? { added, changed: [], removed: [] } : undefined;
      }
      if (begun && changes) fold(waiting, changes);
      serve();
    };
    // Also what is asked for already ends.
    const end = (): void => {
      over = true;
      unlisten();
      this.#ends.delete(end);
      serve();
    };
    const unlisten = list.listen(hear);
    this.#ends.add(end);
    if (this.#closed) end();
    hear(undefined);
    return {
      next: () =>
        new Promise((resolve) => {
          asked.push(resolve);
          serve();
        }),
      return: async () => {
        end();
        return DONE;
      },
    };
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#close();
    for (const end of [...this.#ends]) end();
  }
}

/** Adds a change to what waits. */
function fold(
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
function taken(waiting: Map<string, keyof Changes>): Changes {
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
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) =>
    typeof item === "object" && item !== null && !Array.isArray(item)
      ? Object.fromEntries(
          Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)),
        )
      : item,
  );
}
