export { open } from "./watch-list.js";
export { scope } from "./client-scope.js";
export { Snapshot } from "./snapshot.js";
export { Store } from "./store.js";
export { compile, makeLive, Which, type Live } from "./list-module.js";
