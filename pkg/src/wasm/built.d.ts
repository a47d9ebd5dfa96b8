// What the build puts together from the wasm modules; pkg/build.mjs makes them.

/** How the client's module is compiled here: from bytes, or as workerd does. */
declare module "client-wasm" {
  export function compile(): Promise<WebAssembly.Module>;
}

/** The client's bytes as text, and the pairs of bytes that have changed places in it. */
declare module "client-bytes" {
  export const latin1: string;
  export const swaps: string;
}

/** The client's module, as workerd imports it. */
declare module "client.wasm" {
  const module: WebAssembly.Module;
  export default module;
}

/** The same, in the way in which edge runtimes of the kind of Vercel's want it. */
declare module "client.wasm?module" {
  const module: WebAssembly.Module;
  export default module;
}

/** What the section `seam-session` of client.wasm says that it is. */
declare module "client-build" {
  export const build: string;
}

/** wasm-bindgen's generated bindings, in a function that makes them anew. */
declare module "client-glue" {
  export default function makeGlue(): import("./glue.js").Glue;
}

declare module "live-bytes" {
  export const latin1: string;
  export const swaps: string;
}

declare module "live-glue" {
  /**
   * What the module takes: the number that is written in so many bytes there, and what puts the
   * text there into lower case and gives its new length.
   */
  export default function takes(
    number: (at: number, length: number) => number,
    lower: (at: number, length: number) => number,
  ): WebAssembly.Imports;
}

declare module "renewal-bytes" {
  export const latin1: string;
  export const swaps: string;
}

declare module "renewal-glue" {
  /** It takes nothing. */
  export default function takes(): WebAssembly.Imports;
}
