/** The generated bindings of one instance, with their own state. */
export interface Glue {
  /**
   * Makes the call that `io` describes, and calls its `done` or `fail` (wasm/client/src/call.rs; `FetchIo`
   * has the methods that wasm/client/src/host.rs imports).
   */
  call(
    io: object,
    kind: number,
    maxRetries: number,
    pollingTimeout: number | undefined,
    pollingInterval: number,
    calledAt: number,
    calledAtWall: number,
  ): void;
  /** The module's imports, by the short names of pkg/glue.mjs. */
  readonly imports: Record<string, (...args: unknown[]) => unknown>;
  __wbg_set_wasm(exports: Record<string, unknown>): void;
  /** Sets up the module's tables. */
  start(): void;
}
