// Modules that pkg/build.mjs creates from the wasm modules.

/** Compiles the client's module: from bytes, or as workerd does. */
declare module "client-wasm" {
  export function compile(): Promise<WebAssembly.Module>;
}

/** The client's bytes as text, and the pairs of bytes that are swapped in it. */
declare module "client-bytes" {
  export const latin1: string;
  export const swaps: string;
}

/** The client's module, as workerd imports it. */
declare module "client.wasm" {
  const module: WebAssembly.Module;
  export default module;
}

/** The same, as edge runtimes like Vercel's import it. */
declare module "client.wasm?module" {
  const module: WebAssembly.Module;
  export default module;
}

/** The build id in the section `seam-session` of client.wasm. */
declare module "client-build" {
  export const build: string;
}

/** wasm-bindgen's generated bindings, in a function that creates a fresh set. */
declare module "client-glue" {
  export default function makeGlue(): import("./glue.js").Glue;
}

declare module "live-bytes" {
  export const latin1: string;
  export const swaps: string;
}

declare module "live-glue" {
  /**
   * Creates the module's imports: `number` parses the number in these bytes, and `lower`
   * lower-cases the text in these bytes and returns its new length.
   */
  export default function takes(
    number: (at: number, length: number) => number,
    lower: (at: number, length: number) => number,
  ): WebAssembly.Imports;
}

declare module "token-bytes" {
  export const latin1: string;
  export const swaps: string;
}

declare module "token-glue" {
  /** The module imports nothing. */
  export default function takes(): WebAssembly.Imports;
}
