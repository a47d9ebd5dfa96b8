import { kindOf, type ErrorKind } from "../generated/error-kind.js";
import { READS } from "../generated/routes.js";
import {
  SeamActionAttemptFailedError,
  SeamError,
  type SeamHttpUnauthorizedError,
} from "./errors.js";
import { routeAt } from "./route.js";

export type { ErrorKind };

/**
 * Returns what an app can say about an error: its kind, by the rules of one table
 * (docs/error-handling.md). The reason of an aborted signal is `cancelled` if it is the platform's
 * own, and any other error that is not of this package is `other`.
 */
export const errorKind = (error: unknown): ErrorKind => {
  const it = Object(error) as Partial<SeamHttpUnauthorizedError>;
  // JavaScript's own class, with the code and outcome of this package.
  const isTypeError = error instanceof TypeError && "outcome" in error;
  if (!(error instanceof SeamError || isTypeError))
    return /^(Abort|Timeout)Error$/.test(String(it.name))
      ? "cancelled"
      : "other";
  const { path, actionAttempt } = it;
  return kindOf({
    code: String(it.code),
    type: it.type,
    statusCode: it.statusCode ?? 0,
    reason: it.reason,
    outcome: String(it.outcome),
    isFailedAttempt: error instanceof SeamActionAttemptFailedError,
    // Errors of lists have no path: they are about reads. A path that this version does not have
    // may be that of an action.
    isRead:
      actionAttempt === undefined &&
      (path === undefined || (routeAt(path)?.kind ?? READS) < READS),
  });
};
