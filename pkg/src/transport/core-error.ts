import { ERROR_CLASSES } from "../core/error-factory.js";
import {
  SeamError,
  type Outcome,
  type UnauthorizedReason,
} from "../core/errors.js";
import { redact } from "../core/redact.js";
import type { ApiResponse } from "./api-response.js";

/** An error as it crosses the boundary; the numbers are indexes of the lists below. */
export type CoreError = [
  errorClass: number,
  outcome: number,
  reason: number,
  texts: [code: string, message: string],
  retryAfterMs: number | undefined,
  response: ApiResponse | undefined,
  attempt: ApiResponse | undefined,
];

const OUTCOMES: Outcome[] = ["not_sent", "refused", "unknown"];

const REASONS: (UnauthorizedReason | undefined)[] = [
  undefined,
  "token_refused",
  "out_of_scope",
];

/**
 * Creates the `Error` for an error of the core, without `secret` in any part of it: escapes in the
 * server's JSON are decoded only here.
 */
export function toError(
  [
    errorClass,
    outcome,
    reason,
    [code, message],
    retryAfterMs,
    response,
    attempt,
  ]: CoreError,
  secret: string,
  cause?: unknown,
): SeamError {
  const clean = (value: unknown): never => redact(value, secret) as never;
  const ErrorClass = ERROR_CLASSES[errorClass] ?? SeamError;
  return new ErrorClass(
    {
      code: clean(code),
      message: clean(message),
      outcome: OUTCOMES[outcome] ?? "unknown",
      statusCode: response?.status || undefined,
      type: clean(response?.text("error.type")),
      requestId: clean(response?.text("seam-request-id")),
      data: clean(response?.at("error.data")),
      validationErrors: clean(response?.at("error.validation_errors")),
      actionAttempt: clean(attempt?.at("action_attempt")),
      reason: REASONS[reason],
      retryAfterMs,
    },
    cause === undefined ? undefined : { cause },
  );
}
