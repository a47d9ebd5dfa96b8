import type { Host } from "../host.js";

/** The generated bindings of one copy of the module, with their own state. */
export interface Glue {
  /** Makes the call that `host` describes, and tells it how that ended (bindings/src/call.rs). */
  call(
    host: Host,
    kind: number,
    maxRetries: number,
    pollingTimeout: number | undefined,
    pollingInterval: number,
    calledAt: number,
  ): void;
  __wbg_set_wasm(exports: Record<string, unknown>): void;
}
