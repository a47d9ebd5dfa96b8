import {
  SeamHttpApiError,
  SeamHttpInvalidInputError,
  SeamHttpInvalidResponseError,
  SeamHttpUnauthorizedError,
} from "../core/errors.js";

import { invalidOptions } from "../core/error-factory.js";

/** What the host's error classes are made of: the `error` of Seam's answer. */
export interface SeamHttpErrorBody {
  type: string;
  message: string;
  data?: unknown;
  validation_errors?: Record<string, { _errors: string[] }>;
}

/**
 * The error classes of `@seamapi/http` 1. The components of `@seamapi/react` depend on that version
 * and know its classes by `instanceof`, so those of version 2 do not do: `npm install @seamapi/http@1`.
 */
export interface SeamHttpErrorClasses {
  SeamHttpApiError: new (
    error: SeamHttpErrorBody,
    statusCode: number,
    requestId: string,
  ) => Error;
  SeamHttpUnauthorizedError: new (requestId: string) => Error;
  SeamHttpInvalidInputError: new (
    error: SeamHttpErrorBody,
    statusCode: number,
    requestId: string,
  ) => Error & {
    /** Version 2 has it: install version 1. */
    validationErrors?: never;
  };
}

const REMEDY =
  "seam-session/seam-components needs @seamapi/http 1, which @seamapi/react depends on: npm install @seamapi/http@1";

/**
 * Checks that these are classes of `@seamapi/http` 1: the components would not know the errors of
 * version 2.
 *
 * @throws {SeamHttpInvalidOptionsError} One is missing, or it is of version 2.
 */
export function checkErrors(host: SeamHttpErrorClasses): void {
  requireClass(host, "SeamHttpApiError");
  requireClass(host, "SeamHttpUnauthorizedError");
  requireClass(host, "SeamHttpInvalidInputError");
  if ("validationErrors" in host.SeamHttpInvalidInputError.prototype) {
    throw isVersion2Error();
  }
}

/** @throws {SeamHttpInvalidOptionsError} There is no such class. */
export function requireClass<Name extends string>(
  host: { [name in Name]: unknown },
  name: Name,
): void {
  if (typeof host?.[name] !== "function") {
    throw invalidOptions(`the class ${name} is missing: ${REMEDY}`);
  }
}

/** The classes are those of version 2. */
export const isVersion2Error = (): Error =>
  invalidOptions(`these are the classes of @seamapi/http 2: ${REMEDY}`);

/**
 * Seam's refusal in the host's class, with ours as its `cause`. What the host
 * has no class for (no answer, a broken one, an abort) stays as it is.
 */
export function toHttpError(
  error: unknown,
  host: SeamHttpErrorClasses,
): unknown {
  if (
    !(error instanceof SeamHttpApiError) ||
    error instanceof SeamHttpInvalidResponseError
  ) {
    return error;
  }
  const theirs = translate(error, host);
  // As the language itself sets a cause: it does not show among the members.
  Object.defineProperty(theirs, "cause", {
    configurable: true,
    writable: true,
    value: error,
  });
  return theirs;
}

function translate(error: SeamHttpApiError, host: SeamHttpErrorClasses): Error {
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
