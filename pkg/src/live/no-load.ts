import { invalidOptions } from "../invalid.js";

/** Where nothing can be compiled, and nothing lives longer than one answer. */
export function load(): Promise<never> {
  return Promise.reject(
    invalidOptions(
      "nothing can be watched in this runtime, nor a scope be kept: do so in a page, a worker or Node",
    ),
  );
}
