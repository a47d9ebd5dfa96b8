import { invalidOptions } from "./error-factory.js";

/** The globals that calls and lists need. */
const REQUIRED_GLOBALS = [
  "TextDecoder",
  "TextEncoder",
  "AbortController",
  "Headers",
  "Request",
];

/**
 * Checks that the environment has these globals; jest-environment-jsdom, for example, lacks some.
 *
 * @throws {SeamHttpInvalidOptionsError} `missing_global`: one is missing; the message names it.
 */
export function requireGlobals(...names: string[]): void {
  // Without WebAssembly, which has an error of its own, Node cannot even load its `fetch`.
  if (!globalThis.WebAssembly) return;
  for (const name of names.length ? names : REQUIRED_GLOBALS) {
    if (!(globalThis as Record<string, unknown>)[name]) {
      throw invalidOptions(
        `there is no ${name}: add a polyfill (in Jest, jest-fixed-jsdom)`,
        "missing_global",
      );
    }
  }
}
