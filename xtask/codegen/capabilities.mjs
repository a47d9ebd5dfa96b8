// What can be done with a device: its flags, and the methods that a scope allows on it.
import { fail } from "./fail.mjs";
import { camel } from "./names.mjs";

/** Routes that name a device, and are no capability of it, with the reason. */
const NO_CAPABILITIES = {
  "/access_codes/create_multiple": "create, for several devices",
  "/access_codes/delete": "is about a code",
  "/access_codes/simulate/create_unmanaged_access_code": "in sandboxes only",
  "/access_codes/update": "is about a code",
  "/phones/deactivate": "a phone is no device of the scope",
};

/** Returns `pkg/src/generated/capabilities.ts`. */
export function capabilities({ openapi, routes }) {
  const paths = capabilityPaths(routes);
  const names = paths.map((path) => camel(path.slice(1).replaceAll("/", ".")));
  return `/** A flag of a device: what it supports. It is absent where the device does not. */
export type DeviceCapabilityFlag =
${capabilityFlags(openapi).map(member).join("\n")};

/** A method that a scope may allow on a device. */
export type DeviceCapability =
${names.map(member).join("\n")};

/** The capabilities of devices, in the order of the core's bits (src/capabilities.rs). */
export const CAPABILITIES: readonly DeviceCapability[] = [
${names.map((name) => `  "${name}",`).join("\n")}
];
`;
}

/** Returns the paths that change one device and accept a client session, sorted. */
export function capabilityPaths(routes) {
  const found = routes
    .filter(({ effect, credentials, input }) => {
      const named = /"device_ids?"/.test(JSON.stringify(input));
      return (
        effect !== "read" && credentials.includes("client_session") && named
      );
    })
    .map(({ path }) => path);
  for (const path of Object.keys(NO_CAPABILITIES))
    if (!found.includes(path)) fail(`${path} need not be left out`);
  return found.filter((path) => !(path in NO_CAPABILITIES));
}

/** Returns the flags of a device in the OpenAPI. */
export function capabilityFlags({ components }) {
  const { properties } = components.schemas.device;
  return Object.keys(properties)
    .filter((name) => name.startsWith("can_"))
    .sort();
}

function member(name) {
  return `  | "${name}"`;
}
