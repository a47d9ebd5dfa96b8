import makeGlue from "sandbox-glue";

import { invalidOptions } from "../core/error-factory.js";
import { unavailable } from "../wasm/unavailable.js";
import { sandboxBytes } from "./embedded-module.js";
import { crashed } from "./errors.js";

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

/**
 * The compiled module. A failure is not kept: the next call tries again.
 *
 * @throws {SeamWasmError} `wasm_unavailable`: it cannot be compiled here, and what can be done.
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
 * Makes instances of the module, one for each workspace.
 *
 * Chromium before 115 refuses to make one of more than 4 KB synchronously on a page's main thread.
 * There, an unused instance is always kept ready for the next `make`.
 */
export class Instances {
  readonly #module: WebAssembly.Module;
  #spare: SandboxGlue | undefined;
  /** Whether an instance can only be made asynchronously. */
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
   * A workspace of its own, in an instance of its own.
   *
   * @throws {SeamWasmError} It trapped, or no instance can be made now.
   * @throws {SeamHttpInvalidOptionsError} The options do not hold together; the message says where.
   */
  make(options: string, now: number): WasmSandbox {
    const glue = this.#takeInstance();
    try {
      glue.start();
      return new glue.Sandbox(options, now);
    } catch (error) {
      // Only what the module itself says of the options is a plain Error.
      const { name, message } = error as Error;
      throw name === "Error"
        ? invalidOptions(message)
        : crashed("not_sent", error);
    }
  }

  #takeInstance(): SandboxGlue {
    const ready = this.#spare;
    this.#spare = undefined;
    // What goes wrong with it, the next call tells.
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
