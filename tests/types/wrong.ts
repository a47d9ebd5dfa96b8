// What a user may get wrong, each line with the number of what tsc says of it.
import {
  isSeamHttpInvalidInputError,
  Seam,
  SeamHttpWithoutWorkspace,
  type DevicesListRequest,
  type FailedActionAttempt,
  type LocksUnlockDoorResponse,
  type SeamHttpOptionsWithApiKey,
  type SeamPaginatedRequest,
  type SucceededActionAttempt,
} from "seam-session";
import { Sandbox } from "seam-session/sandbox";
// @ts-expect-error 2305 a name that is not exported
import type { Robot } from "seam-session";
// @ts-expect-error 2305 there as a value, here as a type at most: docs/migrating.md
import { SeamHttpEndpoints } from "seam-session";

declare const seam: Seam;
declare const free: SeamHttpWithoutWorkspace;

export const found: unknown[] = [SeamHttpEndpoints, {} as Robot];

export function names(): void {
  // @ts-expect-error 2339 no such namespace
  seam.robots;
  // @ts-expect-error 2551 a misspelt namespace
  seam.device;
  // @ts-expect-error 2551 not as on the wire
  seam.user_identities;
  // @ts-expect-error 2339 no such method
  seam.devices.dance();
  // @ts-expect-error 2551 a misspelt method
  seam.locks.unlockDor({ device_id: "d" });
  // @ts-expect-error 2339 no such namespace in a namespace
  seam.acs.robots;
  // @ts-expect-error 2339 a namespace is no method
  seam.acs.list();
  // @ts-expect-error 2339 what needs a workspace, on a client that has none
  free.devices;
  // @ts-expect-error 2339 what a client holds cannot be read
  seam.client;
  // @ts-expect-error 2540 a namespace is not replaced
  seam.devices = undefined;
}

export function missing(): void {
  // @ts-expect-error 2554 no parameters where one is needed
  seam.devices.update();
  // @ts-expect-error 2741 nor this one
  seam.devices.update({});
  // @ts-expect-error 2741 one of two
  seam.userIdentities.grantAccessToDevice({ device_id: "d" });
  // @ts-expect-error 2345 none of those of which one is needed
  seam.devices.get({});
  // @ts-expect-error 2322 there, but undefined
  seam.locks.lockDoor({ device_id: undefined });
  // @ts-expect-error 2345 null is not a value
  seam.locks.lockDoor(null);
}

export function wrong(): void {
  // @ts-expect-error 2322 a number for a text
  seam.locks.unlockDoor({ device_id: 7 });
  // @ts-expect-error 2322 a text for a number
  seam.devices.list({ limit: "20" });
  // @ts-expect-error 2322 a text for a list
  seam.devices.list({ device_ids: "d" });
  // @ts-expect-error 2353 a parameter that the route has not
  seam.devices.list({ colour: "red" });
  // @ts-expect-error 2561 a misspelt one
  seam.devices.list({ device_idz: ["d"] });
  // @ts-expect-error 2345 no object
  seam.devices.list("d");
}

export function options(): void {
  // @ts-expect-error 2345 a key that is no text
  Seam.fromApiKey(7);
  // @ts-expect-error 2353 an option that there is not
  Seam.fromApiKey("k", { axiosOptions: {} });
  // @ts-expect-error 2353 a second credential
  Seam.fromApiKey("k", { clientSessionToken: "t" });
  // @ts-expect-error 2554 no workspace
  Seam.fromPersonalAccessToken("t");
  // @ts-expect-error 2554 no key of a user's
  void Seam.fromPublishableKey("k");
  // @ts-expect-error 2554 the options go in one argument
  new Seam("k", { timeout: 1 });
  // @ts-expect-error 2353 an option of a call that there is not
  seam.devices.list({}, { retries: 1 });
  // @ts-expect-error 2322 a text for a signal
  seam.devices.list({}, { signal: "now" });
  // @ts-expect-error 2353 misspelt in the options of waiting
  seam.devices.list({}, { waitForActionAttempt: { interval: 1 } });
  // @ts-expect-error 2322 no key
  const key: SeamHttpOptionsWithApiKey = {};
  // @ts-expect-error 2353 an option of the sandbox that there is not
  void Sandbox.create({ key });
}

export async function answers(): Promise<void> {
  const device = await seam.devices.get({ device_id: "d" });
  // @ts-expect-error 2339 a member that a device has not
  device.colour;
  // @ts-expect-error 2322 nothing is answered
  const text: string = await seam.devices.update({ device_id: "d" });
  // @ts-expect-error 2345 a route that does not page
  seam.createPaginator(seam.locks.list());
  // @ts-expect-error 2345 a cursor is not any text
  await seam.createPaginator(seam.devices.list()).nextPage(text);
  // @ts-expect-error 2571 a route by its path answers what nobody knows
  (await seam.request("/robots/list")).robots;
  const request: DevicesListRequest = seam.devices.list();
  // @ts-expect-error 2540 a request is not changed
  request.pathname = "/devices/get";
}

export function attempts(
  attempt: LocksUnlockDoorResponse["action_attempt"],
  succeeded: SucceededActionAttempt<typeof attempt>,
  failed: FailedActionAttempt<typeof attempt>,
  paged: SeamPaginatedRequest<{ devices: string[] }, "devices">,
): unknown {
  // @ts-expect-error 18047 before it is known to have failed
  attempt.error.message;
  // @ts-expect-error 18047 what succeeded has no error
  succeeded.error.message;
  // @ts-expect-error 2322 nor is a failure a success
  const other: typeof succeeded = failed;
  // Each of these is right.
  return [other, failed.error.message, seam.createPaginator(paged)];
}

export function caught(error: unknown): void {
  if (isSeamHttpInvalidInputError(error)) {
    // @ts-expect-error 2554 of which parameter
    error.getValidationErrorMessages();
    // @ts-expect-error 2540 an error is not changed
    error.statusCode = 200;
  }
}
