import { latin1 } from "sandbox-bytes";
import makeGlue from "sandbox-glue";

import { compileText } from "../wasm/latin1.js";

/** The sandbox that its wasm module exports (sandbox/src/wasm.rs). */
export interface WasmSandbox {
  /** Takes and gives JSON text, but for the body's bytes. */
  handle(
    method: string,
    target: string,
    headers: string,
    body: Uint8Array,
    now: number,
  ): string;
  info(): string;
}

/** The generated bindings of the sandbox's module. */
export interface SandboxGlue {
  readonly Sandbox: new (options: string, now: number) => WasmSandbox;
  __wbg_set_wasm(exports: WebAssembly.Exports): void;
}

let compiled: Promise<WebAssembly.Module> | undefined;

/** A workspace of its own, in a copy of the module of its own. */
export async function makeSandbox(
  options: string,
  now: number,
): Promise<WasmSandbox> {
  compiled ??= compileText(latin1);
  const glue = makeGlue();
  const { exports } = new WebAssembly.Instance(await compiled, {
    "./sandbox_bg.js": { ...glue } as unknown as WebAssembly.ModuleImports,
  });
  glue.__wbg_set_wasm(exports);
  (exports["__wbindgen_start"] as (() => void) | undefined)?.();
  return new glue.Sandbox(options, now);
}
