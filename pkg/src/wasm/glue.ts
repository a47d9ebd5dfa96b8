import type { Host } from "../host.js";

/** The client that the wasm module exports (bindings/src/client.rs). */
export interface WasmClient {
  call(
    host: Host,
    path: string,
    params: string | undefined,
    responseKey: string | undefined,
    pollingTimeout: number | undefined,
    pollingInterval: number,
    calledAt: number,
  ): Promise<void>;
  /** Gives its memory back; a collected one does so by itself. */
  free(): void;
}

/** The generated bindings of one copy of the module, with their own state. */
export interface Glue {
  readonly Client: new (
    kind: string,
    token: string,
    workspaceId: string | undefined,
    endpoint: string | undefined,
    maxRetries: number,
  ) => WasmClient;
  __wbg_set_wasm(exports: Record<string, unknown>): void;
}
