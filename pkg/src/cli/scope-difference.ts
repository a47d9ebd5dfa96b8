import type { PrintedDevice, PrintedScope } from "./printed-scope.js";
import { UsageError } from "./usage-error.js";

/** The file of `--expect`: what `--json` prints, or parts of it. */
export interface ExpectedScope {
  user_identity_id?: string | null;
  user_identity_key?: string | null;
  devices: ExpectedDevice[];
}

/** A device, by its id or, if it has none, by its name. */
interface ExpectedDevice {
  device_id?: string;
  display_name?: string;
  /** All that the token may do with the device; not compared if it is missing. */
  capabilities?: readonly string[];
}

/** Those that are compared, and those that `--json` prints but that differ with each session. */
const MEMBERS = ["devices", "user_identity_id", "user_identity_key"];
const IGNORED = [
  ...["endpoint", "client_session_id", "expires_at", "expires_in_ms"],
  "differences",
];
const DEVICE_MEMBERS = ["device_id", "display_name", "capabilities"];
const IGNORED_OF_DEVICE = ["device_type"];

/**
 * Checks the content of the file.
 *
 * @throws {UsageError} It is not such a file; a misspelt name would otherwise never be compared.
 */
export function expectationOf(value: unknown, file: string): ExpectedScope {
  const wrong = (what: string) => new UsageError(`--expect: ${file}: ${what}`);
  const isObject = (it: unknown): it is Record<string, unknown> =>
    typeof it === "object" && it !== null && !Array.isArray(it);
  const checkNames = (object: object, known: string[], where: string) => {
    for (const name of Object.keys(object)) {
      if (!known.includes(name)) {
        throw wrong(`${where} has no ${name}: it may have ${known.join(", ")}`);
      }
    }
  };
  if (!isObject(value)) throw wrong("it is not a JSON object");
  checkNames(value, [...MEMBERS, ...IGNORED], "the file");
  const { devices } = value;
  if (!Array.isArray(devices)) throw wrong("devices is not an array");
  for (const device of devices as unknown[]) {
    if (!isObject(device)) throw wrong("a device is not an object");
    checkNames(device, [...DEVICE_MEMBERS, ...IGNORED_OF_DEVICE], "a device");
    const { device_id, display_name, capabilities } = device;
    if (typeof (device_id ?? display_name) !== "string")
      throw wrong("a device needs a device_id or a display_name");
    if (
      capabilities !== undefined &&
      !(
        Array.isArray(capabilities) &&
        capabilities.every((it) => typeof it === "string")
      )
    )
      throw wrong("capabilities is not an array of strings");
  }
  return value as unknown as ExpectedScope;
}

/** Returns what differs, a line for each difference. */
export function differences(
  expected: ExpectedScope,
  found: PrintedScope,
): string[] {
  const lines: string[] = [];
  for (const name of ["user_identity_id", "user_identity_key"] as const) {
    const wanted = expected[name];
    if (wanted !== undefined && wanted !== found[name])
      lines.push(`~ ${name} is ${found[name]}, expected ${wanted}`);
  }
  const unmatched = new Set(found.devices);
  for (const device of expected.devices) {
    const match = [...unmatched].find((it) =>
      device.device_id === undefined
        ? it.display_name === device.display_name
        : it.device_id === device.device_id,
    );
    if (match === undefined) {
      const { display_name, device_id } = device;
      const name = [display_name, device_id && `(${device_id})`];
      lines.push(
        `- ${name.filter(Boolean).join(" ")}: expected, but the token does not see it`,
      );
      continue;
    }
    unmatched.delete(match);
    lines.push(...capabilityDifferences(device, match));
  }
  for (const { display_name, device_id } of unmatched) {
    lines.push(
      `+ ${display_name} (${device_id}): not expected, but the token sees it`,
    );
  }
  return lines;
}

function capabilityDifferences(
  { capabilities: wanted }: ExpectedDevice,
  { display_name, device_id, capabilities: found }: PrintedDevice,
): string[] {
  if (wanted === undefined) return [];
  const without = (from: readonly string[], which: readonly string[]) =>
    from.filter((it) => !which.includes(it));
  const name = `${display_name} (${device_id})`;
  return [
    ...without(wanted, found).map(
      (it) => `- ${name}: ${it} is expected, but not allowed`,
    ),
    ...without(found, wanted).map(
      (it) => `+ ${name}: ${it} is not expected, but allowed`,
    ),
  ];
}
