// Child processes that must not outlive the test that starts them.

const children = new Set();
process.once("exit", () => children.forEach((child) => child.kill("SIGTERM")));
// The test runner ends a file that takes too long with this signal, which by default would not run
// the listener above.
process.once("SIGTERM", () => process.exit(143));

/** Ends the child when this process ends, however the test does. */
export function killOnExit(child) {
  children.add(child);
  child.once("exit", () => children.delete(child));
}

/**
 * The same for a process that is not a child of this one. Returns a function to call when it has
 * ended by itself.
 */
export function killPidOnExit(pid) {
  if (pid === undefined) return () => {};
  const child = { kill: (signal) => tryToEnd(pid, signal) };
  children.add(child);
  return () => children.delete(child);
}

function tryToEnd(pid, signal) {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended.
  }
}
