import { SeamHttpInvalidTokenError, type Outcome } from "../errors.js";

/** Timers take no longer time than this, in milliseconds. */
export const LONGEST_TIMER = 2 ** 31 - 1;

/** The function that gives tokens gave none; why, if that is known. */
export function noToken(
  cause: Error | undefined,
  outcome: Outcome,
): SeamHttpInvalidTokenError {
  const why = cause?.message ?? "the server refused it a moment ago";
  return new SeamHttpInvalidTokenError(
    {
      code: "no_token",
      outcome,
      message: `the clientSessionToken function gave no token to go on with: ${why}`,
    },
    cause && { cause },
  );
}
