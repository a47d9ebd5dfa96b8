import type { Outcome, SeamError } from "../core/errors.js";
import { ErrorClass, type ErrorFactory } from "../core/error-factory.js";

/** The token function returned no usable token; `why` says why, if that is known. */
export function noToken(
  errorFactory: ErrorFactory,
  cause: unknown,
  outcome: Outcome,
  why = "the server refused it a moment ago",
): SeamError {
  return errorFactory.createError(
    ErrorClass.InvalidToken,
    "no_token",
    outcome,
    `the clientSessionToken function did not return a usable token: ${why}`,
    cause,
  );
}
