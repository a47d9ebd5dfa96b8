// Imported before a program: its wasm traps when it is entered next, or next by a timer, once the
// parent process has sent "next" or "timers", which is answered.
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
// The program ends as if there were no parent.
process.channel.unref();
