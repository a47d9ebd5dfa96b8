// A page that watches its devices, which a test reads as the global `it`.

/** Resolves when the list is live. */
export async function watch({ endpoint, token, interval }) {
  const { Seam } = await import("/index.js");
  const asked = [];
  let held;
  const seam = Seam.fromClientSessionToken(token, {
    endpoint,
    maxRetries: 0,
    fetch: async (request) => {
      const { pathname } = new URL(request.url);
      asked.push(pathname);
      const answer = await fetch(request);
      if (held?.path !== pathname) return answer;
      const { come, released } = held;
      held = undefined;
      come();
      await released;
      return answer;
    },
  });
  const list = seam.devices.watch({}, { interval });

  globalThis.it = {
    seam,
    list,
    asked,
    ids: () => list.getSnapshot().map(({ device_id }) => device_id),
    rounds: () => asked.filter((path) => path === "/devices/list").length,
    /** Resolves when a condition is true, which is checked after each change of the list. */
    until: (holds) =>
      new Promise((resolve) => {
        const look = () => {
          if (!holds()) return;
          off();
          resolve();
        };
        const off = list.subscribe(look);
        look();
      }),
    /** Resolves when the next response of `path` has arrived, which is held until `release()`. */
    hold: (path) =>
      new Promise((come) => {
        const released = new Promise((resolve) => {
          globalThis.it.release = resolve;
        });
        held = { path, come, released };
      }),
  };
  await globalThis.it.until(() => list.status.state === "live");
}
