// Capabilities: their names in JavaScript, in the core and in the OpenAPI.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { openapi } from "@seamapi/types/connect";

import {
  capabilityFlags,
  capabilityPaths,
} from "../../xtask/codegen/capabilities.mjs";
import { documentedRoutes } from "../../xtask/codegen/openapi.mjs";

/** The strings of a constant in the core's source. */
function constant(name, pattern) {
  const source = new URL("../../src/capabilities.rs", import.meta.url);
  const [, rows] = new RegExp(
    `const ${name}: [^=]*= \\[(.*?)\\n\\];`,
    "s",
  ).exec(readFileSync(source, "utf8"));
  const strings = [...rows.matchAll(pattern)].map(([, it]) => it);
  assert.ok(strings.length > 10);
  return strings;
}

test("every route of a client session that changes one device is a capability in the core", () => {
  const paths = constant("ACTIONS", /\("(.*?)",/g);
  assert.deepEqual(paths, capabilityPaths(documentedRoutes(openapi)));
});

/** Flags that allow no method of a client session. */
const NO_METHOD = ["can_unlock_with_code"];

test("every flag of a device in the OpenAPI allows a method in the core, or is known to allow none", () => {
  const { properties } = openapi.components.schemas.device;
  const flags = capabilityFlags(openapi);
  const others = flags.filter(
    (name) => !name.startsWith("can_simulate_") && !NO_METHOD.includes(name),
  );
  assert.deepEqual(constant("FLAGS", /"(.*?)"/g), others);
  for (const name of flags) {
    assert.equal(properties[name].type, "boolean", name);
  }
});
