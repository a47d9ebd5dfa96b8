import { ErrorClass, type Errors } from "../core/error-factory.js";
import type { DeviceQuery } from "../core/watch-types.js";
import { factsAsked } from "./snapshot.js";
import { Asked, Bytes, type Live, Which } from "./list-module.js";

/** The errors of the boundary, by their numbers. */
const ERRORS = [
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
  readonly #live: Live;
  readonly #errors: Errors;
  readonly #encoder = new TextEncoder();
  readonly #decoder = new TextDecoder();
  /** JSON texts by slot, but for those that have been taken. */
  readonly #texts: (string | undefined)[] = [];
  /** Ids by slot, once they have been read. */
  readonly #ids: (string | undefined)[] = [];
  /** The texts of the round that is arriving, in the order in which they came. */
  #arriving: string[] = [];

  constructor(live: Live, idMember: string, errors: Errors) {
    this.#live = live;
    this.#errors = errors;
    this.#input(idMember);
    live.open();
  }

  /** Begins a round; one that is under way is forgotten. */
  begin(responseKey: string): void {
    this.#input(responseKey);
    this.#live.begin();
    this.#arriving = [];
  }

  /** Takes the next bytes of a page, cut off anywhere; the module keeps room for so many. */
  feed(piece: Uint8Array): void {
    const live = this.#live;
    const space = live.space(piece.length);
    if (space === 0) this.#check(4);
    new Uint8Array(live.memory.buffer).set(piece, space);
    this.#check(live.feed(piece.length));
    // Keeps the texts that the module has read.
    for (let nth = 0; ; nth += 1) {
      const text = this.#read(Bytes.Text, nth);
      if (text === undefined) return;
      this.#arriving.push(text);
    }
  }

  /**
   * The page is complete: the cursor of the next one, if there is one; empty when
   * the page does not say it.
   */
  endPage(): string | undefined {
    this.#check(this.#live.end_page());
    return this.#read(Bytes.Cursor, 0);
  }

  /** All pages are there: they are the list now. */
  commit(): void {
    this.#check(this.#live.commit());
    this.#keep((slot) => this.#arriving[this.#live.text(slot)]);
    this.#arriving = [];
    this.#dropRemoved();
  }

  /**
   * Takes one thing anew, whose JSON text this is. A round that is under way goes
   * on, and takes it for newer than what it has.
   */
  refresh(text: string): void {
    this.#input(text);
    this.#check(this.#live.refresh());
    this.#keep(() => text);
  }

  /** Takes out the one with this id; a round that is under way is over. */
  remove(id: string): void {
    this.#input(id);
    this.#live.remove();
    this.#arriving = [];
    this.#dropRemoved();
  }

  /** The slots of the whole list, or of what the last change has done. */
  slots(which: Which): Uint32Array {
    const { memory } = this.#live;
    const at = this.#live.slots(which);
    return new Uint32Array(memory.buffer, at, this.#live.length()).slice();
  }

  /** The slots of what the query takes, in the order of the list. */
  find(query: DeviceQuery): Uint32Array {
    const { device_type, device_types } = query;
    const types = device_type === undefined ? device_types : [device_type];
    const ask = (what: Asked, name: string): void => {
      this.#input(name);
      this.#live.ask(what);
    };
    for (const type of types ?? []) ask(Asked.Type, type);
    for (const flag of query.can ?? []) ask(Asked.Flag, flag);
    if (query.text) ask(Asked.Text, query.text.toLowerCase());
    const [asked, wanted] = factsAsked(query);
    this.#live.find(asked, wanted, types !== undefined);
    return this.slots(Which.Found);
  }

  /** The slot of the one with this id. */
  slotOf(id: string): number | undefined {
    this.#input(id);
    const slot = this.#live.slot_of();
    return slot < 0 ? undefined : slot;
  }

  /** What can be done to the device in this slot: the core's bits. */
  capabilities(slot: number): number {
    return this.#live.actions(slot);
  }

  /** The id in this slot. */
  id(slot: number): string {
    return (this.#ids[slot] ??= this.#read(Bytes.Id, slot) ?? "");
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
  #keep(textOf: (slot: number) => string | undefined): void {
    for (const which of [Which.Added, Which.Changed]) {
      for (const slot of this.slots(which)) {
        this.#texts[slot] = textOf(slot);
        // It may have been another's before.
        this.#ids[slot] = undefined;
      }
    }
  }

  #dropRemoved(): void {
    for (const slot of this.slots(Which.Removed)) this.take(slot);
  }

  #read(what: Bytes, nth: number): string | undefined {
    const at = this.#live.bytes(what, nth);
    if (at === 0) return undefined;
    const { buffer } = this.#live.memory;
    return this.#decoder.decode(
      new Uint8Array(buffer, at, this.#live.length()),
    );
  }

  #input(text: string): void {
    const bytes = this.#encoder.encode(text);
    const at = this.#live.input(bytes.length);
    new Uint8Array(this.#live.memory.buffer).set(bytes, at);
  }

  #check(error: number): void {
    if (error > 0) {
      throw this.#errors.make(
        ErrorClass.InvalidResponse,
        "invalid_response",
        "unknown",
        `the list ${ERRORS[error]}`,
      );
    }
  }
}
