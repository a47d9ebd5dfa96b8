import type { FetchIo } from "../transport/fetch-io.js";

/** The generated bindings of one copy of the module, with their own state. */
export interface Glue {
  /** Makes the call that `host` describes, and tells it how that ended (bindings/src/call.rs). */
  call(
    host: FetchIo,
    kind: number,
    maxRetries: number,
    pollingTimeout: number | undefined,
    pollingInterval: number,
    calledAt: number,
    calledAtWall: number,
  ): void;
  /** What the module imports, by the short names of pkg/glue.mjs. */
  readonly imports: Record<string, (...args: unknown[]) => unknown>;
  __wbg_set_wasm(exports: Record<string, unknown>): void;
  /** Sets up the module's tables. */
  start(): void;
}
