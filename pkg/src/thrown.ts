import {
  type Outcome,
  type UnauthorizedReason,
  SeamError,
  SeamHttpApiError,
  SeamHttpUnauthorizedError,
  SeamHttpInvalidInputError,
  SeamHttpInvalidResponseError,
  SeamHttpNetworkError,
  SeamHttpInvalidTokenError,
  SeamHttpInvalidOptionsError,
  SeamActionAttemptFailedError,
  SeamActionAttemptTimeoutError,
} from "./errors.js";

/** What the core tells of an error; JSON members are still text. */
export interface Thrown {
  name: string;
  code: string;
  message: string;
  outcome: Outcome;
  statusCode?: number | undefined;
  type?: string | undefined;
  requestId?: string | undefined;
  data?: string | undefined;
  validationErrors?: string | undefined;
  actionAttempt?: string | undefined;
  reason?: UnauthorizedReason | undefined;
  retryAfter?: number | undefined;
}

const classes: Record<
  string,
  new (thrown: Thrown, options?: ErrorOptions) => SeamError
> = {
  SeamHttpApiError,
  SeamHttpUnauthorizedError,
  SeamHttpInvalidInputError,
  SeamHttpInvalidResponseError,
  SeamHttpNetworkError,
  SeamHttpInvalidTokenError,
  SeamHttpInvalidOptionsError,
  SeamActionAttemptFailedError,
  SeamActionAttemptTimeoutError,
};

/** The real `Error` for what the core tells of one. */
export function toError(thrown: Thrown, cause?: unknown): SeamError {
  const ErrorClass = classes[thrown.name] ?? SeamError;
  return new ErrorClass(thrown, cause === undefined ? undefined : { cause });
}

/**
 * What is safe to keep of an error that a caller's `fetch` threw: it may carry
 * the request, and with it the token.
 */
export function safeCause(cause: unknown, secret: string, depth = 4): unknown {
  if (cause === undefined || cause === null || depth === 0) return undefined;
  const {
    name,
    message,
    code,
    cause: inner,
  } = Object(cause) as {
    [key in "name" | "message" | "code" | "cause"]?: unknown;
  };
  const clean = (text: unknown): string =>
    (typeof text === "string" ? text : "").replaceAll(secret, "[redacted]");
  const innerCause = safeCause(inner, secret, depth - 1);
  const copy = new Error(
    clean(typeof cause === "string" ? cause : message),
    innerCause === undefined ? undefined : { cause: innerCause },
  );
  copy.name = clean(name) || "Error";
  // Its stack is of this line, and tells nothing.
  delete copy.stack;
  return typeof code === "string"
    ? Object.assign(copy, { code: clean(code) })
    : copy;
}
