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

/** What a list has to do: `ListOutputs` of src/lists/watched_list.rs. */
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
 * What the rules ask of an error, as one number: the status of its response, whether it ends the
 * session (1,024), and whether Seam sent it (2,048). A rejected token ends the session, unless the
 * client refreshes it.
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

/** What an error means. */
export function classifyError(
  listRules: ListModule,
  error: unknown,
): RefetchError {
  return listRules.error_kind(errorNumber(error));
}
