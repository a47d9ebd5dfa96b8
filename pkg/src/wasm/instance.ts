import makeGlue from "client-glue";
import { compile } from "client-wasm";

import type { Glue } from "./glue.js";
import { unavailable } from "./unavailable.js";

/** One running copy of the module. */
export interface Instance {
  readonly call: Glue["call"];
  /** The calls under way: each is told when the copy breaks. */
  readonly calls: Set<(trap: unknown) => void>;
}

let compiled: Promise<WebAssembly.Module> | undefined;
let current: Instance | undefined;

/**
 * The compiled module. A failure to compile is not kept: the next call tries
 * again.
 */
export function module(): Promise<WebAssembly.Module> {
  return (compiled ??= compile().catch((cause: unknown) => {
    compiled = undefined;
    throw unavailable(cause);
  }));
}

/**
 * The running copy, made when there is none yet or the last one broke. Nothing
 * is awaited here, so the copy cannot break before it is used.
 */
export function instance(module: WebAssembly.Module): Instance {
  return (current ??= instantiate(module));
}

/**
 * A trap leaves the memory of a copy in no state to go on, and it surfaces in
 * a microtask where no caller could catch it. So every way into the copy is
 * watched: the first trap ends all calls under way, later ways in do nothing,
 * and the next call gets a fresh copy.
 */
function instantiate(module: WebAssembly.Module): Instance {
  const calls = new Set<(trap: unknown) => void>();
  let broken = false;

  const watchExport =
    (run: (...args: unknown[]) => unknown) =>
    (...args: unknown[]): unknown => {
      if (broken) return undefined;
      try {
        return run(...args);
      } catch (trap) {
        broken = true;
        if (current === copy) current = undefined;
        for (const end of [...calls]) end(trap);
        throw trap;
      }
    };

  // The functions that the copy gives to promises and microtasks.
  const watchCallback = (callback: Callback): Callback =>
    Object.assign(
      (...args: unknown[]): unknown => {
        if (broken) return undefined;
        try {
          return callback(...args);
        } catch (error) {
          if (broken) return undefined;
          throw error;
        }
      },
      { _wbg_cb_unref: () => callback._wbg_cb_unref() },
    );

  const glue = makeGlue();
  const imports: Record<string, unknown> = {};
  for (const [name, run] of Object.entries(glue.imports)) {
    imports[name] = (...args: unknown[]): unknown => {
      const result = run(...args);
      return isCallback(result) ? watchCallback(result) : result;
    };
  }
  const exports: Record<string, unknown> = {};
  const copy: Instance = { call: glue.call, calls };
  try {
    const raw = new WebAssembly.Instance(module, {
      a: imports as WebAssembly.ModuleImports,
    }).exports;
    for (const [name, value] of Object.entries(raw)) {
      exports[name] =
        typeof value === "function"
          ? watchExport(value as (...args: unknown[]) => unknown)
          : value;
    }
  } catch (cause) {
    throw unavailable(cause);
  }
  glue.__wbg_set_wasm(exports);
  glue.start();
  return copy;
}

type Callback = ((...args: unknown[]) => unknown) & { _wbg_cb_unref(): void };

function isCallback(value: unknown): value is Callback {
  return typeof value === "function" && "_wbg_cb_unref" in value;
}
