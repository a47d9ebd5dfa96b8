export { open } from "./open.js";
export { scope } from "./scope.js";
export { renew } from "./renewal.js";
export { Snapshot } from "./snapshot.js";
export { Store } from "./store.js";
export { liveModule, makeLive, Which, type Live } from "./wasm.js";
