// Child processes that must not outlive the test that starts them.

const children = new Set();
process.once("exit", () => children.forEach((child) => child.kill("SIGTERM")));
// So the test runner ends a file that takes too long; by itself, it would not
// come to the listeners above.
process.once("SIGTERM", () => process.exit(143));

/** Has the child end with this process, whatever becomes of the test. */
export function killOnExit(child) {
  children.add(child);
  child.once("exit", () => children.delete(child));
}

/**
 * The same for a process that is not a child of this one. Gives the function to
 * call when it has ended by itself.
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
