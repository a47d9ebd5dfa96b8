import { latin1 } from "live-bytes";
import makeGlue from "live-glue";

import { compileText } from "../wasm/latin1.js";

/** Which slots of the list. */
export const enum Which {
  All,
  Added,
  Changed,
  Removed,
  Found,
}

/** What is named in a query. */
export const enum Asked {
  Type,
  Flag,
  Text,
}

/** What the module exports (live/src/lib.rs). */
export interface LiveGlue {
  input(length: number): number;
  open(): void;
  begin(one: boolean): void;
  space(length: number): number;
  feed(length: number): number;
  end_page(): number;
  commit(): number;
  remove(): void;
  count(which: Which): number;
  slots(which: Which): number;
  ask(what: Asked): void;
  find(asked: number): void;
  slot_of(): number;
  write(slot: number, id: boolean): number;
  text(): number;
  __wbg_set_wasm(exports: WebAssembly.Exports): void;
}

/** A copy of the module: it holds one store, and its memory goes with it. */
export interface Live extends LiveGlue {
  readonly memory: WebAssembly.Memory;
}

let compiled: Promise<WebAssembly.Module> | undefined;

/** Compiles the module, once. */
export function liveModule(): Promise<WebAssembly.Module> {
  return (compiled ??= compileText(latin1).catch((error: unknown) => {
    compiled = undefined;
    throw error;
  }));
}

/** A copy of the module of its own. */
export function makeLive(module: WebAssembly.Module): Live {
  const glue = makeGlue();
  const { exports } = new WebAssembly.Instance(module, {
    "./live_bg.js": { ...glue } as unknown as WebAssembly.ModuleImports,
  });
  glue.__wbg_set_wasm(exports);
  (exports["__wbindgen_start"] as (() => void) | undefined)?.();
  return { ...glue, memory: exports["memory"] as WebAssembly.Memory };
}
