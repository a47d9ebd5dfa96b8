import type { Changes, DeviceQuery } from "../core/watch-types.js";
import { DeviceFlag, SlotSet } from "./list-module.js";

/** The data of a list: texts in slots, and their order. */
export interface Slots {
  slots(which: SlotSet): Uint32Array;
  id(slot: number): string;
  slotOf(id: string): number | undefined;
  capabilities(slot: number): number;
  take(slot: number): string | undefined;
  /** `read` returns the object in a slot, for an implementation that cannot search the texts. */
  find(query: DeviceQuery, read: (slot: number) => object): Uint32Array;
}

/**
 * The list of a store as plain frozen objects. An object is created when it is first read, and
 * stays the same until its data changes.
 */
export class Snapshot<T extends object> {
  readonly #store: Slots;
  /** The objects that have been created, by slot. */
  readonly #objects: (T | undefined)[] = [];
  #order: Uint32Array = new Uint32Array();
  #all: readonly T[] | undefined = Object.freeze([]);

  constructor(store: Slots) {
    this.#store = store;
  }

  /** The number of items in the list. */
  get size(): number {
    return this.#order.length;
  }

  /**
   * Applies the store's last change, and returns whether it changed anything. To be called after
   * each change, before the next one.
   */
  update(): boolean {
    const objects = this.#objects;
    const gone = [SlotSet.Changed, SlotSet.Removed].map((which) => {
      const slots = this.#store.slots(which);
      for (const slot of slots) objects[slot] = undefined;
      return slots.length;
    });
    const order = this.#store.slots(SlotSet.All);
    const same =
      gone[0] === 0 &&
      order.length === this.#order.length &&
      order.every((slot, nth) => slot === this.#order[nth]);
    if (same) return false;
    this.#order = order;
    this.#all = undefined;
    return true;
  }

  /** Returns the ids of the store's last change. */
  changes(): Changes {
    const ids = (which: SlotSet): string[] =>
      Array.from(this.#store.slots(which), (slot) => this.#store.id(slot));
    return {
      added: ids(SlotSet.Added),
      changed: ids(SlotSet.Changed),
      removed: ids(SlotSet.Removed),
    };
  }

  /** Returns the whole list: the same array until something in it changes. */
  all(): readonly T[] {
    return (this.#all ??= Object.freeze(this.#objectsAt(this.#order)));
  }

  /** Whether the list has an item with this id. */
  has(id: string): boolean {
    return this.#store.slotOf(id) !== undefined;
  }

  /** Returns the capabilities of the item with this id, as the core's bits. */
  capabilities(id: string): number {
    const slot = this.#store.slotOf(id);
    return slot === undefined ? 0 : this.#store.capabilities(slot);
  }

  /** Returns the item with this id. */
  get(id: string): T | undefined {
    const slot = this.#store.slotOf(id);
    return slot === undefined ? undefined : this.#readObject(slot);
  }

  /** Returns the items with these ids; ids that are not in the list are skipped. */
  slice(ids: Iterable<string>): T[] {
    const slots = Array.from(ids, (id) => this.#store.slotOf(id));
    return this.#objectsAt(slots.filter((slot) => slot !== undefined));
  }

  /** Returns the items that match the query, in list order. */
  find(query: DeviceQuery): T[] {
    return this.#objectsAt(this.#store.find(query, this.#readObject));
  }

  /** Returns the ids that match the query; all ids without a query. */
  ids(query?: DeviceQuery): string[] {
    const slots =
      query === undefined
        ? this.#order
        : this.#store.find(query, this.#readObject);
    return Array.from(slots, (slot) => this.#store.id(slot));
  }

  #objectsAt(slots: Iterable<number>): T[] {
    return Array.from(slots, this.#readObject);
  }

  readonly #readObject = (slot: number): T =>
    (this.#objects[slot] ??= freeze(
      JSON.parse(this.#store.take(slot) as string) as T,
    ));
}

/** Returns which flags a query asks about, and which of these must be set, as bits. */
export function flagsAsked(query: DeviceQuery): [number, number] {
  let [asked, wanted] = [0, 0];
  for (const [is, bit] of [
    [query.online, DeviceFlag.Online],
    [query.low_battery, DeviceFlag.LowBattery],
    [query.has_errors, DeviceFlag.HasErrors],
  ] as const) {
    if (is !== undefined) asked |= bit;
    if (is) wanted |= bit;
  }
  return [asked, wanted];
}

/**
 * Freezes a value from `JSON.parse` with everything in it. Not recursive, because `JSON.parse`
 * takes more levels than the stack does.
 */
function freeze<T>(value: T): T {
  const all = [value] as Record<string, unknown>[];
  for (const it of all) {
    if (typeof it === "object") {
      for (const key in it) all.push(it[key] as (typeof all)[0]);
      Object.freeze(it);
    }
  }
  return value;
}
