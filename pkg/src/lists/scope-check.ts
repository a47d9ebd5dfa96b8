import type { CalledAt } from "../core/contracts.js";
import type { SeamHttpApiError } from "../core/errors.js";
import type { Timer } from "../core/time.js";
import { ErrorClass, type ErrorFactory } from "../core/error-factory.js";
import { classifyError, errorNumber, RefetchError } from "./rules.js";
import type { ListModule } from "./list-module.js";

/** A list in which devices are looked up. */
interface DeviceLookup {
  /** Fetches one device; rejects if the server says that it does not exist. */
  refetchOne(id: string, signal?: AbortSignal): Promise<void>;
  /** Removes a device. */
  removeDevice(id: string): void;
}

/** The client whose calls are checked. */
export interface ScopeCheckClient {
  readonly errorFactory: ErrorFactory;
  readonly Timer: new () => Timer;
}

/** The parameters of a call. */
export type CallParams = Record<string, unknown>;

/** Returns the ids of the devices that a call names. */
export function deviceIdsIn({ device_id, device_ids }: CallParams): string[] {
  return ([] as unknown[])
    .concat(device_id ?? [], device_ids ?? [])
    .filter((id) => typeof id === "string");
}

/**
 * Resolves when the server says that these devices are in scope; they are then in the list.
 * `calledAt` is the time of the call that names them: the core decides how long they are looked up
 * (src/lists/refetch_error.rs).
 *
 * @throws {SeamOutOfScopeError} The server says that one is not in scope.
 * @throws As the lookup, which is all that was sent.
 */
export async function checkInScope(
  list: DeviceLookup,
  listRules: ListModule,
  { errorFactory, Timer: NewTimer }: ScopeCheckClient,
  ids: string[],
  calledAt: CalledAt,
): Promise<void> {
  const limit = new AbortController();
  const tooLate = errorFactory.createError(
    ErrorClass.Network,
    "too_late",
    "not_sent",
    "ten seconds passed before it was known whether it is in scope",
  );
  const timer = new NewTimer();
  timer.start(
    listRules.lookup_timeout(
      calledAt.monotonic,
      calledAt.wall,
      performance.now(),
      Date.now(),
    ),
    () => limit.abort(tooLate),
  );
  try {
    await Promise.all(ids.map((id) => list.refetchOne(id, limit.signal)));
  } catch (error) {
    throw classifyError(listRules, error) === RefetchError.OutOfScope
      ? errorFactory.createError(
          ErrorClass.OutOfScope,
          "out_of_scope",
          "not_sent",
          "the device is not in the session's scope: nothing was sent",
          error,
        )
      : // Only the lookup has failed.
        errorFactory.withOutcome(error, "not_sent");
  } finally {
    timer.stop();
    limit.abort();
  }
}

/**
 * The server refused a call that names these devices. The device that the refusal is about is
 * removed; if it may be about something else, which the core decides (src/lists/refetch_error.rs), each
 * device is fetched.
 */
export async function onRefused(
  list: DeviceLookup,
  listRules: ListModule,
  error: unknown,
  ids: string[],
  params: CallParams,
): Promise<void> {
  const { outcome, type } = error as SeamHttpApiError;
  if (outcome !== "refused") return;
  const notFound = type === "device_not_found";
  const one = Object.keys(params).filter((name) => name.endsWith("_id"));
  if (
    listRules.is_about_device(
      errorNumber(error),
      notFound,
      ids.length,
      one.length,
    )
  ) {
    list.removeDevice(ids[0] as string);
  } else
    await Promise.all(ids.map((id) => list.refetchOne(id).catch(() => {})));
}
