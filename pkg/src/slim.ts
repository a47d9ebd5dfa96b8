export * from "./index.js";
export { setWasm, type WasmSource } from "./wasm/given.js";
