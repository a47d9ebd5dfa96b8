import type { WaitForActionAttempt } from "../../core/options.js";

/** What of it crosses to the worker. */
export function toPlainWaitOption(
  wait: boolean | WaitForActionAttempt,
): boolean | WaitForActionAttempt {
  if (typeof wait === "boolean") return wait;
  const { timeout, pollingInterval } = wait;
  return {
    ...(timeout !== undefined && { timeout }),
    ...(pollingInterval !== undefined && { pollingInterval }),
  };
}
