import { invalidOptions } from "../core/error-factory.js";

/** For runtimes that cannot compile WebAssembly and keep no state after a response. */
export function loadLists(): Promise<never> {
  return Promise.reject(
    invalidOptions(
      "in this runtime nothing can be watched, nor a scope kept, nor a token renewed: give " +
        "clientSessionToken as a string, and leave the rest to a page, a worker or Node",
    ),
  );
}

export { loadLists as loadRefresher };
