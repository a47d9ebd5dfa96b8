// The scenario of every host, be it a page, a worker or a runtime. It needs only `fetch`, timers
// and AbortController, so it can be bundled, imported and required anywhere.

/** The result of `scenario` in every host. */
export const expected = {
  listed: 1,
  unlocked: "success",
  refused: ["SeamHttpApiError", "device_not_found", "refused"],
  redirect: ["SeamHttpInvalidResponseError", "redirected", "unknown"],
  abortedBefore: ["the caller's own reason", "nothing was sent"],
  abortedDuring: ["the caller's own reason", "one request was sent"],
  abortedReading: ["the caller's own reason", "one request was sent"],
  timedOut: ["SeamHttpNetworkError", "timeout", "unknown"],
};

/**
 * Lists and unlocks against the sandbox at `endpoint` with its client session
 * `token`, and tries the device `other`, which was not granted; then meets what tests/support/scenarios/servers.mjs answers at `awkward`: a
 * redirect, an answer that never comes, and a body that never ends. Gives what
 * happened, in the form of `expected`.
 */
export async function scenario(Seam, { endpoint, token, other, awkward }) {
  const seam = Seam.fromClientSessionToken(token, { endpoint });
  const devices = await seam.devices.list();
  const [{ device_id }] = devices;
  const attempt = await seam.locks.unlockDoor({ device_id });
  return {
    listed: devices.length,
    unlocked: attempt.status,
    refused: await failure(seam.locks.unlockDoor({ device_id: other })),
    redirect: await redirected(Seam, token, awkward),
    abortedBefore: await aborted(Seam, token, awkward, "before"),
    abortedDuring: await aborted(Seam, token, awkward, "during"),
    abortedReading: await aborted(Seam, token, awkward, "reading"),
    timedOut: await timedOut(Seam, token, awkward),
  };
}

/** `/devices/list` responds with a redirect, which must not be followed. */
async function redirected(Seam, token, endpoint) {
  const seam = Seam.fromClientSessionToken(token, { endpoint, maxRetries: 0 });
  return failure(seam.devices.list());
}

/** `/devices/get` never responds; `/locks/get` starts its body and stalls. */
async function aborted(Seam, token, endpoint, when) {
  const controller = new AbortController();
  // Not an Error, so that wrapping or copying it is detected.
  const reason = { of: when };
  let sent = 0;
  const seam = Seam.fromClientSessionToken(token, {
    endpoint,
    fetch: async (request) => {
      sent += 1;
      const answer = fetch(request);
      if (when === "during") controller.abort(reason);
      const response = await answer;
      // While the body is read, which starts when this has returned.
      if (when === "reading") setTimeout(() => controller.abort(reason));
      return response;
    },
  });
  if (when === "before") controller.abort(reason);
  const resource = when === "reading" ? seam.locks : seam.devices;
  const thrown = await thrownBy(
    resource.get({ device_id: "any" }, { signal: controller.signal }),
  );
  return [
    thrown === reason ? "the caller's own reason" : String(thrown),
    ["nothing was sent", "one request was sent"][sent] ?? `${sent} were sent`,
  ];
}

async function timedOut(Seam, token, endpoint) {
  const seam = Seam.fromClientSessionToken(token, {
    endpoint,
    maxRetries: 0,
    timeout: 100,
  });
  return failure(seam.devices.get({ device_id: "any" }));
}

async function failure(call) {
  const { name, code, outcome } = await thrownBy(call);
  return [name, code, outcome];
}

async function thrownBy(call) {
  try {
    await call;
  } catch (error) {
    return error;
  }
  return new Error("it did not reject");
}
