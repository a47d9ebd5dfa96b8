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
  type ErrorDetails,
  type Outcome,
  type UnauthorizedReason,
} from "./errors.js";

/**
 * What the core tells of an error, in the order of `bindings/src/error.rs`; what
 * `data`, `validationErrors` and `actionAttempt` hold is JSON text.
 */
export type Thrown = [
  name: string,
  code: string,
  message: string,
  outcome: Outcome,
  statusCode: number | undefined,
  type: string | undefined,
  requestId: string | undefined,
  data: string | undefined,
  validationErrors: string | undefined,
  actionAttempt: string | undefined,
  reason: UnauthorizedReason | undefined,
  retryAfter: number | undefined,
];

const classes: Record<
  string,
  new (details: ErrorDetails, options?: ErrorOptions) => SeamError
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

/** The real `Error` for what the core tells of one, with `secret` nowhere in it. */
export function toError(
  thrown: Thrown,
  secret: string,
  cause?: unknown,
): SeamError {
  const [
    name,
    code,
    message,
    outcome,
    statusCode,
    type,
    requestId,
    data,
    validationErrors,
    actionAttempt,
    reason,
    retryAfter,
  ] = thrown;
  const ErrorClass = classes[name] ?? SeamError;
  const details: ErrorDetails = {
    code,
    message,
    outcome,
    statusCode,
    type,
    requestId,
    data: parse(data, secret),
    validationErrors: parse(
      validationErrors,
      secret,
    ) as ErrorDetails["validationErrors"],
    actionAttempt: parse(actionAttempt, secret),
    reason,
    retryAfter,
  };
  return new ErrorClass(details, cause === undefined ? undefined : { cause });
}

/** Here JSON's escapes are decoded, so here the core's redaction ends and ours begins. */
function parse(json: string | undefined, secret: string): unknown {
  return json === undefined ? undefined : redact(JSON.parse(json), secret);
}

function redact(value: unknown, secret: string): unknown {
  if (typeof value === "string") return value.replaceAll(secret, "[redacted]");
  if (Array.isArray(value)) return value.map((item) => redact(item, secret));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      name.replaceAll(secret, "[redacted]"),
      redact(item, secret),
    ]),
  );
}

/**
 * What is safe to keep of something that a caller's `fetch` threw: it may carry
 * the request, and with it the token. Whatever it does when it is looked at, an
 * error of ours is on its way, so nothing here throws.
 */
export function safeCause(cause: unknown, secret: string): Error | undefined {
  try {
    return copy(cause, secret, 4);
  } catch {
    return undefined;
  }
}

function copy(
  cause: unknown,
  secret: string,
  depth: number,
): Error | undefined {
  if (cause === undefined || cause === null || depth === 0) return undefined;
  const error = Object(cause) as Record<string, unknown>;
  const clean = (text: unknown): string =>
    typeof text === "string" ? text.replaceAll(secret, "[redacted]") : "";
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
