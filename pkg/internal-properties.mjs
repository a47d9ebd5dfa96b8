// The properties of the package's own objects that get short names in every bundle. Minifiers must
// leave properties as they are; with this, the names in the source cost no bytes.
import { readFileSync } from "node:fs";

/** Their names, the most used ones first, because those get the shortest names. */
export const INTERNAL_PROPERTIES = JSON.parse(
  readFileSync(new URL("internal-properties.json", import.meta.url), "utf8"),
);

/**
 * The options of esbuild. Each property has the same short name in every bundle and both formats,
 * because the bundles pass objects to one another.
 */
export const mangling = {
  mangleProps: new RegExp(`^(?:${INTERNAL_PROPERTIES.join("|")})$`),
  mangleCache: Object.fromEntries(
    INTERNAL_PROPERTIES.map((name, index) => [name, shortName(index)]),
  ),
};

/** `A` to `Z`, then `AA` and so on: no platform object has properties of such names. */
function shortName(index) {
  const last = String.fromCharCode(65 + (index % 26));
  return index < 26 ? last : shortName(Math.floor(index / 26) - 1) + last;
}

/**
 * Checks the list of internal properties.
 *
 * @param {string[]} declarations the texts of the public declarations
 * @throws if a name is public, or if JavaScript or the platform has a property of that name
 */
export function checkInternalProperties(declarations) {
  const isPublic = new Set(
    declarations
      .map((text) => text.replace(/\/\*[^]*?\*\/|\/\/.*/g, ""))
      .flatMap((text) => text.match(/\w+/g) ?? []),
  );
  const ofPlatform = new Set();
  for (const { value } of Object.values(
    Object.getOwnPropertyDescriptors(globalThis),
  )) {
    for (const object of [value, Object(value).prototype]) {
      for (const name of Object.getOwnPropertyNames(Object(object))) {
        ofPlatform.add(name);
      }
    }
  }
  for (const name of INTERNAL_PROPERTIES) {
    const reason = isPublic.has(name)
      ? "the public declarations have it"
      : ofPlatform.has(name) && "the platform has a property of that name";
    if (reason) {
      throw new Error(
        `pkg/internal-properties.json must not have ${name}: ${reason}`,
      );
    }
  }
}
