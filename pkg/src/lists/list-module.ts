import { latin1, swaps } from "live-bytes";
import makeImports from "live-glue";

import { compileOnce } from "../wasm/compile-embedded.js";

/** A set of slots: of the list, of what the last change did, or of what was found. */
export const enum SlotSet {
  All,
  Added,
  Changed,
  Removed,
  Found,
}

/** Flags of a device, as bits. */
export const enum DeviceFlag {
  Online = 1,
  LowBattery = 2,
  HasErrors = 4,
}

/** The source of bytes to be read. */
export const enum ByteSource {
  /** The nth of the texts that were read last. */
  Text,
  /** The id in a slot. */
  Id,
  /** The cursor of the next page. */
  Cursor,
}

/** The field that a query names. */
export const enum QueryField {
  Type,
  Flag,
  Text,
}

/**
 * An instance of the module, which holds one store or one schedule; its memory is freed with it.
 * Its exports take and return numbers; 1 stands for true, 0 for false.
 */
export interface ListModule {
  poll_open(interval: number, now: number): void;
  poll_restart(now: number): void;
  poll_next(now: number): number;
  poll_done(now: number, jitter: number): void;
  poll_failed(now: number, retryAfter: number, jitter: number): void;
  poll_refresh(): void;
  poll_interval(interval: number, now: number): void;
  poll_rests(hidden: boolean, offline: boolean, now: number): void;
  poll_stop(): void;
  verdict(status: number, tokenRefused: boolean, isSeams: boolean): number;
  is_of(
    status: number,
    notFound: boolean,
    devices: number,
    ids: number,
  ): number;
  look_again(nth: number): number;
  look_within(
    calledAt: number,
    calledWall: number,
    now: number,
    wall: number,
  ): number;
  input(length: number): number;
  open(): void;
  begin(): void;
  refresh(): number;
  space(length: number): number;
  feed(length: number): number;
  end_page(): number;
  commit(): number;
  remove(): void;
  slots(which: SlotSet): number;
  bytes(what: ByteSource, nth: number): number;
  length(): number;
  text(slot: number): number;
  slot_of(): number;
  actions(slot: number): number;
  ask(what: QueryField): void;
  find(asked: number, wanted: number, typed: boolean): void;
  readonly memory: WebAssembly.Memory;
}

const compileModule = compileOnce(() => [latin1, swaps]);

/** Whether instances cannot be made synchronously; unknown before the first. */
let needsSpare: boolean | undefined;
/** Instances that were made ahead. */
const spareInstances: ListModule[] = [];

/**
 * Compiles the module, once. Where the main thread cannot make instances synchronously (Chromium
 * before 115), also makes as many ahead as a list may need.
 *
 * @throws Why it cannot be compiled here; the next call tries again.
 */
export async function compile(): Promise<WebAssembly.Module> {
  const module = await compileModule();
  if (needsSpare === undefined) {
    try {
      spareInstances.push(createListModule(module));
      needsSpare = false;
    } catch (error) {
      needsSpare = error instanceof RangeError;
    }
  }
  for (
    let more = 4;
    needsSpare && more > 0 && spareInstances.length < 40;
    more -= 1
  ) {
    const [imports, live] = prepareInstance();
    spareInstances.push(live(await WebAssembly.instantiate(module, imports)));
  }
  return module;
}

/**
 * Whether instances cannot be made synchronously here, and `compile` has to make another one ahead.
 */
export const lacksSpare = (): boolean =>
  needsSpare === true && spareInstances.length < 2;

/** Creates an instance of the module. */
export function createListModule(module: WebAssembly.Module): ListModule {
  const ready = spareInstances.pop();
  if (ready) return ready;
  const [imports, live] = prepareInstance();
  return live(new WebAssembly.Instance(module, imports));
}

/** Returns the imports of an instance, and a function that completes it. */
function prepareInstance(): [
  WebAssembly.Imports,
  (instance: WebAssembly.Instance) => ListModule,
] {
  let live: ListModule;
  const bytes = (at: number, length: number): Uint8Array =>
    new Uint8Array(live.memory.buffer, at, length);
  const text = (at: number, length: number): string =>
    new TextDecoder().decode(bytes(at, length));
  // Numbers that the store does not parse are parsed by the platform.
  const number = (at: number, length: number): number =>
    Number(text(at, length));
  // In place, where there is room for three times the text.
  const lower = (at: number, length: number): number =>
    new TextEncoder().encodeInto(
      text(at, length).toLowerCase(),
      bytes(at, 3 * length),
    ).written;
  return [
    makeImports(number, lower),
    ({ exports }) => (live = exports as unknown as ListModule),
  ];
}
