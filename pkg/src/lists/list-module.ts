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
 * An event of a list, or a query of its state; wasm/lists/src/lists.rs has the arguments and result
 * of each.
 */
export const enum ListEvent {
  TakeOutputs,
  Poll,
  Status,
  Settled,
  Interval,
  Environment,
  Refetch,
  Join,
  Joined,
  FetchSent,
  FetchDone,
  FetchFailed,
  RecordsLost,
  Lookup,
  LookupFound,
  LookupFailed,
  DeviceRemoved,
  Mutation,
}

/** An event of a client. Each returns the bits of {@link ClientState}. */
export const enum ClientEvent {
  TokenCheck,
  TokenRejected,
  InitialToken,
  Token,
  Session,
  TokenRefused,
  SessionLost,
  /** No event. */
  None,
}

/** The state of the lists of a client, as bits. */
export const enum ClientState {
  /** Records may be shown. */
  Visible = 1,
  /** The session of the records is known to be in use. */
  SessionLive = 2,
  /** Another token is being checked. */
  Checking = 4,
}

/**
 * An instance of the module: of the rules of one client's lists (wasm/lists/src/lists.rs), or of
 * the records of lists (wasm/lists/src/cache.rs). Only numbers cross: 1 is true, 0 is false.
 */
export interface ListModule {
  list_open(
    list: number,
    isAccessCodes: boolean,
    interval: number,
    now: number,
  ): void;
  list_close(list: number): void;
  list_event(
    list: number,
    event: ListEvent,
    now: number,
    a: number,
    b: number,
  ): number;
  client_event(event: ClientEvent, now: number, value: number): number;
  error_kind(error: number): number;
  is_about_device(
    error: number,
    notFound: boolean,
    devices: number,
    ids: number,
  ): number;
  recheck_delay(nth: number): number;
  lookup_timeout(
    calledAt: number,
    calledWall: number,
    now: number,
    wall: number,
  ): number;

  cache_open(): number;
  cache_close(cache: number): void;
  begin(cache: number): void;
  upsert(cache: number): number;
  space(cache: number, length: number): number;
  feed(cache: number, length: number): number;
  end_page(cache: number): number;
  commit(cache: number): number;
  remove(cache: number): void;
  slots(cache: number, which: SlotSet): number;
  bytes(cache: number, what: ByteSource, nth: number): number;
  length(): number;
  text(cache: number, slot: number): number;
  slot_of(cache: number): number;
  capabilities_of(cache: number, slot: number): number;
  filter(what: QueryField): void;
  find(
    cache: number,
    mask: number,
    expected: number,
    filtersType: boolean,
  ): void;

  input(length: number): number;
  readonly memory: WebAssembly.Memory;
}

/** Writes the text that the next call uses as its input. */
export function writeInput(module: ListModule, text: string): void {
  const bytes = new TextEncoder().encode(text);
  const at = module.input(bytes.length);
  new Uint8Array(module.memory.buffer).set(bytes, at);
}

const compileModule = compileOnce(() => [latin1, swaps]);

/** Whether instances cannot be created synchronously; `undefined` before the first one. */
let needsSpare: boolean | undefined;
/** Instances that were created ahead. */
const spareInstances: ListModule[] = [];

/**
 * Compiles the module, once. Where the main thread cannot create instances synchronously (Chromium
 * before 115), also creates several ahead.
 *
 * @throws Why it cannot be compiled here; the next call tries again.
 */
export async function compile(
  ...decode: Parameters<typeof compileModule>
): Promise<WebAssembly.Module> {
  const module = await compileModule(...decode);
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
 * Whether instances cannot be created synchronously here, and `compile` has to create more ahead.
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

/**
 * Returns the imports of an instance, and a function that takes the instance and returns its
 * exports.
 */
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
  // Written in place: there is room for three times the text.
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
