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

/** Indexes of classes in `ERROR_CLASSES`. */
export const enum ErrorClass {
  InvalidResponse = 3,
  Network,
  InvalidToken,
  InvalidOptions,
  OutOfScope = 9,
  SignedOut,
  Wasm,
}

/**
 * The classes in the order of the core's `ErrorClass`, followed by those that only JavaScript
 * creates.
 */
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

/** An invalid option or argument, found before anything is sent. */
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

/** A string that cannot be a token. The message never repeats it. */
export function invalidToken(message: string): SeamHttpInvalidTokenError {
  return new SeamHttpInvalidTokenError({
    code: "invalid_token",
    outcome: "not_sent",
    message,
  });
}

/**
 * Gives an error of this package the stack of `at`, which leads to the app's line, and the path of
 * the call.
 */
export function setStackOf(
  at: Error | undefined,
  error: unknown,
  path?: string,
): void {
  if (!(error instanceof SeamError)) return;
  if (path) (error as { path?: string }).path ??= path;
  try {
    error.stack = ((at as Error).stack as string).replace(
      /^Error/,
      () => `${error}`,
    );
  } catch {
    // Something in the app formats stacks in its own way.
  }
}

/** Creates an error of one of the package's classes. */
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
 * Returns a copy of one of the package's errors with another outcome and further details: other
 * callers may hold the error itself. Other values are returned as they are.
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
 * Creates errors for the files that are loaded later: with copies of the classes they would be 700
 * bytes larger.
 */
export const errorFactory = {
  createError,
  safeCause: (cause: unknown): Error | undefined => safeCause(cause, TOKENS),
  withOutcome,
  /** Creates the error of a call during which a wasm module trapped. */
  trapError: (outcome: Outcome, cause: unknown): SeamError =>
    createError(
      ErrorClass.Wasm,
      "client_crashed",
      outcome,
      "the WebAssembly module trapped; the next call starts it again",
      cause,
    ),
  /** Creates the error of calls of a client that was closed. */
  closedError: (): SeamError =>
    createError(
      ErrorClass.SignedOut,
      "signed_out",
      "not_sent",
      "the client was closed",
    ),
  /** Creates the error of a call that was made for another user and is therefore not sent. */
  sessionChangedError: (): SeamError =>
    createError(
      ErrorClass.OutOfScope,
      "session_changed",
      "not_sent",
      "it was not sent: it was for another user",
    ),
};

export type ErrorFactory = typeof errorFactory;
