import type { WaitForActionAttempt } from "../../core/options.js";

/** Copies the option without members that cannot be cloned. */
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
