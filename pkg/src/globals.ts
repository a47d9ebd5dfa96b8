import { invalidOptions } from "./invalid.js";

/** What calls and lists need. */
const NEEDED = [
  "TextDecoder",
  "TextEncoder",
  "AbortController",
  "Headers",
  "Request",
];

/**
 * Checks that the environment has these globals. jest-environment-jsdom, say, lacks some.
 *
 * @throws {SeamHttpInvalidOptionsError} `missing_global`: one is missing; the message names it.
 */
export function needGlobals(...names: string[]): void {
  for (const name of names.length ? names : NEEDED) {
    // Not by their values: Node loads its `fetch` when one is read.
    if (!(name in globalThis)) {
      throw invalidOptions(
        `there is no ${name} here: add a polyfill (in Jest, jest-fixed-jsdom)`,
        "missing_global",
      );
    }
  }
}
