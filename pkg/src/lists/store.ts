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
 * A list that is kept fresh: what a copy of the wasm module knows of it, and the
 * texts of its things. Each has a slot, a small number that it keeps from round
 * to round.
 */
export class Store {
  readonly #module: ListModule;
  readonly #errors: ErrorFactory;
  readonly #encoder = new TextEncoder();
  readonly #decoder = new TextDecoder();
  /** JSON texts by slot, but for those that have been taken. */
  readonly #texts: (string | undefined)[] = [];
  /** Ids by slot, once they have been read. */
  readonly #ids: (string | undefined)[] = [];
  /** The texts of the round that is arriving, in the order in which they came. */
  #arrivingTexts: string[] = [];

  constructor(live: ListModule, idMember: string, errorFactory: ErrorFactory) {
    this.#module = live;
    this.#errors = errorFactory;
    this.#writeInput(idMember);
    live.open();
  }

  /** Begins a round; one that is under way is forgotten. */
  begin(responseKey: string): void {
    this.#writeInput(responseKey);
    this.#module.begin();
    this.#arrivingTexts = [];
  }

  /** Takes the next bytes of a page, cut off anywhere; the module keeps room for so many. */
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
   * The page is complete: the cursor of the next one, if there is one; empty when
   * the page does not say it.
   */
  endPage(): string | undefined {
    this.#throwIfFailed(this.#module.end_page());
    return this.#readText(ByteSource.Cursor, 0);
  }

  /** All pages are there: they are the list now. */
  commit(): void {
    this.#throwIfFailed(this.#module.commit());
    this.#keepTexts((slot) => this.#arrivingTexts[this.#module.text(slot)]);
    this.#arrivingTexts = [];
    this.#dropRemovedTexts();
  }

  /**
   * Takes one thing anew, whose JSON text this is. A round that is under way goes
   * on, and takes it for newer than what it has.
   */
  refresh(text: string): void {
    this.#writeInput(text);
    this.#throwIfFailed(this.#module.refresh());
    this.#keepTexts(() => text);
  }

  /** Takes out the one with this id; a round that is under way is over. */
  remove(id: string): void {
    this.#writeInput(id);
    this.#module.remove();
    this.#arrivingTexts = [];
    this.#dropRemovedTexts();
  }

  /** The slots of the whole list, or of what the last change has done. */
  slots(which: SlotSet): Uint32Array {
    const { memory } = this.#module;
    const at = this.#module.slots(which);
    return new Uint32Array(memory.buffer, at, this.#module.length()).slice();
  }

  /** The slots of what the query takes, in the order of the list. */
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

  /** The slot of the one with this id. */
  slotOf(id: string): number | undefined {
    this.#writeInput(id);
    const slot = this.#module.slot_of();
    return slot < 0 ? undefined : slot;
  }

  /** What can be done to the device in this slot: the core's bits. */
  capabilities(slot: number): number {
    return this.#module.actions(slot);
  }

  /** The id in this slot. */
  id(slot: number): string {
    return (this.#ids[slot] ??= this.#readText(ByteSource.Id, slot) ?? "");
  }

  /**
   * The JSON text in this slot, as it came. It is kept until it is taken: after
   * that, and in a slot where nothing is, there is none.
   */
  text(slot: number): string | undefined {
    return this.#texts[slot];
  }

  /** Gives the text away. */
  take(slot: number): string | undefined {
    const text = this.#texts[slot];
    this.#texts[slot] = undefined;
    return text;
  }

  /** Keeps the texts of what is new or different. */
  #keepTexts(textOf: (slot: number) => string | undefined): void {
    for (const which of [SlotSet.Added, SlotSet.Changed]) {
      for (const slot of this.slots(which)) {
        this.#texts[slot] = textOf(slot);
        // It may have been another's before.
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
