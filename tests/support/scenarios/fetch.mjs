// The scenario of every implementation of `fetch`, and its expected results.
import { Seam } from "../installed.mjs";
import { waitUntil } from "../waiting.mjs";
import { MISBEHAVING } from "../upstream.mjs";
import { rejected } from "../errors.mjs";

/** The result of `scenario` with every `fetch`; the numbers count requests. */
export const expected = {
  listed: 1,
  unlocked: "success",
  watched: ["live", 1],
  refreshed: ["live", 1],
  allowed: [true, false],
  refused: ["SeamHttpApiError", "device_not_found", "refused"],
  abortedBefore: ["the caller's own reason", 0],
  abortedDuring: ["the caller's own reason", 1],
  abortedReading: ["the caller's own reason", 1],
  timedOut: ["SeamHttpNetworkError", "timeout", "unknown", 1],
  timedOutReading: ["SeamHttpNetworkError", "timeout", "unknown", 1],
  dropped: ["SeamHttpNetworkError", "network_error", "unknown", 1],
  droppedAction: ["SeamHttpNetworkError", "network_error", "unknown", 1],
  severed: ["SeamHttpNetworkError", "network_error", "unknown", 1],
  retried: ["succeeded", 2],
  redirected: ["SeamHttpInvalidResponseError", "redirected", "unknown", 1],
};

/** Plays it against `upstream`, which is at `endpoint`, with `fetch`, or the global one. */
export async function scenario({ upstream, endpoint, fetch }) {
  const { requests, info } = upstream;
  const client = (options) =>
    Seam.fromClientSessionToken(info.client_session_token, {
      endpoint,
      ...(fetch === undefined ? {} : { fetch }),
      ...options,
    });
  const seam = client();
  const single = client({ maxRetries: 0 });
  const briefly = client({ maxRetries: 0, timeout: 500 });

  const devices = await seam.devices.list();
  const [{ device_id }] = devices;
  const attempt = await seam.locks.unlockDoor(
    { device_id },
    { waitForActionAttempt: { pollingInterval: 10, timeout: 20_000 } },
  );

  const list = seam.devices.watch();
  await waitUntil(() => list.status.state !== "loading");
  const watched = [list.status.state, list.size];
  await list.refresh();
  const refreshed = [list.status.state, list.size];
  list.close();

  const other = info.device_ids.at(-1);
  const scope = await seam.scope();
  const allowed = [device_id, other].map((id) =>
    scope.can(id, "locks.unlockDoor"),
  );

  /** The number of requests for the row's device. */
  const sent = (row) =>
    requests.filter(({ body }) => body.includes(MISBEHAVING[row][1])).length;
  const fails = async (row, call) => {
    const [, device_id] = MISBEHAVING[row];
    return [...(await failure(call({ device_id }))), sent(row)];
  };
  const aborted = async (row) => {
    const [, device_id] = MISBEHAVING[row];
    const controller = new AbortController();
    // Not an Error, so that wrapping or copying it is detected.
    const reason = { of: row };
    if (row === "abortedBefore") controller.abort(reason);
    const call = rejected(
      single.locks.get({ device_id }, { signal: controller.signal }),
    );
    if (row !== "abortedBefore") await waitUntil(() => sent(row) > 0);
    controller.abort(reason);
    const thrown = await call;
    const whose =
      thrown === reason ? "the caller's own reason" : String(thrown);
    return [whose, sent(row)];
  };

  return {
    listed: devices.length,
    unlocked: attempt.status,
    watched,
    refreshed,
    allowed,
    refused: await failure(single.locks.get({ device_id: other })),
    abortedBefore: await aborted("abortedBefore"),
    abortedDuring: await aborted("abortedDuring"),
    abortedReading: await aborted("abortedReading"),
    timedOut: await fails("timedOut", (it) => briefly.devices.get(it)),
    timedOutReading: await fails("timedOutReading", (it) =>
      briefly.devices.get(it),
    ),
    dropped: await fails("dropped", (it) => single.devices.get(it)),
    droppedAction: await fails("droppedAction", (it) =>
      client().locks.unlockDoor(it),
    ),
    severed: await fails("severed", (it) => single.devices.get(it)),
    retried: [
      await seam.devices
        .get({ device_id: MISBEHAVING.retried[1] })
        .then(() => "succeeded"),
      sent("retried"),
    ],
    redirected: await fails("redirected", (it) => single.devices.get(it)),
  };
}

async function failure(call) {
  const { name, code, outcome } = await rejected(call);
  return [name, code, outcome];
}
