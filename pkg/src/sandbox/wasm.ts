import { latin1 } from "sandbox-bytes";
import makeGlue from "sandbox-glue";

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
  __wbg_set_wasm(exports: WebAssembly.Exports): void;
}

let compiled: Promise<WebAssembly.Module> | undefined;

/** A workspace of its own, in a copy of the module of its own. */
export async function makeSandbox(
  options: string,
  now: number,
): Promise<WasmSandbox> {
  compiled ??= WebAssembly.compile(bytesOf(latin1));
  const glue = makeGlue();
  const { exports } = new WebAssembly.Instance(await compiled, {
    "./sandbox_bg.js": { ...glue } as unknown as WebAssembly.ModuleImports,
  });
  glue.__wbg_set_wasm(exports);
  (exports["__wbindgen_start"] as (() => void) | undefined)?.();
  return new glue.Sandbox(options, now);
}

/** Its code points are the bytes. A plain loop: the module is ten times the client's. */
function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at += 1) bytes[at] = text.charCodeAt(at);
  return bytes;
}
