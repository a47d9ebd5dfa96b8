import { SeamHttpInvalidTokenError, type Outcome } from "../errors.js";

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
