import {
  SeamHttpApiError,
  SeamHttpInvalidInputError,
  SeamHttpInvalidResponseError,
  SeamHttpUnauthorizedError,
} from "../core/errors.js";

import { invalidOptions } from "../core/error-factory.js";

/** The `error` of Seam's response, from which `@seamapi/http` creates its errors. */
export interface SeamHttpErrorBody {
  type: string;
  message: string;
  data?: unknown;
  validation_errors?: Record<string, { _errors: string[] }>;
}

/**
 * The error classes of `@seamapi/http` 1. The components of `@seamapi/react` depend on that version
 * and recognise its classes by `instanceof`, so those of version 2 do not work: `npm install
 * @seamapi/http@1`.
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
    /** Only version 2 has it: install version 1. */
    validationErrors?: never;
  };
}

const REMEDY =
  "seam-session/seam-components needs @seamapi/http 1, which @seamapi/react depends on: npm install @seamapi/http@1";

/**
 * Checks that these are classes of `@seamapi/http` 1: the components do not recognise the errors of
 * version 2.
 *
 * @throws {SeamHttpInvalidOptionsError} A class is missing, or is of version 2.
 */
export function checkErrors(host: SeamHttpErrorClasses): void {
  requireClass(host, "SeamHttpApiError");
  requireClass(host, "SeamHttpUnauthorizedError");
  requireClass(host, "SeamHttpInvalidInputError");
  if ("validationErrors" in host.SeamHttpInvalidInputError.prototype) {
    throw version2Error();
  }
}

/** @throws {SeamHttpInvalidOptionsError} The class is missing. */
export function requireClass<Name extends string>(
  host: { [name in Name]: unknown },
  name: Name,
): void {
  if (typeof host?.[name] !== "function") {
    throw invalidOptions(`the class ${name} is missing: ${REMEDY}`);
  }
}

/** Creates the error for classes of version 2. */
export const version2Error = (): Error =>
  invalidOptions(`these are the classes of @seamapi/http 2: ${REMEDY}`);

/**
 * Converts an error of Seam's API to the class of `@seamapi/http`, with the original as its
 * `cause`. Errors without such a class (no response, an invalid one, an abort) are returned
 * unchanged.
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
  // Like a cause that is set by the language: it is not enumerable.
  Object.defineProperty(theirs, "cause", {
    configurable: true,
    writable: true,
    value: error,
  });
  return theirs;
}

function translate(error: SeamHttpApiError, host: SeamHttpErrorClasses): Error {
  const { type = error.code, data, statusCode, requestId } = error;
  // This package appends the route to Seam's message, which a form may show.
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
