import { invalidArgument } from "./errors.js";

/** A duration; the parts add up. */
export interface SandboxDuration {
  days?: number | undefined;
  hours?: number | undefined;
  minutes?: number | undefined;
  seconds?: number | undefined;
  milliseconds?: number | undefined;
}

const MS: Record<keyof SandboxDuration, number> = {
  days: 86_400_000,
  hours: 3_600_000,
  minutes: 60_000,
  seconds: 1_000,
  milliseconds: 1,
};

/**
 * Returns the duration in milliseconds.
 *
 * @throws {TypeError} It has a part with another name, or one that is not a number.
 */
export function inMilliseconds(duration: number | SandboxDuration): number {
  if (typeof duration === "number") return duration;
  let sum = 0;
  for (const [name, count] of Object.entries(duration)) {
    const ms = Object.hasOwn(MS, name) && MS[name as keyof SandboxDuration];
    if (!ms) {
      throw invalidArgument(
        `a duration has no ${name}: it takes ${Object.keys(MS).join(", ")}`,
      );
    }
    if (count === undefined) continue;
    if (typeof count !== "number")
      throw invalidArgument(`${name} must be a number`);
    sum += count * ms;
  }
  return sum;
}
