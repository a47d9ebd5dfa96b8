import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";

import type { SandboxOptions } from "./sandbox/sandbox.js";
import { serveSandbox } from "./sandbox/server.js";

const HELP = `seam-session sandbox: a Seam workspace in memory, on loopback

Usage: seam-session sandbox [options]

  --port N            the port; 0 takes a free one (3020)
  --json              print one line of JSON once it listens, and nothing else
  --devices N         N devices of mixed kinds in place of the eight by default
  --seed FILE         a workspace of your own, as JSON
  --out-of-scope N    404 (as if it did not exist) or 401 (as Seam's own fake)
  --random-seed N     the same ids, keys and tokens for the same N, for tests
  --help, --version

It ends on Ctrl-C and on SIGTERM, and keeps nothing.
`;

/** A mistake in how the command was called: shown without a stack. */
class UsageError extends Error {}

function options():
  { port: number; json: boolean; sandbox: SandboxOptions } | string {
  let parsed;
  try {
    parsed = parseArgs({
      allowPositionals: true,
      options: {
        port: { type: "string", default: "3020" },
        json: { type: "boolean", default: false },
        devices: { type: "string" },
        seed: { type: "string" },
        "out-of-scope": { type: "string" },
        "random-seed": { type: "string" },
        help: { type: "boolean" },
        version: { type: "boolean" },
      },
    });
  } catch (error) {
    throw new UsageError(firstLine(error));
  }
  const { values, positionals } = parsed;
  if (values.help) return HELP;
  if (values.version) return `${version()}\n`;
  if (positionals.length === 0) return HELP;
  if (positionals.length !== 1 || positionals[0] !== "sandbox") {
    throw new UsageError(
      `there is no command ${positionals.join(" ")}, only sandbox`,
    );
  }
  const sandbox: SandboxOptions = {};
  if (values.devices !== undefined)
    sandbox.devices = number("--devices", values.devices, 100_000);
  if (values.seed !== undefined) sandbox.seed = seed(values.seed);
  const randomSeed = values["random-seed"];
  if (randomSeed !== undefined) {
    sandbox.randomSeed = number(
      "--random-seed",
      randomSeed,
      Number.MAX_SAFE_INTEGER,
    );
  }
  const outOfScope = values["out-of-scope"];
  if (outOfScope !== undefined) {
    if (outOfScope !== "404" && outOfScope !== "401") {
      throw new UsageError("--out-of-scope is 404 or 401");
    }
    sandbox.outOfScope = outOfScope === "404" ? 404 : 401;
  }
  return {
    port: number("--port", values.port, 65_535),
    json: values.json,
    sandbox,
  };
}

/** The first sentence is the fault; what follows are Node's hints on quoting. */
function firstLine(error: unknown): string {
  const [line = ""] = (
    error instanceof Error ? error.message : String(error)
  ).split("\n");
  return line;
}

function number(option: string, text: string, max: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > max) {
    throw new UsageError(
      `${option} is a whole number from 0 to ${max}, not ${text}`,
    );
  }
  return value;
}

function seed(file: string): object {
  let text;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    throw new UsageError(`--seed: ${file} cannot be read`);
  }
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value))
      return value;
  } catch (error) {
    throw new UsageError(`--seed: ${file} is not JSON: ${String(error)}`);
  }
  throw new UsageError(`--seed: ${file} holds no JSON object`);
}

function version(): string {
  const file = new URL("../package.json", import.meta.url);
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string })
    .version;
}

async function main(): Promise<void> {
  const parsed = options();
  if (typeof parsed === "string") {
    process.stdout.write(parsed);
    return;
  }
  const { port, json, sandbox: sandboxOptions } = parsed;
  const { sandbox, close } = await serveSandbox(port, sandboxOptions).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE") {
        throw new UsageError(
          `port ${port} is in use: give another with --port, or --port 0 for a free one`,
        );
      }
      if (error.code === "EACCES") {
        throw new UsageError(
          `port ${port} needs more rights: give one above 1023 with --port`,
        );
      }
      throw sandboxOptions.seed === undefined
        ? error
        : new UsageError(`--seed: ${error.message}`);
    },
  );
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.once(signal, () => void close().then(() => process.exit(0)));
  }
  const { info } = sandbox;
  if (json) {
    console.log(JSON.stringify(info));
  } else {
    console.log(`A Seam workspace is at ${info.endpoint} with ${info.device_ids.length} devices.

  api key               ${info.api_key}
  publishable key       ${info.publishable_key}

A client session is there to begin with:

  user identity         ${info.user_identity_id ?? "none"}
  client session token  ${info.client_session_token}

It keeps nothing. Ctrl-C ends it.`);
  }
}

main().catch((error: unknown) => {
  const known = error instanceof UsageError;
  console.error(known ? `seam-session: ${error.message}` : error);
  process.exitCode = known ? 2 : 1;
});
