import type { Answer } from "./api-response.js";
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
  type UnauthorizedReason,
} from "../core/errors.js";

/** What the core tells of an error; the numbers are places in the lists below. */
export type Thrown = [
  errorClass: number,
  outcome: number,
  reason: number,
  texts: [code: string, message: string],
  retryAfter: number | undefined,
  answer: Answer | undefined,
  attempt: Answer | undefined,
];

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
const CLASSES: (new (
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
  ]: Thrown,
  secret: string,
  cause?: unknown,
): SeamError {
  const clean = (value: unknown): never => redact(value, secret) as never;
  const ErrorClass = CLASSES[errorClass] ?? SeamError;
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

/** Gives an error of ours the stack of `at`, which leads to the app's line: ours helps nobody. */
export function calledFrom(at: Error, error: unknown): void {
  if (!(error instanceof SeamError)) return;
  try {
    error.stack = (at.stack as string).replace(/^Error/, () => `${error}`);
  } catch {
    // Somebody formats stacks in his own way.
  }
}

/** An error of a class of ours. */
function make(
  errorClass: ErrorClass,
  code: string,
  outcome: Outcome,
  message: string,
  cause?: unknown,
): SeamError {
  return new (CLASSES[errorClass] as (typeof CLASSES)[number])(
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
  const ErrorClass = error.constructor as (typeof CLASSES)[number];
  return new ErrorClass(
    { ...error, message, outcome, validationErrors, ...more } as ErrorDetails,
    cause === undefined ? undefined : { cause },
  );
}

function redact(value: unknown, secret: string, depth = 0): unknown {
  if (typeof value === "string") return value.replaceAll(secret, "[redacted]");
  if (typeof value !== "object" || value === null) return value;
  // Nobody nests so deep but to overflow the stack.
  if (depth > 100) return undefined;
  const clean = (item: unknown): unknown => redact(item, secret, depth + 1);
  return Array.isArray(value)
    ? value.map(clean)
    : Object.fromEntries(
        Object.entries(value).map(([name, item]) => [clean(name), clean(item)]),
      );
}

/** Whatever looks like one of Seam's tokens or keys. */
export const TOKENS = /seam_[\w.~+/=-]+/g;

/**
 * What is safe to keep of something that a caller's `fetch` threw: it may carry
 * the request, and with it the token. Whatever it does when it is looked at, an
 * error of ours is on its way, so nothing here throws.
 */
export function safeCause(
  cause: unknown,
  secret: string | RegExp,
): Error | undefined {
  try {
    return copy(cause, secret, 4);
  } catch {
    return undefined;
  }
}

function copy(
  cause: unknown,
  secret: string | RegExp,
  depth: number,
): Error | undefined {
  if (cause === undefined || cause === null || depth === 0) return undefined;
  const error = Object(cause) as Record<string, unknown>;
  const clean = (text: unknown): string =>
    typeof text === "string" ? without(secret, text) : "";
  const { name, message, code } = error;
  const inner = copy(error["cause"], secret, depth - 1);
  const result = new Error(
    clean(typeof cause === "string" ? cause : message),
    inner === undefined ? undefined : { cause: inner },
  );
  result.name = clean(name) || "Error";
  // Its stack is of this line, and tells nothing.
  delete result.stack;
  return typeof code === "string"
    ? Object.assign(result, { code: clean(code) })
    : result;
}

/** The text without any part of the secret: it may have been cut short, or broken up. */
function without(secret: string | RegExp, text: string): string {
  if (typeof secret !== "string") return text.replaceAll(secret, "[redacted]");
  return text.replace(/[\w.~+/=%-]{6,}/g, (word) => {
    for (let at = 0; at <= secret.length - 6; at += 1) {
      const part = secret.slice(at, at + 6);
      // Unlike decodeURIComponent it throws on nothing.
      if (`${word} ${unescape(word)}`.includes(part)) return "[redacted]";
    }
    return word;
  });
}

/**
 * What makes errors, for the files that are loaded later: with copies of the classes they would be
 * 700 bytes more.
 */
export const errors = {
  make,
  safeCause: (cause: unknown): Error | undefined => safeCause(cause, TOKENS),
  withOutcome,
  /** A module has trapped. */
  crashed: (outcome: Outcome, cause: unknown): SeamError =>
    make(
      ErrorClass.Wasm,
      "client_crashed",
      outcome,
      "a WebAssembly module of the client broke; the next call starts it afresh",
      cause,
    ),
  /** What was asked for as one user is not done as another. */
  changedSession: (): SeamError =>
    make(
      ErrorClass.OutOfScope,
      "session_changed",
      "not_sent",
      "it was not sent: it was meant for another user's token",
    ),
};

export type Errors = typeof errors;
