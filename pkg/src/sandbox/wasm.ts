import { latin1, swaps } from "sandbox-bytes";
import makeGlue from "sandbox-glue";

import { bytesOf } from "../wasm/latin1.js";

/** The sandbox that its wasm module exports (sandbox/src/wasm.rs). */
export interface WasmSandbox {
  /**
   * Answers a request. `headers` is a JSON array of names and values in turn;
   * `reused` says that the connection has carried a request before. Gives all
   * of the answer but its body, as JSON text.
   */
  handle(
    method: string,
    target: string,
    headers: string,
    body: Uint8Array,
    reused: boolean,
    now: number,
  ): string;
  /** The body of the answer just given; it can be taken once. */
  body(): Uint8Array;
  info(): string;
}

/** The generated bindings of the sandbox's module. */
export interface SandboxGlue {
  readonly Sandbox: new (options: string, now: number) => WasmSandbox;
  readonly imports: WebAssembly.ModuleImports;
  __wbg_set_wasm(exports: WebAssembly.Exports): void;
  start(): void;
}

let compiled: Promise<WebAssembly.Module> | undefined;

/** A workspace of its own, in a copy of the module of its own. */
export async function makeSandbox(
  options: string,
  now: number,
): Promise<WasmSandbox> {
  compiled ??= WebAssembly.compile(bytesOf(latin1, swaps));
  const glue = makeGlue();
  const { exports } = new WebAssembly.Instance(await compiled, {
    a: glue.imports,
  });
  glue.__wbg_set_wasm(exports);
  glue.start();
  return new glue.Sandbox(options, now);
}
