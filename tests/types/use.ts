// What TypeScript must take and what it must not, in a program of a user.
import {
  SeamHttp,
  errorKind,
  isSeamActionAttemptFailedError,
  isSeamError,
  isSeamHttpApiError,
  isSeamHttpInvalidInputError,
  isSeamHttpNetworkError,
  isSeamHttpUnauthorizedError,
  type ActionAttempt,
  type Device,
  type DeviceCapability,
  type DeviceCapabilityFlag,
  type DeviceQuery,
  type DevicesListParameters,
  type ErrorKind,
  type RequestOptions,
  type Scope,
  type SeamEvent,
} from "seam-session";

declare const seam: SeamHttp;

export async function calls(): Promise<unknown[]> {
  const device: Device = await seam.devices.get({ device_id: "d" });
  const named: Device = await seam.devices.get({ name: "Front door" });
  const devices: Device[] = await seam.devices.list();
  const nothing: void = await seam.devices.update({ device_id: "d" });
  const before: DevicesListParameters = {
    created_before: new Date(),
    device_type: "a_lock_of_next_year",
    page_cursor: null,
    search: undefined,
  };
  await seam.devices.list(before, { signal: new AbortController().signal });
  const watched = seam.devices.watch({ search: "a" }, { interval: 60_000 });
  const shown: readonly Device[] = watched.getSnapshot();
  if (watched.status.state === "stale") console.log(watched.status.reason);
  {
    using one = seam.devices.watch();
    console.log(one.size);
  }
  watched.find({ online: true, text: shown[0]?.device_id });
  const scope = await seam.scope();
  const ends: Date | null = scope.expires_at;
  const left: number | null = scope.expiresInMs;
  const whose: string | undefined = scope.client_session_id;
  for (const { device, capabilities } of scope.devices) {
    const capability: DeviceCapability | undefined = capabilities[0];
    const is: boolean = scope.has(device.device_id);
    if (capability) console.log(ends, left, whose, is);
    scope.can(device.device_id, "thermostats.dailyPrograms.create");
  }
  // @ts-expect-error nobody can do that to a device
  scope.can("d", "locks.explode");
  // @ts-expect-error it tells, and is not told
  scope.devices = [];
  new SeamHttp({ clientSessionToken: async () => "token" });
  SeamHttp.fromClientSessionToken(() => "token", { timeout: 5_000 });
  // @ts-expect-error it must give a token
  new SeamHttp({ clientSessionToken: async () => 1 });
  // @ts-expect-error an API key does not end
  new SeamHttp({ apiKey: () => "key" });
  // @ts-expect-error a part of a list cannot be watched
  seam.devices.watch({ limit: 2 });
  await seam.acs.encoders.simulate.nextCredentialScanWillSucceed({
    acs_encoder_id: "e",
  });
  await seam.events.list({ event_type: "device.connected", since: "2026" });

  // @ts-expect-error no such namespace
  seam.doors;
  // @ts-expect-error no such method
  seam.locks.explode({ device_id: "d" });
  // @ts-expect-error a misspelt parameter
  seam.locks.unlockDoor({ deviceId: "d" });
  // @ts-expect-error a parameter is missing
  seam.locks.unlockDoor({});
  // @ts-expect-error no parameters at all
  seam.locks.unlockDoor();
  // @ts-expect-error one of the two is needed
  seam.locks.get({});
  // @ts-expect-error a set that does not grow
  seam.thermostats.setFanMode({ device_id: "d", fan_mode_setting: "storm" });
  // @ts-expect-error text for a number
  seam.devices.list({ limit: "10" });
  return [device, named, devices, nothing];
}

export async function actions(): Promise<unknown> {
  const unlocked = await seam.locks.unlockDoor({ device_id: "d" });
  const status: "success" = unlocked.status;
  const type: "UNLOCK_DOOR" = unlocked.action_type;
  const confirmed: boolean | undefined =
    unlocked.result.was_confirmed_by_device;
  const soon = await seam.locks.unlockDoor(
    { device_id: "d" },
    { signal: new AbortController().signal, waitForActionAttempt: false },
  );
  const any: "pending" | "success" | "error" = soon.status;
  // @ts-expect-error it may be pending
  soon.result.was_confirmed_by_device;
  if (soon.status === "error") return soon.error.message;
  const { action_attempt } = await seam.locks
    .unlockDoor({ device_id: "d" })
    .fetchResponse();
  const attempt: ActionAttempt = action_attempt;
  const reset: "RESET_SANDBOX_WORKSPACE" = (
    await seam.workspaces.resetSandbox()
  ).action_type;
  const forwarded = async (options?: RequestOptions): Promise<string> => {
    const attempt = await seam.thermostats.off({ device_id: "d" }, options);
    return attempt.action_attempt_id;
  };
  return [status, type, confirmed, any, attempt, reset, forwarded];
}

export function queries(scope: Scope, query: DeviceQuery): unknown {
  const known: DeviceQuery = {
    can: ["can_remotely_unlock", "can_hvac_heat"],
    device_type: "august_lock",
    device_types: ["yale_lock", "a_lock_of_next_year"],
  };
  const flags: readonly DeviceCapabilityFlag[] | undefined = query.can;
  // @ts-expect-error no capability has this name
  scope.can("d", "locks.unlokDoor");
  // @ts-expect-error no flag has this name
  const misspelt: DeviceQuery = { can: ["can_remotely_unlok"] };
  return [known, flags, misspelt];
}

export function kinds(error: unknown): string {
  const kind: ErrorKind = errorKind(error);
  switch (kind) {
    case "expired":
    case "revoked":
    case "signed_out":
      return "sign in";
    case "may_have_happened":
      return "look first";
    // @ts-expect-error no kind has this name
    case "may_have_hapened":
      return "";
    default:
      return kind;
  }
}

export function attempts(attempt: ActionAttempt): unknown {
  if (attempt.status === "pending") {
    const error: null = attempt.error;
    return error;
  }
  if (attempt.status === "error") return attempt.error.message;
  if (attempt.action_type === "UNLOCK_DOOR") {
    const confirmed: boolean | undefined =
      attempt.result.was_confirmed_by_device;
    return confirmed;
  }
  // @ts-expect-error a type that there is not
  return attempt.action_type === "OPEN_WINDOW";
}

export function events(event: SeamEvent): string {
  switch (event.event_type) {
    case "device.connected":
      return event.device_id;
    case "access_code.created":
      // @ts-expect-error it belongs to another event
      event.battery_level;
      return event.access_code_id;
    default:
      return event.workspace_id;
  }
}

export function devices(device: Device): unknown {
  if (device.device_type === "a_lock_of_next_year") return "open";
  const [warning] = device.warnings;
  if (warning?.warning_code === "max_access_codes_reached") {
    const count: number | undefined = warning.active_access_code_count;
    return count;
  }
  if (warning?.warning_code === "a_warning_of_next_year") {
    return warning.message;
  }
  // @ts-expect-error a flag may be absent
  const can: boolean = device.can_remotely_unlock;
  return can;
}

export function errors(error: unknown): string | undefined {
  if (isSeamHttpUnauthorizedError(error)) {
    const code: "unauthorized" = error.code;
    const status: 401 = error.statusCode;
    return `${code} ${status} ${error.reason}`;
  }
  if (isSeamHttpInvalidInputError(error)) {
    const code: "invalid_input" = error.code;
    return code + error.validationErrors[0]?.errorMessages.join();
  }
  if (isSeamHttpNetworkError(error)) return error.outcome;
  if (isSeamHttpApiError(error)) {
    if (error.type === "device_not_found") return error.path;
    if (error.type === "a_type_of_next_year") return error.type;
    const wait: number | undefined = error.retryAfterMs;
    // @ts-expect-error durations have their unit in the name
    error.retryAfter;
    return String(wait);
  }
  if (isSeamActionAttemptFailedError<ActionAttempt>(error)) return error.code;
  if (isSeamActionAttemptFailedError(error)) {
    return error.actionAttempt.action_attempt_id;
  }
  if (isSeamError(error)) return error.code;
  return undefined;
}
