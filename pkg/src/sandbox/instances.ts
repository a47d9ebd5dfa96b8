import makeGlue from "sandbox-glue";

import { invalidOptions } from "../core/error-factory.js";
import { unavailable } from "../wasm/unavailable.js";
import { sandboxBytes } from "./embedded-module.js";
import { crashed } from "./errors.js";

/** The class that the sandbox's wasm module exports (sandbox/src/wasm.rs). */
export interface WasmSandbox {
  /**
   * Handles a request. `headers` is a JSON array of alternating names and values; `reused` says
   * that the connection has carried a request before. Returns the response without its body, as
   * JSON text.
   */
  handle(
    method: string,
    target: string,
    headers: string,
    body: Uint8Array,
    reused: boolean,
    now: number,
  ): string;
  /**
   * Returns the response, as `handle` does, if the body of the request cannot change it: for example
   * because its credential is refused.
   */
  handleHead(
    method: string,
    target: string,
    headers: string,
    now: number,
  ): string | undefined;
  /** Returns the body of the last response, once. */
  body(): Uint8Array;
  info(): string;
  /** Keeps the garbage collector from entering the module for this object. */
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

/**
 * Compiles the module. A failure is not cached: the next call tries again.
 *
 * @throws {SeamWasmError} `wasm_unavailable`: it cannot be compiled here; the message has the
 *   remedy.
 */
function compile(): Promise<WebAssembly.Module> {
  const compile = async (): Promise<WebAssembly.Module> =>
    WebAssembly.compile(await sandboxBytes());
  return (compiled ??= compile().catch((cause: unknown) => {
    compiled = undefined;
    throw unavailable(cause);
  }));
}

/**
 * Creates instances of the module, one per workspace.
 *
 * Chromium before 115 does not instantiate more than 4 KB synchronously on a page's main thread.
 * There, a spare instance is always kept for the next `make`.
 */
export class Instances {
  readonly #module: WebAssembly.Module;
  #spare: SandboxGlue | undefined;
  /** Whether instances can only be made asynchronously. */
  #isAsync = false;

  private constructor(module: WebAssembly.Module) {
    this.#module = module;
  }

  /** @throws {SeamWasmError} `wasm_unavailable`: it cannot be compiled or instantiated here. */
  static async load(): Promise<Instances> {
    const instances = new Instances(await compile());
    try {
      instances.#spare = instances.#instantiate();
    } catch (error) {
      if (!(error instanceof RangeError)) throw unavailable(error);
      instances.#isAsync = true;
      await instances.#prepareSpare();
    }
    return instances;
  }

  /**
   * Creates a workspace in an instance of its own.
   *
   * @throws {SeamWasmError} It trapped, or no instance can be made now.
   * @throws {SeamHttpInvalidOptionsError} The options are inconsistent; the message says where.
   */
  make(options: string, now: number): WasmSandbox {
    const glue = this.#takeInstance();
    try {
      glue.start();
      return new glue.Sandbox(options, now);
    } catch (error) {
      // Only the module's own messages about the options are plain Errors.
      const { name, message } = error as Error;
      throw name === "Error"
        ? invalidOptions(message)
        : crashed("not_sent", error);
    }
  }

  #takeInstance(): SandboxGlue {
    const ready = this.#spare;
    this.#spare = undefined;
    // The next call reports a failure.
    if (this.#isAsync) this.#prepareSpare().catch(() => {});
    if (ready !== undefined) return ready;
    try {
      return this.#instantiate();
    } catch (cause) {
      throw unavailable(
        cause,
        "the sandbox's module could not be started, try again in a moment",
      );
    }
  }

  #instantiate(): SandboxGlue {
    const glue = makeGlue();
    const imports = { a: glue.imports };
    const { exports } = new WebAssembly.Instance(this.#module, imports);
    glue.__wbg_set_wasm(exports);
    return glue;
  }

  async #prepareSpare(): Promise<void> {
    const glue = makeGlue();
    const imports = { a: glue.imports };
    try {
      const { exports } = await WebAssembly.instantiate(this.#module, imports);
      glue.__wbg_set_wasm(exports);
    } catch (cause) {
      throw unavailable(cause);
    }
    this.#spare = glue;
  }
}
