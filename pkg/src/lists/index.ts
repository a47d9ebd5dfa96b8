export { watchList as open } from "./watch-list.js";
export { scope } from "./client-scope.js";
export { Snapshot } from "./snapshot.js";
export { Store } from "./store.js";
export {
  compile,
  createListModule as makeLive,
  SlotSet as Which,
  type ListModule as Live,
} from "./list-module.js";
