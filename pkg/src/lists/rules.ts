import type { SeamHttpUnauthorizedError } from "../core/errors.js";
import type { ErrorFactory } from "../core/error-factory.js";
import { recoverFromTraps } from "../wasm/trap-recovery.js";
import { type ListModule, createListModule } from "./list-module.js";

/** What a failed request means for a list: `RefetchErrorKind` of src/lists/refetch_error.rs. */
export const enum RefetchError {
  Transient,
  OutOfScope,
  SessionEnded,
  Permanent,
}

/** The outputs of a list: `ListOutputs` of src/lists/watched_list.rs. */
export const enum Output {
  AbortFetch = 1,
  AbortLookups = 2,
  Empty = 4,
  Status = 8,
  Notify = 16,
  Settle = 32,
  Poll = 64,
}

/** The interval of a list that is fetched on demand only, as in src/lists/scheduler.rs. */
export const MANUAL_INTERVAL = 2 ** 53;

/**
 * The core's rules for the lists of one client. After a trap `reopen` brings a new instance to
 * their state. If that fails, the rule gives `NaN`, which is no number, bit or time, and the next one
 * tries again.
 */
export function createRules(
  module: WebAssembly.Module,
  errorFactory: ErrorFactory,
  reopen: (fresh: ListModule, reason: unknown) => void,
  onLost: (reason: unknown) => void,
): ListModule {
  return recoverFromTraps(
    errorFactory,
    () => createListModule(module),
    (reason, retry) => {
      try {
        return retry((fresh) => reopen(fresh, reason));
      } catch {
        onLost(reason);
        return NaN;
      }
    },
  );
}

/**
 * Encodes an error as one number for the rules: the status of its response, plus 1,024 if it ends
 * the session, plus 2,048 if the response is Seam's. A rejected token ends the session, unless the
 * client refreshes its token.
 */
export function errorNumber(error: unknown, refreshesToken = false): number {
  const { name, code, statusCode, reason, type } = Object(error) as Omit<
    SeamHttpUnauthorizedError,
    "code"
  > & { code: string };
  const endsSession =
    (reason === "token_refused" && !refreshesToken) ||
    name === "SeamSignedOutError" ||
    code === "wrong_user";
  return (
    (statusCode ?? 0) +
    (endsSession ? 1_024 : 0) +
    (type === undefined ? 0 : 2_048)
  );
}

/** Returns what an error means for a list. */
export function classifyError(
  listRules: ListModule,
  error: unknown,
): RefetchError {
  return listRules.error_kind(errorNumber(error));
}
