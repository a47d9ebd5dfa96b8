export * from "./index.js";
export { setWasm, type WasmSource } from "./wasm/user-supplied-module.js";
