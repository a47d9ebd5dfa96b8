import { invalidOptions } from "../core/error-factory.js";
import type { NewSandboxFault } from "./faults.js";

/** How a sandbox is set up. */
export interface SandboxOptions {
  /** So many devices of mixed kinds, in place of the eight by default. */
  devices?: number | undefined;
  /** A workspace of one's own; docs/seed.md has its form. */
  seed?: object | undefined;
  /** What is outside a session's scope answers 404, as if it did not exist, or 401. */
  outOfScope?: 404 | 401 | undefined;
  /** Where it says that it is; a server around it gives its own address. */
  endpoint?: string | undefined;
  /**
   * A whole number up to 2^53 - 1 from which all ids, keys and tokens are made.
   * Without it they are random, so that no page can guess them and no token of
   * another run is valid; a test that must know them gives it.
   */
  randomSeed?: number | undefined;
  /** The faults that are there from the beginning. */
  faults?: readonly NewSandboxFault[] | undefined;
  /** False: a device may be locked, unlocked, ... as often as one likes. */
  rateLimits?: boolean | undefined;
}

type Check = [is: (value: unknown) => boolean, what: string];

const wholeNumber: Check = [
  (value) => Number.isSafeInteger(value) && (value as number) >= 0,
  "a whole number from 0 to 2^53 - 1",
];

/** Each option there is, and what it must be. What a seed or a fault holds, the module checks. */
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
};

/** @throws {SeamHttpInvalidOptionsError} An option is unknown, or not of its kind. */
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
