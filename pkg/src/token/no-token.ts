import type { Outcome, SeamError } from "../core/errors.js";
import { ErrorClass, type Errors } from "../core/error-factory.js";

/** The function that gives tokens gave none; why, if that is known. */
export function noToken(
  errors: Errors,
  cause: unknown,
  outcome: Outcome,
  why = "the server refused it a moment ago",
): SeamError {
  return errors.make(
    ErrorClass.InvalidToken,
    "no_token",
    outcome,
    `the clientSessionToken function did not return a usable token: ${why}`,
    cause,
  );
}
