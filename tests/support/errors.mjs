import assert from "node:assert/strict";
import { inspect } from "node:util";

/** Returns what a promise rejects with; fails the test when it does not reject. */
export async function rejected(promise) {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  assert.fail("it did not reject");
}

/** Returns what a function throws, at once or later. */
export const thrownBy = (run) => rejected((async () => run())());

/** Returns every way in which a value may be shown, as one text. */
export function allTextOf(value) {
  const seen = new Set();
  const parts = [];
  const walk = (item) => {
    parts.push(
      String(item),
      inspect(item, { depth: 10, showHidden: true, getters: true }),
    );
    if (typeof item !== "object" || item === null || seen.has(item)) return;
    seen.add(item);
    try {
      parts.push(JSON.stringify(item) ?? "");
    } catch {
      // What cannot be serialised cannot leak that way.
    }
    for (
      let at = item;
      at !== null && at !== Object.prototype;
      at = Object.getPrototypeOf(at)
    ) {
      for (const key of Reflect.ownKeys(at)) {
        const { get } = Object.getOwnPropertyDescriptor(at, key);
        // Own properties and inherited accessors, but not the properties of methods.
        if (at === item || get !== undefined) walk(item[key]);
      }
    }
  };
  walk(value);
  return parts.join("\n");
}
