import { latin1, swaps } from "sandbox-bytes";
import makeGlue from "sandbox-glue";

import { type Outcome, SeamWasmError } from "../errors.js";
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
  /** From then on the garbage collector does not enter the module for it. */
  __destroy_into_raw(): number;
}

/** The generated bindings of the sandbox's module. */
export interface SandboxGlue {
  readonly Sandbox: new (options: string, now: number) => WasmSandbox;
  readonly imports: WebAssembly.ModuleImports;
  __wbg_set_wasm(exports: WebAssembly.Exports): void;
  start(): void;
}

let compiled: Promise<WebAssembly.Module> | undefined;

/** The compiled module. A failure is not kept: the next call tries again. */
export function compile(): Promise<WebAssembly.Module> {
  return (compiled ??= WebAssembly.compile(bytesOf(latin1, swaps)).catch(
    (cause: unknown) => {
      compiled = undefined;
      throw cause;
    },
  ));
}

/**
 * A workspace of its own, in an instance of the module of its own.
 *
 * @throws {SeamWasmError} It trapped.
 * @throws {Error} The options do not hold together; the message says where.
 */
export function instantiate(
  module: WebAssembly.Module,
  options: string,
  now: number,
): WasmSandbox {
  const glue = makeGlue();
  const { exports } = new WebAssembly.Instance(module, { a: glue.imports });
  glue.__wbg_set_wasm(exports);
  try {
    glue.start();
    return new glue.Sandbox(options, now);
  } catch (error) {
    if (error instanceof WebAssembly.RuntimeError)
      throw crashed("not_sent", error);
    throw error;
  }
}

/** The error of whoever calls a sandbox whose instance has trapped. */
export function crashed(outcome: Outcome, cause: unknown): SeamWasmError {
  return new SeamWasmError(
    {
      code: "sandbox_crashed",
      outcome,
      message: `the sandbox crashed and its workspace is lost: restore(state) a saved state, or make a new Sandbox (${String(cause)})`,
    },
    { cause },
  );
}
