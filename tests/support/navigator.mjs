/** Has `value` as the global `navigator` while the test runs. */
export function navigatorOf(t, value) {
  const own = Object.getOwnPropertyDescriptor(globalThis, "navigator");
  Object.defineProperty(globalThis, "navigator", {
    value,
    configurable: true,
    writable: true,
  });
  t.after(() => {
    delete globalThis.navigator;
    if (own) Object.defineProperty(globalThis, "navigator", own);
  });
  return value;
}
