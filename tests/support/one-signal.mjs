// Many calls and lists that share one signal; prints their results and each warning of Node.
import { getEventListeners } from "node:events";
import { setImmediate as turn } from "node:timers/promises";

import { Sandbox, Seam } from "./installed.mjs";

const warnings = [];
process.on("warning", ({ name, message }) =>
  warnings.push(`${name}: ${message}`),
);

const sandbox = await Sandbox.create({ rateLimits: false });
const { info, fetch } = sandbox;
const signals = new Set();
const seam = Seam.fromClientSessionToken(info.client_session_token, {
  endpoint: info.endpoint,
  fetch: (request, init) => {
    signals.add(init.signal);
    return fetch(request, init);
  },
});
const { signal } = new AbortController();
const [{ device_id }] = await seam.devices.list();
const sixty = (call) => Promise.all(Array.from({ length: 60 }, call));

const calls = sixty(() => seam.devices.list({}, { signal }));
const listeners = [getEventListeners(signal, "abort").length];
const listed = (await calls).length;
const attempts = await sixty(() =>
  seam.locks.unlockDoor(
    { device_id },
    { signal, waitForActionAttempt: { pollingInterval: 50 } },
  ),
);
const lists = Array.from({ length: 20 }, (_, nth) =>
  seam.devices.watch({}, { signal, interval: 60_000 + nth }),
);
while (lists.some(({ status }) => status.state === "loading")) await turn();
const live = lists.filter(({ status }) => status.state === "live").length;
for (const list of lists) list.close();
listeners.push(getEventListeners(signal, "abort").length);
// Node warns in a later turn.
for (let turns = 10; turns > 0; turns -= 1) await turn();

console.log(
  JSON.stringify({
    listed,
    unlocked: attempts.filter(({ status }) => status === "success").length,
    live,
    warnings,
    // Each request has a signal of its own: a fetch may leave its listeners on it.
    listeners: {
      atMostOne: listeners.every((count) => count <= 1),
      ofFetch: signals.size < 120 || signals.has(signal),
    },
  }),
);
