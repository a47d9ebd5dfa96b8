export { open } from "./watched.js";
export { Snapshot, type Changes } from "./snapshot.js";
export { Store, type DeviceQuery } from "./store.js";
export { liveModule, makeLive, Which, type Live } from "./wasm.js";
