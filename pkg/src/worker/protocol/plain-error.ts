import type {
  ErrorDetails,
  SeamHttpInvalidInputError,
} from "../../core/errors.js";
import * as errors from "../../core/errors.js";
import type { PlainError } from "./messages.js";

type ErrorClass = new (
  details: ErrorDetails,
  options?: ErrorOptions,
) => errors.SeamError;

/** The members of errors in addition to those of every `Error`. */
const ERROR_MEMBERS = [
  "code",
  "outcome",
  "statusCode",
  "type",
  "requestId",
  "data",
  "actionAttempt",
  "reason",
  "retryAfterMs",
  "validationErrors",
];

/** Converts an error to plain data; structured cloning would keep neither class nor members. */
export function toPlainError(error: unknown, depth = 4): PlainError {
  const it = Object(error) as Record<string, unknown>;
  const members = ERROR_MEMBERS.filter((name) => it[name] !== undefined);
  return {
    name: String(it["name"]),
    message: String(it["message"]),
    cause:
      depth > 0 && it["cause"] !== undefined
        ? toPlainError(it["cause"], depth - 1)
        : undefined,
    more: Object.fromEntries(members.map((name) => [name, it[name]])),
  };
}

/** Converts plain data to an error of the original class. */
export function fromPlainError({
  name,
  message,
  cause,
  more,
}: PlainError): Error {
  const options =
    cause === undefined ? undefined : { cause: fromPlainError(cause) };
  const isOurs = /^Seam\w*Error$/.test(name) && name in errors;
  const ErrorClass = errors[(isOurs ? name : "SeamError") as "SeamError"];
  if (!isOurs && !("outcome" in more)) {
    const error = Object.assign(new Error(message, options), more);
    Object.defineProperty(error, "name", { value: name, configurable: true });
    // Its stack leads to this line.
    delete error.stack;
    return error;
  }
  const details = { ...more, message, validationErrors: treeOf(more) };
  return new (ErrorClass as ErrorClass)(
    details as unknown as ErrorDetails,
    options,
  );
}

/** Returns the validation errors in the form that the class takes. */
function treeOf({
  validationErrors,
}: Record<string, unknown>): ErrorDetails["validationErrors"] {
  if (!Array.isArray(validationErrors)) return undefined;
  const list =
    validationErrors as SeamHttpInvalidInputError["validationErrors"];
  return Object.fromEntries(
    list.map((it) => [it.parameterName, { _errors: it.errorMessages }]),
  );
}
