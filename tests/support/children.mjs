// Processes that a test starts, and that must not outlive it.

const children = new Set();
process.once("exit", () => children.forEach((child) => child.kill("SIGTERM")));
// So the test runner ends a file that takes too long; by itself, it would not
// come to the listeners above.
process.once("SIGTERM", () => process.exit(143));

/** Has the child end with this process, whatever becomes of the test. */
export function endWithUs(child) {
  children.add(child);
  child.once("exit", () => children.delete(child));
}
