import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";

import type { NewSandboxFault } from "../sandbox/faults.js";
import type { SandboxOptions } from "../sandbox/sandbox.js";
import { firstLine, UsageError } from "./usage-error.js";

const HELP = `seam-session sandbox: a Seam workspace in memory, on loopback

Usage: seam-session sandbox [options]

  --port N            the port; 0 takes a free one (3020)
  --json              print one line of JSON once it listens, and nothing else
  --devices N         N devices of mixed kinds in place of the eight by default
  --seed FILE         a workspace of your own, as JSON
  --out-of-scope N    404 (as if it did not exist) or 401 (as Seam's own fake)
  --random-seed N     the same ids, keys and tokens for the same N, for tests
  --state FILE        keep the workspace there, across restarts
  --log               a line for each request, on standard error; no secrets
  --latency MS        answer so much later
  --attempt-ms MS     how long an action attempt is pending (400); 0 ends it at once
  --fault JSON        a fault from the beginning; may come more than once
  --no-rate-limits    a device may be locked and unlocked as often as one likes
  --exit-with-stdin   end when standard input ends, as when a parent has died
  --help

It ends on Ctrl-C and on SIGTERM. Faults, clock, state and coverage are served
under /_sandbox/: docs/sandbox.md in the package tells of them.
`;

/** The parsed arguments. */
export interface CommandOptions {
  port: number;
  json: boolean;
  log: boolean;
  exitWithStdin: boolean;
  stateFile: string | undefined;
  sandbox: SandboxOptions;
}

/**
 * Parses the arguments. Returns a string if the command has only to print it.
 *
 * @throws {UsageError} The arguments are invalid.
 */
export function commandOptions(args: string[]): CommandOptions | string {
  const values = read(args);
  if (values.help) return HELP;
  return {
    port: number("--port", values.port, 65_535),
    json: values.json,
    log: values.log,
    exitWithStdin: values["exit-with-stdin"],
    stateFile: values.state,
    sandbox: sandboxOptions(values),
  };
}

type Values = ReturnType<typeof read>;

function read(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        port: { type: "string", default: "3020" },
        json: { type: "boolean", default: false },
        devices: { type: "string" },
        seed: { type: "string" },
        "out-of-scope": { type: "string" },
        "random-seed": { type: "string" },
        state: { type: "string" },
        log: { type: "boolean", default: false },
        latency: { type: "string" },
        fault: { type: "string", multiple: true, default: [] },
        "attempt-ms": { type: "string" },
        "no-rate-limits": { type: "boolean", default: false },
        "exit-with-stdin": { type: "boolean", default: false },
        help: { type: "boolean" },
      },
    }).values;
  } catch (error) {
    throw new UsageError(firstLine(error));
  }
}

function sandboxOptions(values: Values): SandboxOptions {
  const sandbox: SandboxOptions = {
    faults: faults(values),
    rateLimits: !values["no-rate-limits"],
  };
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
  const attemptMs = values["attempt-ms"];
  if (attemptMs !== undefined)
    sandbox.attemptMs = number("--attempt-ms", attemptMs, 86_400_000);
  const outOfScope = values["out-of-scope"];
  if (outOfScope !== undefined) {
    if (outOfScope !== "404" && outOfScope !== "401") {
      throw new UsageError("--out-of-scope is 404 or 401");
    }
    sandbox.outOfScope = outOfScope === "404" ? 404 : 401;
  }
  return sandbox;
}

/** The sandbox itself checks the faults. */
function faults({ latency, fault }: Values): NewSandboxFault[] {
  const faults = fault.map(
    (text) => jsonObject("--fault", text, text) as NewSandboxFault,
  );
  if (latency === undefined) return faults;
  const latency_ms = number("--latency", latency, 600_000);
  return [{ fault: "latency", latency_ms }, ...faults];
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
  return jsonObject("--seed", file, text);
}

function jsonObject(option: string, what: string, text: string): object {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${option}: ${what} is not JSON: ${firstLine(error)}`);
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value))
    return value;
  throw new UsageError(`${option}: ${what} is not a JSON object`);
}
