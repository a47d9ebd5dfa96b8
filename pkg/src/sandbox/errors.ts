import {
  SeamHttpApiError,
  SeamHttpInvalidInputError,
  type ErrorDetails,
  type Outcome,
  SeamWasmError,
} from "../core/errors.js";

/** Creates a `TypeError`, as `fetch` and JavaScript itself throw it, with `code` and `outcome`. */
export function typeError(
  message: string,
  code: string,
  outcome: Outcome,
  cause?: unknown,
): TypeError {
  const options = cause === undefined ? undefined : { cause };
  return Object.assign(new TypeError(message, options), { code, outcome });
}

/** Creates the error for an invalid argument; nothing was done. */
export const invalidArgument = (message: string, cause?: unknown): TypeError =>
  typeError(message, "invalid_parameters", "not_sent", cause);

/** Returns the parameters of one of the sandbox's own routes as JSON text. */
export function toJson(params: object): string {
  try {
    return JSON.stringify(params);
  } catch (cause) {
    throw invalidArgument(
      `this cannot be written as JSON: ${String(cause)}`,
      cause,
    );
  }
}

/** The `error` of a response. */
export interface ErrorBody {
  type: string;
  message: string;
  validation_errors?: ErrorDetails["validationErrors"];
}

/** Creates the error for a refusal of one of the sandbox's own routes. */
export function refusal(
  statusCode: number,
  { type, message, validation_errors: validationErrors }: ErrorBody,
): SeamHttpApiError {
  const ErrorClass =
    type === "invalid_input" ? SeamHttpInvalidInputError : SeamHttpApiError;
  return new ErrorClass({
    code: type,
    type,
    message,
    outcome: "refused",
    statusCode,
    validationErrors,
  });
}

/** Creates the error for a sandbox whose instance has trapped. */
export function crashed(outcome: Outcome, cause: unknown): SeamWasmError {
  return new SeamWasmError(
    {
      code: "sandbox_crashed",
      outcome,
      message: `the sandbox crashed and its workspace is lost: restore(state) a saved state, or make a new Sandbox (${String(cause)})`,
    },
    { cause },
  );
}
