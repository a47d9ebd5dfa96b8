import {
  SeamHttpApiError,
  SeamHttpInvalidInputError,
  SeamHttpInvalidResponseError,
  SeamHttpUnauthorizedError,
} from "../errors.js";

/** What the host's error classes are made of: the `error` of Seam's answer. */
export interface HostApiError {
  type: string;
  message: string;
  data?: unknown;
  validation_errors?: Record<string, { _errors: string[] }>;
}

/** The error classes of `@seamapi/http` v1, which the components know by `instanceof`. */
export interface HostErrors {
  SeamHttpApiError: new (
    error: HostApiError,
    statusCode: number,
    requestId: string,
  ) => Error;
  SeamHttpUnauthorizedError: new (requestId: string) => Error;
  SeamHttpInvalidInputError: new (
    error: HostApiError,
    statusCode: number,
    requestId: string,
  ) => Error;
}

/**
 * Seam's refusal in the host's class, with ours as its `cause`. What the host
 * has no class for (no answer, a broken one, an abort) stays as it is.
 */
export function inHostsClass(error: unknown, host: HostErrors): unknown {
  if (
    !(error instanceof SeamHttpApiError) ||
    error instanceof SeamHttpInvalidResponseError
  ) {
    return error;
  }
  const theirs = translated(error, host);
  // As the language itself sets a cause: it does not show among the members.
  Object.defineProperty(theirs, "cause", {
    configurable: true,
    writable: true,
    value: error,
  });
  return theirs;
}

function translated(error: SeamHttpApiError, host: HostErrors): Error {
  const { type = error.code, data, statusCode, requestId } = error;
  // Ours names the route after what Seam has said, which a form may show.
  const message = error.message.replace(/ \(\/[\w/]+\)$/, "");
  if (error instanceof SeamHttpUnauthorizedError) {
    return new host.SeamHttpUnauthorizedError(requestId);
  }
  if (error instanceof SeamHttpInvalidInputError) {
    const validation_errors = Object.fromEntries(
      error.validationErrors.map(({ parameterName, errorMessages }) => [
        parameterName,
        { _errors: errorMessages },
      ]),
    );
    return new host.SeamHttpInvalidInputError(
      { type, message, data, validation_errors },
      statusCode,
      requestId,
    );
  }
  return new host.SeamHttpApiError(
    { type, message, data },
    statusCode,
    requestId,
  );
}
