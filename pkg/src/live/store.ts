import { SeamHttpInvalidResponseError } from "../errors.js";
import { Asked, type Live, Which } from "./wasm.js";

/** As much is given to the module at once, in bytes: it stays in the processor's cache. */
const PIECE = 65_536;

/** So much text is taken out of it at once, or a little more. */
const BATCH = 262_144;

/** The errors of the boundary, by their numbers. */
const ERRORS = [
  "",
  "is not JSON, or only a part of it, or nests too deep",
  "holds nothing under the response key",
  "holds something without an id",
  "came too late: the round was over",
];

/** What `find` looks for; what is not given makes no difference. */
export interface DeviceQuery {
  readonly device_type?: string | undefined;
  readonly device_types?: readonly string[] | undefined;
  /** Capability flags, all present and true: `can_remotely_unlock`. */
  readonly can?: readonly string[] | undefined;
  readonly online?: boolean | undefined;
  /** The battery's status is low or critical; without one, the level is below a quarter. */
  readonly low_battery?: boolean | undefined;
  readonly has_errors?: boolean | undefined;
  /** A part of the name, in upper or lower case. */
  readonly text?: string | undefined;
}

/**
 * A list that is kept fresh, as texts in a copy of the wasm module. Each thing
 * has a slot, a small number that it keeps from round to round.
 */
export class Store {
  readonly #live: Live;

  constructor(live: Live, idMember: string) {
    this.#live = live;
    this.#input(idMember);
    live.open();
  }

  /** Begins a round; one that is under way is forgotten. */
  begin(responseKey: string): void {
    this.#input(responseKey);
    this.#live.begin(false);
  }

  /** Takes the next bytes of a page, cut off anywhere. */
  feed(chunk: Uint8Array): void {
    const live = this.#live;
    for (let at = 0; at < chunk.length; at += PIECE) {
      const piece = chunk.subarray(at, at + PIECE);
      const space = live.space(piece.length);
      if (space === 0) check(4);
      new Uint8Array(live.memory.buffer).set(piece, space);
      check(live.feed(piece.length));
    }
  }

  /** The page is complete: the cursor of the next one, if there is one. */
  endPage(): string | undefined {
    const length = this.#live.end_page();
    check(-length);
    return length > 0 ? this.#take(length) : undefined;
  }

  /** All pages are there: they are the list now. */
  commit(): void {
    check(this.#live.commit());
  }

  /**
   * Takes one thing anew, out of a whole body that holds it under this key. A
   * round that is under way goes on, and takes it for newer than what it has.
   */
  refresh(responseKey: string, body: Uint8Array): void {
    this.#input(responseKey);
    this.#live.begin(true);
    this.feed(body);
    this.endPage();
    this.commit();
  }

  /** Takes out the one with this id; a round that is under way is over. */
  remove(id: string): void {
    this.#input(id);
    this.#live.remove();
  }

  /** The slots of the whole list, or of what the last change has done. */
  slots(which: Which): Uint32Array {
    const { memory } = this.#live;
    const at = this.#live.slots(which);
    return new Uint32Array(memory.buffer, at, this.#live.count(which)).slice();
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
    if (query.text) ask(Asked.Text, query.text);
    const digit = (asked: boolean | undefined): number =>
      asked === undefined ? 2 : Number(asked);
    this.#live.find(
      digit(query.online) +
        3 * digit(query.low_battery) +
        9 * digit(query.has_errors) +
        27 * Number(types !== undefined),
    );
    return this.slots(Which.Found);
  }

  /** The slot of the one with this id. */
  slotOf(id: string): number | undefined {
    this.#input(id);
    const slot = this.#live.slot_of();
    return slot < 0 ? undefined : slot;
  }

  /** The ids in these slots, one for each. */
  ids(slots: Iterable<number>): string[] {
    return Array.from(slots, (slot) =>
      this.#take(this.#live.write(slot, true)),
    );
  }

  /** What `JSON.parse` makes of the texts in these slots, one for each. */
  parse<T>(slots: Iterable<number>): T[] {
    const all: T[] = [];
    let length = 0;
    const take = (): void => {
      // Without the last comma.
      const items = JSON.parse(`[${this.#take(length - 1)}]`) as T[];
      for (const item of items) all.push(item);
      length = 0;
    };
    for (const slot of slots) {
      length = this.#live.write(slot, false);
      if (length > BATCH) take();
    }
    if (length > 0) take();
    return all;
  }

  #take(length: number): string {
    const { memory } = this.#live;
    const bytes = new Uint8Array(memory.buffer, this.#live.text(), length);
    return decoder.decode(bytes);
  }

  #input(text: string): void {
    const bytes = encoder.encode(text);
    const at = this.#live.input(bytes.length);
    new Uint8Array(this.#live.memory.buffer).set(bytes, at);
  }
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

function check(error: number): void {
  if (error > 0) {
    throw new SeamHttpInvalidResponseError({
      code: "invalid_response",
      outcome: "unknown",
      message: `the list ${ERRORS[error]}`,
    });
  }
}
