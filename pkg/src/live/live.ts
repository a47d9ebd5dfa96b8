export { open } from "./open.js";
export { scope } from "./scope.js";
export { Snapshot } from "./snapshot.js";
export { Store } from "./store.js";
export { compile, makeLive, Which, type Live } from "./wasm.js";
