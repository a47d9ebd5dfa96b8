import { invalidOptions } from "../core/error-factory.js";

/** For runtimes that cannot compile WebAssembly and keep no state after a response. */
export function loadLists(): Promise<never> {
  return Promise.reject(
    invalidOptions(
      "lists, scope(), token functions and updateClientSessionToken are not available in this " +
        "runtime: create a client for each request, and give clientSessionToken as a string",
    ),
  );
}

export { loadLists as loadClientSession };
