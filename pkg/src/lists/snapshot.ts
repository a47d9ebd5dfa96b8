import type { Changes, DeviceQuery } from "../core/watch-types.js";
import { DeviceFlag, SlotSet } from "./list-module.js";

/** What a list is made of: texts in slots, in an order. */
export interface Slots {
  slots(which: SlotSet): Uint32Array;
  id(slot: number): string;
  slotOf(id: string): number | undefined;
  capabilities(slot: number): number;
  take(slot: number): string | undefined;
  /** `read` gives what is in a slot, where the texts tell nothing by themselves. */
  find(query: DeviceQuery, read: (slot: number) => object): Uint32Array;
}

/**
 * The list of a store as plain frozen objects. An object is made when it is
 * first asked for, and stays the same one until what it says changes.
 */
export class Snapshot<T extends object> {
  readonly #store: Slots;
  /** The objects that have been made, by slot. */
  readonly #objects: (T | undefined)[] = [];
  #order: Uint32Array = new Uint32Array();
  #all: readonly T[] | undefined = Object.freeze([]);

  constructor(store: Slots) {
    this.#store = store;
  }

  /** The number of things in the list. */
  get size(): number {
    return this.#order.length;
  }

  /**
   * Takes over what the store's last change has done, and says whether that was
   * anything. To be called after each of them, before the next one begins.
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

  /** What the store's last change has done; the ids are read out of it here. */
  changes(): Changes {
    const ids = (which: SlotSet): string[] =>
      Array.from(this.#store.slots(which), (slot) => this.#store.id(slot));
    return {
      added: ids(SlotSet.Added),
      changed: ids(SlotSet.Changed),
      removed: ids(SlotSet.Removed),
    };
  }

  /** The whole list: the same array until something in it changes. */
  all(): readonly T[] {
    return (this.#all ??= Object.freeze(this.#objectsAt(this.#order)));
  }

  /** Whether there is one with this id. */
  has(id: string): boolean {
    return this.#store.slotOf(id) !== undefined;
  }

  /** What can be done to the one with this id: the core's bits. */
  capabilities(id: string): number {
    const slot = this.#store.slotOf(id);
    return slot === undefined ? 0 : this.#store.capabilities(slot);
  }

  /** The one with this id. */
  get(id: string): T | undefined {
    const slot = this.#store.slotOf(id);
    return slot === undefined ? undefined : this.#readObject(slot);
  }

  /** Those with these ids; one that is not there is left out. */
  slice(ids: Iterable<string>): T[] {
    const slots = Array.from(ids, (id) => this.#store.slotOf(id));
    return this.#objectsAt(slots.filter((slot) => slot !== undefined));
  }

  /** Those that the query takes, in the order of the list. */
  find(query: DeviceQuery): T[] {
    return this.#objectsAt(this.#store.find(query, this.#readObject));
  }

  /** Their ids alone; without a query those of all. */
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

/** Which facts a query asks about, and which of these must hold: bits. */
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
 * Freezes a value that came out of `JSON.parse`, with all that is in it, however deep: it does
 * not call itself, for `JSON.parse` takes more levels than there is stack for.
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
