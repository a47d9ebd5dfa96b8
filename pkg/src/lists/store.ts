import { ErrorClass, type ErrorFactory } from "../core/error-factory.js";
import type { DeviceQuery } from "../core/watch-types.js";
import { flagsAsked } from "./snapshot.js";
import {
  QueryField,
  ByteSource,
  type ListModule,
  SlotSet,
} from "./list-module.js";

/** The errors of the boundary, by their numbers. */
const LIST_ERRORS = [
  "",
  "is not JSON",
  "is no list",
  "has something without an id",
  "came too late",
];

/**
 * A list that is kept fresh: an instance of the wasm module with its index, and the texts of its
 * items. Each item has a slot, a small number that it keeps between fetches.
 */
export class Store {
  readonly #module: ListModule;
  readonly #errors: ErrorFactory;
  readonly #encoder = new TextEncoder();
  readonly #decoder = new TextDecoder();
  /** JSON texts by slot, until they are taken. */
  readonly #texts: (string | undefined)[] = [];
  /** Ids by slot, once they have been read. */
  readonly #ids: (string | undefined)[] = [];
  /** The texts of the fetch in progress, in the order of arrival. */
  #arrivingTexts: string[] = [];

  constructor(live: ListModule, idMember: string, errorFactory: ErrorFactory) {
    this.#module = live;
    this.#errors = errorFactory;
    this.#writeInput(idMember);
    live.open();
  }

  /** Starts a fetch; one in progress is discarded. */
  begin(responseKey: string): void {
    this.#writeInput(responseKey);
    this.#module.begin();
    this.#arrivingTexts = [];
  }

  /** Adds the next bytes of a page, cut off anywhere. */
  feed(piece: Uint8Array): void {
    const live = this.#module;
    const space = live.space(piece.length);
    if (space === 0) this.#throwIfFailed(4);
    new Uint8Array(live.memory.buffer).set(piece, space);
    this.#throwIfFailed(live.feed(piece.length));
    // Keeps the texts that the module has read.
    for (let nth = 0; ; nth += 1) {
      const text = this.#readText(ByteSource.Text, nth);
      if (text === undefined) return;
      this.#arrivingTexts.push(text);
    }
  }

  /**
   * Ends a page. Returns the cursor of the next one, if there is one; empty if the page has no
   * valid one.
   */
  endPage(): string | undefined {
    this.#throwIfFailed(this.#module.end_page());
    return this.#readText(ByteSource.Cursor, 0);
  }

  /** All pages have arrived: they are the list now. */
  commit(): void {
    this.#throwIfFailed(this.#module.commit());
    this.#keepTexts((slot) => this.#arrivingTexts[this.#module.text(slot)]);
    this.#arrivingTexts = [];
    this.#dropRemovedTexts();
  }

  /**
   * Replaces one item by this JSON text. A fetch in progress goes on, and treats the item as newer
   * than its own data.
   */
  refresh(text: string): void {
    this.#writeInput(text);
    this.#throwIfFailed(this.#module.refresh());
    this.#keepTexts(() => text);
  }

  /** Removes the item with this id; a fetch in progress is discarded. */
  remove(id: string): void {
    this.#writeInput(id);
    this.#module.remove();
    this.#arrivingTexts = [];
    this.#dropRemovedTexts();
  }

  /** Returns the slots of the whole list, or of the last change. */
  slots(which: SlotSet): Uint32Array {
    const { memory } = this.#module;
    const at = this.#module.slots(which);
    return new Uint32Array(memory.buffer, at, this.#module.length()).slice();
  }

  /** Returns the slots that match the query, in list order. */
  find(query: DeviceQuery): Uint32Array {
    const { device_type, device_types } = query;
    const types = device_type === undefined ? device_types : [device_type];
    const ask = (what: QueryField, name: string): void => {
      this.#writeInput(name);
      this.#module.ask(what);
    };
    for (const type of types ?? []) ask(QueryField.Type, type);
    for (const flag of query.can ?? []) ask(QueryField.Flag, flag);
    if (query.text) ask(QueryField.Text, query.text.toLowerCase());
    const [asked, wanted] = flagsAsked(query);
    this.#module.find(asked, wanted, types !== undefined);
    return this.slots(SlotSet.Found);
  }

  /** Returns the slot of the item with this id. */
  slotOf(id: string): number | undefined {
    this.#writeInput(id);
    const slot = this.#module.slot_of();
    return slot < 0 ? undefined : slot;
  }

  /** Returns the capabilities of the device in this slot, as the core's bits. */
  capabilities(slot: number): number {
    return this.#module.actions(slot);
  }

  /** Returns the id in this slot. */
  id(slot: number): string {
    return (this.#ids[slot] ??= this.#readText(ByteSource.Id, slot) ?? "");
  }

  /**
   * Returns the JSON text in this slot, as it arrived; `undefined` once it was taken, and in an
   * empty slot.
   */
  text(slot: number): string | undefined {
    return this.#texts[slot];
  }

  /** Returns the text and forgets it. */
  take(slot: number): string | undefined {
    const text = this.#texts[slot];
    this.#texts[slot] = undefined;
    return text;
  }

  /** Keeps the texts of new and changed items. */
  #keepTexts(textOf: (slot: number) => string | undefined): void {
    for (const which of [SlotSet.Added, SlotSet.Changed]) {
      for (const slot of this.slots(which)) {
        this.#texts[slot] = textOf(slot);
        // The slot may have had another item.
        this.#ids[slot] = undefined;
      }
    }
  }

  #dropRemovedTexts(): void {
    for (const slot of this.slots(SlotSet.Removed)) this.take(slot);
  }

  #readText(what: ByteSource, nth: number): string | undefined {
    const at = this.#module.bytes(what, nth);
    if (at === 0) return undefined;
    const { buffer } = this.#module.memory;
    return this.#decoder.decode(
      new Uint8Array(buffer, at, this.#module.length()),
    );
  }

  #writeInput(text: string): void {
    const bytes = this.#encoder.encode(text);
    const at = this.#module.input(bytes.length);
    new Uint8Array(this.#module.memory.buffer).set(bytes, at);
  }

  #throwIfFailed(error: number): void {
    if (error > 0) {
      throw this.#errors.createError(
        ErrorClass.InvalidResponse,
        "invalid_response",
        "unknown",
        `the list ${LIST_ERRORS[error]}`,
      );
    }
  }
}
