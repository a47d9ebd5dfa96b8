import { invalidOptions } from "../core/error-factory.js";
import type { NewSandboxFault } from "./faults.js";

/** The options of a sandbox. */
export interface SandboxOptions {
  /** The number of devices of mixed types. Default: eight devices. */
  devices?: number | undefined;
  /** A workspace to start with; docs/seed.md describes the format. */
  seed?: object | undefined;
  /** The status for what is out of a session's scope: 404, as if it did not exist, or 401. */
  outOfScope?: 404 | 401 | undefined;
  /** The URL that the sandbox reports as its own; a server sets its address. */
  endpoint?: string | undefined;
  /**
   * A whole number up to 2^53 - 1 from which all ids, keys and tokens are derived. By default they
   * are random, so that no page can guess them and no token of another run is valid; set it in
   * tests that must know them.
   */
  randomSeed?: number | undefined;
  /** Faults from the start. */
  faults?: readonly NewSandboxFault[] | undefined;
  /** Set to false to lock and unlock devices without limits. */
  rateLimits?: boolean | undefined;
  /**
   * How long an action attempt is pending, in milliseconds. With 0 it has ended in the response
   * that starts it, so that a call need not poll. Default: 400.
   */
  attemptMs?: number | undefined;
}

type Check = [is: (value: unknown) => boolean, what: string];

const wholeNumber: Check = [
  (value) => Number.isSafeInteger(value) && (value as number) >= 0,
  "a whole number from 0 to 2^53 - 1",
];

/** All options, and what they must be. The module checks the content of a seed and of faults. */
const OPTIONS: Record<keyof SandboxOptions, Check> = {
  devices: wholeNumber,
  seed: [isObject, "an object"],
  outOfScope: [(value) => value === 404 || value === 401, "404 or 401"],
  endpoint: [(value) => typeof value === "string", "a string"],
  randomSeed: wholeNumber,
  faults: [
    (value) => Array.isArray(value) && value.every(isObject),
    "an array of objects",
  ],
  rateLimits: [(value) => typeof value === "boolean", "true or false"],
  attemptMs: wholeNumber,
};

/** @throws {SeamHttpInvalidOptionsError} An option is unknown or of the wrong type. */
export function checkSandboxOptions(options: unknown): void {
  if (!isObject(options)) {
    throw invalidOptions("the options of a sandbox must be an object");
  }
  for (const [name, value] of Object.entries(options as object)) {
    if (value === undefined) continue;
    if (!Object.hasOwn(OPTIONS, name)) {
      throw invalidOptions(
        `a sandbox has no option ${name}: it takes ${Object.keys(OPTIONS).join(", ")}`,
      );
    }
    const [is, what] = OPTIONS[name as keyof SandboxOptions];
    if (!is(value)) throw invalidOptions(`${name} must be ${what}`);
  }
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
