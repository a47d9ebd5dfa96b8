/**
 * The client's WebAssembly module, for `setWasm` of `seam-session/slim`. What
 * importing it gives is up to the host: workers give the module, bundlers that
 * treat it as an asset its URL.
 */
declare const wasm:
  import("./wasm/user-supplied-module.js").WasmModule | string;
export default wasm;
