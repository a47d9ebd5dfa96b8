import {
  SeamActionAttemptFailedError,
  SeamActionAttemptTimeoutError,
  SeamError,
  SeamHttpApiError,
  SeamHttpInvalidInputError,
  SeamHttpInvalidOptionsError,
  SeamHttpInvalidResponseError,
  SeamHttpInvalidTokenError,
  SeamHttpNetworkError,
  SeamHttpUnauthorizedError,
  SeamOutOfScopeError,
  SeamSignedOutError,
  SeamWasmError,
  type ErrorDetails,
  type Outcome,
} from "./errors.js";

import { safeCause, TOKENS } from "./redact.js";

/** The places of some classes in the list below. */
export const enum ErrorClass {
  InvalidResponse = 3,
  Network,
  InvalidToken,
  InvalidOptions,
  OutOfScope = 9,
  SignedOut,
  Wasm,
}

/** In the order of `bindings/src/error.rs`, as the two below; then those that it does not know. */
export const ERROR_CLASSES: (new (
  details: ErrorDetails,
  options?: ErrorOptions,
) => SeamError)[] = [
  SeamHttpApiError,
  SeamHttpUnauthorizedError,
  SeamHttpInvalidInputError,
  SeamHttpInvalidResponseError,
  SeamHttpNetworkError,
  SeamHttpInvalidTokenError,
  SeamHttpInvalidOptionsError,
  SeamActionAttemptFailedError,
  SeamActionAttemptTimeoutError,
  SeamOutOfScopeError,
  SeamSignedOutError,
  SeamWasmError,
];

/** What cannot be used, told before anything is sent. */
export function invalidOptions(
  message: string,
  code = "invalid_options",
): SeamHttpInvalidOptionsError {
  return new SeamHttpInvalidOptionsError({
    code,
    outcome: "not_sent",
    message,
  });
}

/** A token that cannot be one. The message never repeats it. */
export function invalidToken(message: string): SeamHttpInvalidTokenError {
  return new SeamHttpInvalidTokenError({
    code: "invalid_token",
    outcome: "not_sent",
    message,
  });
}

/** Gives an error of ours the stack of `at`, which leads to the app's line: ours helps nobody. */
export function setStackOf(at: Error, error: unknown): void {
  if (!(error instanceof SeamError)) return;
  try {
    error.stack = (at.stack as string).replace(/^Error/, () => `${error}`);
  } catch {
    // Somebody formats stacks in his own way.
  }
}

/** An error of a class of ours. */
function createError(
  errorClass: ErrorClass,
  code: string,
  outcome: Outcome,
  message: string,
  cause?: unknown,
): SeamError {
  return new (ERROR_CLASSES[errorClass] as (typeof ERROR_CLASSES)[number])(
    { code, outcome, message },
    cause === undefined ? undefined : { cause },
  );
}

/**
 * A copy of an error of ours with another outcome, and what else is given: the error itself may be
 * in the hands of other callers. What is none of ours is given as it is.
 */
export function withOutcome(
  error: unknown,
  outcome: Outcome,
  more?: Partial<ErrorDetails>,
): unknown {
  if (!(error instanceof SeamError)) return error;
  const { message, cause } = error;
  const { tree: validationErrors } = error as SeamHttpInvalidInputError;
  const ErrorClass = error.constructor as (typeof ERROR_CLASSES)[number];
  return new ErrorClass(
    { ...error, message, outcome, validationErrors, ...more } as ErrorDetails,
    cause === undefined ? undefined : { cause },
  );
}

/**
 * What makes errors, for the files that are loaded later: with copies of the classes they would be
 * 700 bytes more.
 */
export const errorFactory = {
  createError,
  safeCause: (cause: unknown): Error | undefined => safeCause(cause, TOKENS),
  withOutcome,
  /** A module has trapped. */
  trapError: (outcome: Outcome, cause: unknown): SeamError =>
    createError(
      ErrorClass.Wasm,
      "client_crashed",
      outcome,
      "a WebAssembly module of the client broke; the next call starts it afresh",
      cause,
    ),
  /** What was asked for as one user is not done as another. */
  sessionChangedError: (): SeamError =>
    createError(
      ErrorClass.OutOfScope,
      "session_changed",
      "not_sent",
      "it was not sent: it was meant for another user's token",
    ),
};

export type ErrorFactory = typeof errorFactory;
