import makeGlue from "client-glue";
import { compile } from "client-wasm";

import type { Glue } from "./glue.js";
import { instantiateNow } from "./instantiate.js";
import { unavailable } from "./unavailable.js";

/** One running copy of the module. */
export interface Instance {
  readonly call: Glue["call"];
  /** The calls under way: each is told when the copy breaks. */
  readonly pendingCalls: Set<(trap: unknown) => void>;
  /** A call that is made on it now would never end. */
  hasTrapped: boolean;
}

let compiled: Promise<WebAssembly.Module> | undefined;
let current: Promise<Instance> | undefined;

/** The compiled module. A failure is not kept: the next call tries again. */
const module = (): Promise<WebAssembly.Module> =>
  (compiled ??= compile().catch((cause: unknown) => {
    compiled = undefined;
    throw cause;
  }));

/**
 * The running copy, made when there is none yet or the last one broke. A failure is not kept: the
 * next call tries again. The copy may break before its caller goes on: then `isBroken` says so.
 */
export function getInstance(): Promise<Instance> {
  return (current ??= instantiate().catch((cause: unknown) => {
    current = undefined;
    throw unavailable(cause);
  }));
}

/**
 * A trap leaves the memory of a copy in no state to go on, and it surfaces in
 * a microtask where no caller could catch it. So every way into the copy is
 * watched: the first trap ends all calls under way, later ways in do nothing,
 * and the next call gets a fresh copy.
 */
async function instantiate(): Promise<Instance> {
  const pendingCalls: Instance["pendingCalls"] = new Set();

  const guardExport =
    (run: (...args: unknown[]) => unknown) =>
    (...args: unknown[]): unknown => {
      if (created.hasTrapped) return undefined;
      try {
        return run(...args);
      } catch (trap) {
        created.hasTrapped = true;
        current = undefined;
        for (const end of [...pendingCalls]) end(trap);
        throw trap;
      }
    };

  // The functions that the copy gives to promises and microtasks.
  const guardCallback = (callback: Callback): Callback =>
    Object.assign(
      (...args: unknown[]): unknown => {
        if (created.hasTrapped) return undefined;
        try {
          return callback(...args);
        } catch (error) {
          if (created.hasTrapped) return undefined;
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
      return isCallback(result) ? guardCallback(result) : result;
    };
  }
  const exports: Record<string, unknown> = {};
  const created: Instance = {
    call: glue.call,
    pendingCalls,
    hasTrapped: false,
  };
  const raw = await instantiateNow(await module(), {
    a: imports as WebAssembly.ModuleImports,
  });
  for (const [name, value] of Object.entries(raw.exports)) {
    exports[name] =
      typeof value === "function"
        ? guardExport(value as (...args: unknown[]) => unknown)
        : value;
  }
  glue.__wbg_set_wasm(exports);
  glue.start();
  return created;
}

type Callback = ((...args: unknown[]) => unknown) & { _wbg_cb_unref(): void };

function isCallback(value: unknown): value is Callback {
  return typeof value === "function" && "_wbg_cb_unref" in value;
}
