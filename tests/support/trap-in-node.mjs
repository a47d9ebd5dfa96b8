// Run by loading/trap.test.mjs: prints the results as JSON.
import { installTrap } from "./force-trap.mjs";

const control = installTrap(globalThis);
const { Seam } = await import(process.argv[2]);

let release;
const held = new Promise((resolve) => (release = resolve));
let waiting = 0;
let allWait;
const allWaiting = new Promise((resolve) => (allWait = resolve));
const seam = Seam.fromClientSessionToken("seam_cst1abc_def", {
  endpoint: "https://seam.test",
  fetch: async () => {
    waiting += 1;
    if (waiting === 3) allWait();
    if (waiting <= 3) await held;
    return Response.json({ devices: [1], ok: true });
  },
});

// Three calls are pending; the first response meets the trap.
const calls = Promise.allSettled([1, 2, 3].map(() => seam.devices.list()));
await allWaiting;
control.armed = true;
release();
const crashed = await calls;
const after = await seam.devices.list();

// Two calls start together, and the first step of the first one traps: the other has not reached the
// broken instance.
control.armed = true;
const begun = await Promise.allSettled([
  seam.devices.list(),
  seam.devices.list(),
]);

console.log(
  JSON.stringify({
    crashed: crashed.map(({ reason }) => [
      reason.name,
      reason.code,
      reason.outcome,
    ]),
    trap: crashed[0].reason.cause.name,
    after,
    begun: begun.map(
      ({ value, reason }) => value ?? [reason.code, reason.outcome],
    ),
    copies: control.copies,
  }),
);
