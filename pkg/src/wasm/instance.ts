import makeGlue from "client-glue";
import { compile } from "client-wasm";

import type { Glue } from "./glue.js";
import { instantiateNow } from "./instantiate.js";
import { unavailable } from "./unavailable.js";

/** A running instance of the module. */
export interface Instance {
  readonly call: Glue["call"];
  /** The pending calls: each is called with the trap, if there is one. */
  readonly pendingCalls: Set<(trap: unknown) => void>;
  /** A call that is made now would never end. */
  hasTrapped: boolean;
}

let compiled: Promise<WebAssembly.Module> | undefined;
let current: Promise<Instance> | undefined;

/** Compiles the module. A failure is not cached: the next call tries again. */
const module = (): Promise<WebAssembly.Module> =>
  (compiled ??= compile().catch((cause: unknown) => {
    compiled = undefined;
    throw cause;
  }));

/**
 * Returns the running instance, or a new one if there is none or it has trapped. A failure is not
 * cached: the next call tries again. The instance may trap before the caller continues: then
 * `hasTrapped` is true.
 */
export function getInstance(): Promise<Instance> {
  return (current ??= instantiate().catch((cause: unknown) => {
    current = undefined;
    throw unavailable(cause);
  }));
}

/**
 * Creates an instance. A trap leaves its memory in an undefined state, and surfaces in a microtask
 * where no caller can catch it. So every entry into the instance is guarded: the first trap ends
 * all pending calls, later entries do nothing, and the next call gets a new instance.
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

  // The functions that the instance passes to promises and microtasks.
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
