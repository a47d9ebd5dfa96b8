/**
 * The client's WebAssembly module, for `setWasm` of `seam-session/slim`. The value of this import
 * depends on the host: workers give the module, bundlers that treat it as an asset its URL.
 */
declare const wasm:
  import("./wasm/user-supplied-module.js").WasmModule | string;
export default wasm;
