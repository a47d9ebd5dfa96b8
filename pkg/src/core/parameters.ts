import { SeamError } from "./errors.js";
import type { Route } from "./route.js";

/** The deepest nesting of parameters; only a cycle is deeper. */
const MAX_DEPTH = 100;

/** A parameter that cannot be sent. */
export class UnserializableParamError extends SeamError {
  protected static override readonly className = "UnserializableParamError";

  /** @internal */
  constructor(name: string, message: string) {
    super({
      code: "invalid_parameters",
      outcome: "not_sent",
      message: `Could not serialize parameter: '${name}' ${message}`,
    });
  }
}

/** Whether a query string cannot carry a parameter. */
export const isUnserializableParamError = (
  error: unknown,
): error is UnserializableParamError =>
  error instanceof UnserializableParamError;

/**
 * Checks `params` as the official SDK does before it sends anything, and returns what is to be sent
 * as JSON.
 *
 * If the SDK sends the parameters of a route in a query string, they are treated the same way here:
 * empty values are left out, and values that a query string cannot carry are refused.
 *
 * @throws {TypeError} They are not an object, or a required parameter is missing; with `code` and
 *   `outcome`, as a {@link SeamError} has.
 * @throws {UnserializableParamError} A query string cannot carry one of them.
 */
export function prepareParameters(
  { path, inQuery, required, atLeastOne }: Route,
  params: unknown,
): unknown {
  if (params === undefined) {
    if (required.length + atLeastOne.length > 0) {
      throw invalidParameters(`Parameters are required for ${path}`);
    }
    return undefined;
  }
  if (typeof params !== "object" || params === null || Array.isArray(params)) {
    throw invalidParameters(`Parameters for ${path} must be an object`);
  }
  const isMissing = (name: string): boolean =>
    (params as Record<string, unknown>)[name] === undefined;
  const missing = required.filter(isMissing);
  if (missing.length > 0) {
    throw invalidParameters(
      `Required parameters missing for ${path}: ${missing.join(", ")}`,
    );
  }
  if (atLeastOne.length > 0 && atLeastOne.every(isMissing)) {
    throw invalidParameters(`At least one parameter is required for ${path}`);
  }
  return inQuery ? queryMembers(params, []) : params;
}

function invalidParameters(message: string): TypeError {
  return Object.assign(new TypeError(message), {
    code: "invalid_parameters",
    outcome: "not_sent",
  });
}

/** Returns the members that a query string would carry. */
function queryMembers(
  object: object,
  above: string[],
): Record<string, unknown> {
  const kept: [string, unknown][] = [];
  for (const [key, value] of Object.entries(object)) {
    const path = [...above, key];
    if (key.includes(".")) {
      throw new UnserializableParamError(
        key,
        'contains one or more dots "." in its name which is unsupported',
      );
    }
    if (path.length > MAX_DEPTH) {
      throw new UnserializableParamError(path[0] ?? "", "is nested too deep");
    }
    if (value === undefined || value === "") continue;
    const name = path.join(".");
    if (isPlainObject(value)) {
      const inner = queryMembers(value, path);
      if (Object.keys(inner).length > 0) kept.push([key, inner]);
    } else {
      kept.push([
        key,
        Array.isArray(value) ? queryList(name, value) : queryValue(name, value),
      ]);
    }
  }
  // Not by assignment: a parameter may be called `__proto__`.
  return Object.fromEntries(kept);
}

function queryList(name: string, given: unknown[]): unknown[] {
  // A hole in an array counts as undefined.
  const values = Array.from(given);
  const refuse = (what: string): never => {
    throw new UnserializableParamError(name, `${what} which is unsupported`);
  };
  if (values.length === 1 && values[0] === "") {
    refuse("is a single element array containing the empty string");
  }
  if (values.includes("")) refuse("is an array containing the empty string");
  if (values.some((value) => value === undefined || value === null)) {
    refuse("is an array containing null or undefined values");
  }
  return values.map((value) => queryValue(name, value));
}

function queryValue(name: string, value: unknown): unknown {
  if (value === null) return null;
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      if (Number.isFinite(value)) return value;
      throw new UnserializableParamError(name, `is ${value}`);
    case "bigint":
      if (Number.isSafeInteger(Number(value))) return Number(value);
      throw new UnserializableParamError(name, "is larger than JSON can carry");
    case "object":
      if (Object.prototype.toString.call(value) === "[object Date]") {
        return (value as Date).toISOString();
      }
      if ("epochMilliseconds" in value) {
        return new Date(Number(value.epochMilliseconds)).toISOString();
      }
  }
  throw new UnserializableParamError(name, `is a ${typeof value}`);
}

function isPlainObject(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}
