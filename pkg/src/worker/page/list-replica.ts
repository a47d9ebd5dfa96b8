import { flagsAsked, type Slots } from "../../lists/snapshot.js";
import { SlotSet } from "../../lists/list-module.js";
import type { DeviceQuery } from "../../core/watch-types.js";
import type { Item, ListUpdate } from "../protocol/messages.js";

const NONE = new Uint32Array();

/** The page's copy of a list that a worker keeps; the slots are the worker's. */
export class ListReplica implements Slots {
  readonly #texts: (string | undefined)[] = [];
  readonly #ids: (string | undefined)[] = [];
  readonly #flags: number[] = [];
  readonly #capabilityBits: number[] = [];
  readonly #slotOf = new Map<string, number>();
  #order: Uint32Array = NONE;
  #changed: Uint32Array = NONE;
  #removed: Uint32Array = NONE;

  /** Applies one change. */
  apply(items: readonly Item[], { order }: Pick<ListUpdate, "order">): void {
    this.#removed = NONE;
    if (order !== undefined) {
      const there = new Set(order);
      this.#removed = this.#order.filter((slot) => !there.has(slot));
      for (const slot of this.#removed) this.#remove(slot);
      this.#order = order;
    }
    for (const [slot, id, text, flags, actions] of items) {
      // The slot may have had another item.
      if (this.#ids[slot] !== id) this.#remove(slot);
      this.#texts[slot] = text;
      this.#ids[slot] = id;
      this.#flags[slot] = flags;
      this.#capabilityBits[slot] = actions;
      this.#slotOf.set(id, slot);
    }
    this.#changed = Uint32Array.from(items, ([slot]) => slot);
  }

  slots(which: SlotSet): Uint32Array {
    if (which === SlotSet.All) return this.#order;
    if (which === SlotSet.Changed) return this.#changed;
    return which === SlotSet.Removed ? this.#removed : NONE;
  }

  id(slot: number): string {
    return this.#ids[slot] ?? "";
  }

  slotOf(id: string): number | undefined {
    return this.#slotOf.get(id);
  }

  capabilities(slot: number): number {
    return this.#capabilityBits[slot] ?? 0;
  }

  take(slot: number): string | undefined {
    const text = this.#texts[slot];
    this.#texts[slot] = undefined;
    return text;
  }

  /** Matches like the core's `Query`; a test keeps the two equal. */
  find(query: DeviceQuery, read: (slot: number) => object): Uint32Array {
    const { device_type, device_types, can = [] } = query;
    const types = device_type === undefined ? device_types : [device_type];
    const text = (query.text ?? "").toLowerCase();
    const [asked, wanted] = flagsAsked(query);
    return this.#order.filter((slot) => {
      if (((this.#flags[slot] ?? 0) & asked) !== wanted) return false;
      const it = read(slot) as Record<string, unknown>;
      return (
        (types === undefined || types.includes(it["device_type"] as string)) &&
        can.every((flag) => it[flag] === true) &&
        nameOf(it).toLowerCase().includes(text)
      );
    });
  }

  #remove(slot: number): void {
    const id = this.#ids[slot];
    if (id !== undefined && this.#slotOf.get(id) === slot) {
      this.#slotOf.delete(id);
    }
    this.#texts[slot] = this.#ids[slot] = undefined;
  }
}

function nameOf({ display_name, name }: Record<string, unknown>): string {
  const isShown = typeof display_name === "string" ? display_name : name;
  return typeof isShown === "string" ? isShown : "";
}
