import { ERROR_CLASSES } from "../core/error-factory.js";
import {
  SeamError,
  type Outcome,
  type UnauthorizedReason,
} from "../core/errors.js";
import { redact } from "../core/redact.js";
import type { ApiResponse } from "./api-response.js";

/** What the core tells of an error; the numbers are places in the lists below. */
export type CoreError = [
  errorClass: number,
  outcome: number,
  reason: number,
  texts: [code: string, message: string],
  retryAfter: number | undefined,
  answer: ApiResponse | undefined,
  attempt: ApiResponse | undefined,
];

const OUTCOMES: Outcome[] = ["not_sent", "refused", "unknown"];

const REASONS: (UnauthorizedReason | undefined)[] = [
  undefined,
  "token_refused",
  "out_of_scope",
];

/**
 * The real `Error` for what the core tells of one, with `secret` nowhere in it: in what the server
 * said JSON's escapes are decoded only here.
 */
export function toError(
  [
    errorClass,
    outcome,
    reason,
    [code, message],
    retryAfter,
    answer,
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
      statusCode: answer?.status || undefined,
      type: clean(answer?.text("error.type")),
      requestId: clean(answer?.text("seam-request-id")),
      data: clean(answer?.at("error.data")),
      validationErrors: clean(answer?.at("error.validation_errors")),
      actionAttempt: clean(attempt?.at("action_attempt")),
      reason: REASONS[reason],
      retryAfter,
    },
    cause === undefined ? undefined : { cause },
  );
}
