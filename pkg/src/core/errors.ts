import type {
  SeamErrorCode,
  SeamServerErrorType,
} from "../generated/errors.js";
import type { ActionAttempt } from "../generated/resources/index.js";
import type { Open } from "./utility-types.js";

export type { SeamErrorCode, SeamServerErrorType };

/** What became of the request of a failed call. */
export type Outcome = "not_sent" | "refused" | "unknown";

/** Why a client session was refused, where it could be determined. */
export type UnauthorizedReason = "token_refused" | "out_of_scope";

/** A parameter that the server rejected, and why. */
export interface SeamValidationError {
  parameterName: string;
  errorMessages: string[];
}

type ValidationTree = Record<string, { _errors?: string[] } | string[]>;

/** The details of an error. */
export interface ErrorDetails {
  code: string;
  message: string;
  outcome: Outcome;
  statusCode?: number | undefined;
  type?: string | undefined;
  requestId?: string | undefined;
  data?: unknown;
  validationErrors?: ValidationTree | undefined;
  actionAttempt?: unknown;
  reason?: UnauthorizedReason | undefined;
  retryAfterMs?: number | undefined;
}

/** The key under which an error of any copy of the package has its class names. */
const CLASSES = Symbol.for("seam-session.classes");

/**
 * The base class of all errors of this package except `TypeError`s and the caller's own abort
 * reason.
 *
 * `instanceof` also recognises errors of another copy of the package.
 */
export class SeamError extends Error {
  /** A stable code for programs: the package's own, or the server's `error.type`. */
  readonly code: Open<SeamErrorCode | SeamServerErrorType>;
  /** `not_sent`; `refused`: the server refused and did nothing; or `unknown`. */
  readonly outcome: Outcome;

  /** The action attempt that was awaited, in its last known state. */
  declare readonly actionAttempt?: unknown;
  /** The path of the call that failed, such as `/locks/unlock_door`. */
  declare readonly path?: string;

  /** @internal */
  constructor(details: ErrorDetails, options?: ErrorOptions) {
    super(details.message, options);
    this.name = new.target.className;
    this.code = details.code;
    this.outcome = details.outcome;
    if (details.actionAttempt !== undefined) {
      this.actionAttempt = details.actionAttempt;
    }
  }

  /** The name of the class, which minifiers do not change. */
  protected static readonly className: string = "SeamError";

  /** @internal */
  get [CLASSES](): string[] {
    const names: string[] = [];
    let type = this.constructor as typeof SeamError;
    for (; type.className !== undefined; type = Object.getPrototypeOf(type)) {
      names.push(type.className);
    }
    return names;
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    // A class derived by the app has no name of its own.
    if (!Object.hasOwn(this, "className")) {
      return Function.prototype[Symbol.hasInstance].call(this, value);
    }
    try {
      const names: unknown = Object(value)[CLASSES];
      return Array.isArray(names) && names.includes(this.className);
    } catch {
      // For example a revoked proxy: it is not an error of this package.
      return false;
    }
  }
}

/** The server responded with an error. */
export class SeamHttpApiError extends SeamError {
  protected static override readonly className: string = "SeamHttpApiError";
  /** The HTTP status. */
  readonly statusCode: number;
  /** Seam's request id; empty where the browser may not read it. */
  readonly requestId: string;
  /** The server's own `error.type`; `code` is `unauthorized` for every 401. */
  readonly type: Open<SeamServerErrorType> | undefined;
  /** The server's `error.data`. */
  readonly data: unknown;
  /** How long the server asked to wait, in milliseconds. */
  readonly retryAfterMs: number | undefined;

  /** @internal */
  constructor(details: ErrorDetails, options?: ErrorOptions) {
    super(details, options);
    this.statusCode = details.statusCode ?? 0;
    this.requestId = details.requestId ?? "";
    this.type = details.type;
    this.data = details.data;
    this.retryAfterMs = details.retryAfterMs;
  }
}

/** The server responded with 401. */
export class SeamHttpUnauthorizedError extends SeamHttpApiError {
  protected static override readonly className = "SeamHttpUnauthorizedError";
  declare readonly code: "unauthorized";
  declare readonly statusCode: 401;
  /**
   * `token_refused`: the session is unknown, expired, revoked or deleted. `out_of_scope`: the
   * session is alive, but the request is outside its scope.
   */
  readonly reason: UnauthorizedReason | undefined;

  /** @internal */
  constructor(details: ErrorDetails, options?: ErrorOptions) {
    super(details, options);
    this.reason = details.reason;
  }
}

/** The server rejected a parameter. */
export class SeamHttpInvalidInputError extends SeamHttpApiError {
  protected static override readonly className = "SeamHttpInvalidInputError";
  declare readonly code: "invalid_input";
  readonly #tree: ValidationTree;

  /** @internal */
  constructor(details: ErrorDetails, options?: ErrorOptions) {
    super(details, options);
    this.#tree = details.validationErrors ?? {};
  }

  /** @internal The errors as the server wrote them, for a copy of this error. */
  get tree(): ValidationTree {
    return this.#tree;
  }

  /** The parameters that were rejected. */
  get validationErrors(): SeamValidationError[] {
    return Object.keys(this.#tree)
      .filter((name) => name !== "_errors")
      .map((parameterName) => ({
        parameterName,
        errorMessages: this.getValidationErrorMessages(parameterName),
      }));
  }

  /** Returns why the parameter was rejected. */
  getValidationErrorMessages(parameterName: string): string[] {
    const node = this.#tree[parameterName];
    const messages = Array.isArray(node) ? node : node?._errors;
    return Array.isArray(messages) ? messages : [];
  }
}

/** The response is not in the API's format. */
export class SeamHttpInvalidResponseError extends SeamHttpApiError {
  protected static override readonly className = "SeamHttpInvalidResponseError";
}

/** There was no response: `network_error`, `timeout` or `too_late`. */
export class SeamHttpNetworkError extends SeamError {
  protected static override readonly className = "SeamHttpNetworkError";
}

/** A value that cannot be a token or key, or is one of the wrong kind. */
export class SeamHttpInvalidTokenError extends SeamError {
  protected static override readonly className = "SeamHttpInvalidTokenError";
}

/** An option, path or parameter that cannot be used. */
export class SeamHttpInvalidOptionsError extends SeamError {
  protected static override readonly className = "SeamHttpInvalidOptionsError";
}

/**
 * The request was not sent: a device is not in the scope of the client session (`out_of_scope`), or
 * it was meant for the user of another token than the current one (`session_changed`).
 */
export class SeamOutOfScopeError extends SeamError {
  protected static override readonly className = "SeamOutOfScopeError";
}

/**
 * The user signed out. Throw it from a `clientSessionToken` function, or return `null` there, to
 * end the session: lists stop, and the function is not called again.
 */
export class SeamSignedOutError extends SeamError {
  protected static override readonly className = "SeamSignedOutError";
  declare readonly code: "signed_out";

  constructor(details: Partial<ErrorDetails> = {}, options?: ErrorOptions) {
    super(
      {
        code: "signed_out",
        outcome: "not_sent",
        message: "the user signed out",
        ...details,
      },
      options,
    );
  }
}

/** A wasm module could not be loaded (`wasm_unavailable`) or trapped (`client_crashed`, `sandbox_crashed`). */
export class SeamWasmError extends SeamError {
  protected static override readonly className = "SeamWasmError";
}

/** The action attempt did not succeed. */
export class SeamActionAttemptError<T = ActionAttempt> extends SeamError {
  protected static override readonly className: string =
    "SeamActionAttemptError";
  /** The attempt in its last known state. */
  declare readonly actionAttempt: T;
}

/** The action attempt ended with an error; `code` is its `error.type`. */
export class SeamActionAttemptFailedError<
  T = ActionAttempt,
> extends SeamActionAttemptError<T> {
  protected static override readonly className = "SeamActionAttemptFailedError";
}

/** The action attempt was still pending at the end of the wait. */
export class SeamActionAttemptTimeoutError<
  T = ActionAttempt,
> extends SeamActionAttemptError<T> {
  protected static override readonly className =
    "SeamActionAttemptTimeoutError";
}

/** Whether it is an error of this package, except its `TypeError`s. */
export const isSeamError = (error: unknown): error is SeamError =>
  error instanceof SeamError;

/** Whether the server responded with an error. */
export const isSeamHttpApiError = (error: unknown): error is SeamHttpApiError =>
  error instanceof SeamHttpApiError;

/** Whether the server responded with 401. */
export const isSeamHttpUnauthorizedError = (
  error: unknown,
): error is SeamHttpUnauthorizedError =>
  error instanceof SeamHttpUnauthorizedError;

/** Whether the server rejected a parameter. */
export const isSeamHttpInvalidInputError = (
  error: unknown,
): error is SeamHttpInvalidInputError =>
  error instanceof SeamHttpInvalidInputError;

/** Whether the response was not in the API's format. */
export const isSeamHttpInvalidResponseError = (
  error: unknown,
): error is SeamHttpInvalidResponseError =>
  error instanceof SeamHttpInvalidResponseError;

/** Whether there was no response. */
export const isSeamHttpNetworkError = (
  error: unknown,
): error is SeamHttpNetworkError => error instanceof SeamHttpNetworkError;

/** Whether a token or key is missing or invalid, or the token function failed. */
export const isSeamHttpInvalidTokenError = (
  error: unknown,
): error is SeamHttpInvalidTokenError =>
  error instanceof SeamHttpInvalidTokenError;

/** Whether an option, path or parameter cannot be used. */
export const isSeamHttpInvalidOptionsError = (
  error: unknown,
): error is SeamHttpInvalidOptionsError =>
  error instanceof SeamHttpInvalidOptionsError;

/** Whether a call was not sent, because of the scope or of a token change. */
export const isSeamOutOfScopeError = (
  error: unknown,
): error is SeamOutOfScopeError => error instanceof SeamOutOfScopeError;

/** Whether the user signed out. */
export const isSeamSignedOutError = (
  error: unknown,
): error is SeamSignedOutError => error instanceof SeamSignedOutError;

/** Whether a WebAssembly module could not be loaded, or trapped. */
export const isSeamWasmError = (error: unknown): error is SeamWasmError =>
  error instanceof SeamWasmError;

/**
 * Whether something is outside the credential's scope or does not exist, which cannot be told
 * apart: 404 with a type such as `device_not_found`, 401 while the client session is alive, or,
 * with `checkScope`, found before anything was sent.
 */
export const isOutOfScope = (error: unknown): boolean => {
  // With an unknown outcome, the call itself may have been carried out: a later request of it was
  // refused or not found.
  if (!(error instanceof SeamError) || error.outcome === "unknown")
    return false;
  const { code } = error;
  const { reason, statusCode } = error as Partial<SeamHttpApiError> & {
    reason?: UnauthorizedReason;
  };
  return (
    code === "out_of_scope" ||
    reason === "out_of_scope" ||
    (statusCode === 404 && /._not_found$/.test(code))
  );
};

/** Whether an action attempt did not succeed. */
export const isSeamActionAttemptError = <T = ActionAttempt>(
  error: unknown,
): error is SeamActionAttemptError<T> =>
  error instanceof SeamActionAttemptError;

/** Whether an action attempt ended with an error. */
export const isSeamActionAttemptFailedError = <T = ActionAttempt>(
  error: unknown,
): error is SeamActionAttemptFailedError<T> =>
  error instanceof SeamActionAttemptFailedError;

/** Whether an action attempt was still pending at the end of the wait. */
export const isSeamActionAttemptTimeoutError = <T = ActionAttempt>(
  error: unknown,
): error is SeamActionAttemptTimeoutError<T> =>
  error instanceof SeamActionAttemptTimeoutError;
