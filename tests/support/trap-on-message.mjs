// Imported before a program: after the message "next" of the parent process its wasm traps at the
// next call, after "timers" at the next call from a timer. Each message is acknowledged.
import { installTrap } from "./force-trap.mjs";

const control = installTrap(globalThis);
const { setTimeout } = globalThis;
process.on("message", (what) => {
  if (what === "timers") {
    globalThis.setTimeout = (work, ms) =>
      setTimeout(() => {
        control.armed = true;
        work();
      }, ms);
  } else {
    control.armed = true;
  }
  process.send("armed");
});
// The channel to the parent does not keep the program running.
process.channel.unref();
