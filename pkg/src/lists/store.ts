import { ErrorClass, type ErrorFactory } from "../core/error-factory.js";
import type { DeviceQuery } from "../core/watch-types.js";
import { flagsAsked } from "./snapshot.js";
import { recoverFromTraps } from "../wasm/trap-recovery.js";
import {
  QueryField,
  ByteSource,
  createListModule,
  type ListModule,
  SlotSet,
  writeInput,
} from "./list-module.js";

/** The errors of the boundary, by their numbers. */
const LIST_ERRORS = [
  "",
  "is not JSON",
  "is no list",
  "has something without an id",
  "came too late",
];

/** The stores of one client's lists, which share an instance of the module. */
export class Stores {
  readonly #wasmModule: WebAssembly.Module;
  readonly #errors: ErrorFactory;
  /** The stores in the instance, each with the callback for a trap. */
  readonly #onLost = new Map<Store, (reason: unknown) => void>();
  #instance: ListModule | undefined;

  constructor(wasmModule: WebAssembly.Module, errorFactory: ErrorFactory) {
    this.#wasmModule = wasmModule;
    this.#errors = errorFactory;
  }

  /**
   * Creates an empty store. `onLost` is called when the instance of the store has trapped: its
   * records are lost, and every later use of the store throws.
   *
   * @throws No instance can be created.
   */
  create(idMember: string, onLost: (reason: unknown) => void): Store {
    const instance = (this.#instance ??= recoverFromTraps(
      this.#errors,
      () => createListModule(this.#wasmModule),
      (reason) => {
        const lost = [...this.#onLost.values()];
        this.#onLost.clear();
        this.#instance = undefined;
        for (const onLost of lost) onLost(reason);
        throw reason;
      },
    ));
    const store: Store = new Store(instance, idMember, this.#errors, () => {
      // Memory is freed only with the instance.
      if (this.#onLost.delete(store) && this.#onLost.size === 0)
        this.#instance = undefined;
    });
    this.#onLost.set(store, onLost);
    return store;
  }
}

/**
 * The records of a list: the module has their hashes and query fields, this class their JSON texts.
 * Each record has a slot, a small number that it keeps while it is in the list.
 */
export class Store {
  #instance: ListModule | undefined;
  readonly #cache: number;
  readonly #errors: ErrorFactory;
  readonly #onClose: () => void;
  readonly #decoder = new TextDecoder();
  /** JSON texts by slot, except those that `take` has returned. */
  readonly #texts: (string | undefined)[] = [];
  /** Ids by slot, once they have been read. */
  readonly #ids: (string | undefined)[] = [];
  /** The texts of the fetch in progress, in the order of their arrival. */
  #arrivingTexts: string[] = [];

  constructor(
    instance: ListModule,
    idMember: string,
    errorFactory: ErrorFactory,
    onClose: () => void = () => {},
  ) {
    this.#instance = instance;
    this.#errors = errorFactory;
    this.#onClose = onClose;
    this.#writeInput(idMember);
    this.#cache = instance.cache_open();
  }

  /**
   * Frees the records in the instance. Another store may get the index of this one, so any later
   * use of this one throws.
   */
  close(): void {
    try {
      this.#instance?.cache_close(this.#cache);
    } catch {
      // The instance is gone already.
    }
    this.#instance = undefined;
    this.#onClose();
  }

  get #module(): ListModule {
    if (!this.#instance) throw new Error("the list was closed");
    return this.#instance;
  }

  /** Starts a fetch; one in progress is discarded. */
  begin(responseKey: string): void {
    this.#writeInput(responseKey);
    this.#module.begin(this.#cache);
    this.#arrivingTexts = [];
  }

  /** Adds the next bytes of a page, which may end anywhere. */
  feed(piece: Uint8Array): void {
    const live = this.#module;
    const space = live.space(this.#cache, piece.length);
    if (space === 0) this.#throwIfFailed(4);
    new Uint8Array(live.memory.buffer).set(piece, space);
    this.#throwIfFailed(live.feed(this.#cache, piece.length));
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
    this.#throwIfFailed(this.#module.end_page(this.#cache));
    return this.#readText(ByteSource.Cursor, 0);
  }

  /** Replaces the list with the fetched pages. */
  commit(): void {
    this.#throwIfFailed(this.#module.commit(this.#cache));
    this.#keepTexts(
      (slot) => this.#arrivingTexts[this.#module.text(this.#cache, slot)],
    );
    this.#arrivingTexts = [];
    this.#dropRemovedTexts();
  }

  /**
   * Adds one item, or replaces it, by its JSON text. A fetch in progress continues, and treats the
   * item as newer than its own data.
   */
  refresh(text: string): void {
    this.#writeInput(text);
    this.#throwIfFailed(this.#module.upsert(this.#cache));
    this.#keepTexts(() => text);
  }

  /** Removes the item with this id; a fetch in progress is discarded. */
  remove(id: string): void {
    this.#writeInput(id);
    this.#module.remove(this.#cache);
    this.#arrivingTexts = [];
    this.#dropRemovedTexts();
  }

  /** Returns the slots of the whole list, or of the last change. */
  slots(which: SlotSet): Uint32Array {
    const { memory } = this.#module;
    const at = this.#module.slots(this.#cache, which);
    return new Uint32Array(memory.buffer, at, this.#module.length()).slice();
  }

  /** Returns the slots that match the query, in list order. */
  find(query: DeviceQuery): Uint32Array {
    const { device_type, device_types } = query;
    const types = device_type === undefined ? device_types : [device_type];
    const ask = (what: QueryField, name: string): void => {
      this.#writeInput(name);
      this.#module.filter(what);
    };
    for (const type of types ?? []) ask(QueryField.Type, type);
    for (const flag of query.can ?? []) ask(QueryField.Flag, flag);
    if (query.text) ask(QueryField.Text, query.text.toLowerCase());
    const [asked, wanted] = flagsAsked(query);
    this.#module.find(this.#cache, asked, wanted, types !== undefined);
    return this.slots(SlotSet.Found);
  }

  /** Returns the slot of the item with this id. */
  slotOf(id: string): number | undefined {
    this.#writeInput(id);
    const slot = this.#module.slot_of(this.#cache);
    return slot < 0 ? undefined : slot;
  }

  /** Returns the capabilities of the device in this slot, as the core's bits. */
  capabilities(slot: number): number {
    return this.#module.capabilities_of(this.#cache, slot);
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

  /** Returns the text and drops it from the store. */
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
    const at = this.#module.bytes(this.#cache, what, nth);
    if (at === 0) return undefined;
    const { buffer } = this.#module.memory;
    return this.#decoder.decode(
      new Uint8Array(buffer, at, this.#module.length()),
    );
  }

  #writeInput(text: string): void {
    writeInput(this.#module, text);
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
