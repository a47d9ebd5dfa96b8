import type { Seam } from "../client/seam.js";
import { endpointOf } from "../core/credential.js";
import { redact } from "../core/redact.js";
import type { PrintedScope } from "./printed-scope.js";
import { differences } from "./scope-difference.js";
import {
  type ScopeCommandOptions,
  scopeCommandOptions,
} from "./scope-options.js";
import { UsageError } from "./usage-error.js";

/** `seam-session scope`: prints what a token may do, or compares it with a file. */
export async function scopeCommand(args: string[]): Promise<void> {
  const options = await scopeCommandOptions(args);
  if (typeof options === "string") {
    process.stdout.write(options);
    return;
  }
  const { token, json, expected } = options;
  const scope = await fetchScope(options);
  const differing =
    expected === undefined ? [] : differences(expected.scope, scope);
  const output = json
    ? JSON.stringify(
        expected === undefined ? scope : { ...scope, differences: differing },
        undefined,
        2,
      )
    : [describe(scope), ...verdict(expected?.file, differing)].join("\n");
  process.stdout.write(`${redact(output, token)}\n`);
  if (differing.length > 0) process.exitCode = 1;
}

/** @throws {UsageError} The token was rejected, or the endpoint cannot be reached. */
async function fetchScope({
  token,
  endpoint,
}: ScopeCommandOptions): Promise<PrintedScope> {
  try {
    // Only this command needs the client, so the other starts without it.
    const client = await import("../client/seam.js");
    const seam = client.Seam.fromClientSessionToken(token, { endpoint });
    const scope = await seam.scope();
    const { client_session_id, user_identity_id, expires_at } = scope;
    return {
      endpoint: new URL(endpointOf({ endpoint })).origin,
      client_session_id: client_session_id ?? null,
      user_identity_id: user_identity_id ?? null,
      user_identity_key: await keyOf(seam, user_identity_id),
      expires_at: expires_at?.toISOString() ?? null,
      expires_in_ms: scope.expiresInMs,
      devices: scope.devices.map(({ device, capabilities }) => ({
        device_id: device.device_id,
        display_name: device.display_name,
        device_type: device.device_type,
        capabilities: [...capabilities].sort(),
      })),
    };
  } catch (error) {
    const { message, code } = Object(error) as { [name: string]: unknown };
    // Anything without a code is a defect, which is shown with its stack.
    if (typeof code !== "string") throw error;
    throw new UsageError(
      redact(`scope: ${message} (${code})`, token) as string,
    );
  }
}

/** Returns the key of the token's user identity; `null` if it has none, or Seam does not say. */
async function keyOf(
  seam: Seam,
  user_identity_id: string | undefined,
): Promise<string | null> {
  if (user_identity_id === undefined) return null;
  try {
    const own = (await seam.userIdentities.list()).find(
      (it) => it.user_identity_id === user_identity_id,
    );
    return own?.user_identity_key ?? null;
  } catch {
    return null;
  }
}

function describe(scope: PrintedScope): string {
  const { client_session_id, user_identity_id, user_identity_key } = scope;
  const key = user_identity_key === null ? "" : ` (${user_identity_key})`;
  const count = scope.devices.length;
  const lines = [
    `client session  ${client_session_id ?? "unknown"}`,
    `user identity   ${user_identity_id ?? "none"}${key}`,
    `expires         ${expiry(scope)}`,
    `endpoint        ${scope.endpoint}`,
    "",
    `${count} ${count === 1 ? "device" : "devices"}${count === 0 ? "" : ":"}`,
    ...scope.devices.flatMap(
      ({ display_name, device_type, device_id, capabilities }) => [
        "",
        `  ${display_name}  ${device_type}  ${device_id}`,
        `    ${capabilities.length === 0 ? "may be seen only" : capabilities.join("\n    ")}`,
      ],
    ),
  ];
  return lines.map(printable).join("\n");
}

function expiry({ expires_at, expires_in_ms }: PrintedScope): string {
  if (expires_at === null || expires_in_ms === null) return "unknown";
  const units: [string, number][] = [
    ["day", 86_400_000],
    ["hour", 3_600_000],
    ["minute", 60_000],
    ["second", 1_000],
  ];
  const [name, ms] = units.find(([, it]) => expires_in_ms >= it) ?? [
    "second",
    1_000,
  ];
  const count = Math.floor(expires_in_ms / ms);
  return `${expires_at}, in ${count} ${name}${count === 1 ? "" : "s"}`;
}

function verdict(file: string | undefined, differing: string[]): string[] {
  if (file === undefined) return [];
  if (differing.length === 0) return ["", `As expected in ${file}.`];
  return [
    "",
    `Not as expected in ${file}:`,
    ...differing.map((line) => `  ${printable(line)}`),
  ];
}

/** Names come from the server, and must not move the terminal's cursor. */
function printable(line: string): string {
  return line.replace(/(?![\n\u200d])[\p{Cc}\p{Cf}\u2028\u2029]/gu, "\ufffd");
}
