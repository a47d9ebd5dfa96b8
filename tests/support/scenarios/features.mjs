// The scenario of an app, in a page and on a server: calls, a watched list and the scope.

/**
 * Lists, unlocks, is refused, watches until the list is live, and reads the scope, against the sandbox
 * at `endpoint`, with `fetch` if there is one. Returns the results, like `expected`.
 */
export async function useFeatures(Seam, { endpoint, token, other, fetch }) {
  const options = fetch === undefined ? { endpoint } : { endpoint, fetch };
  const seam = Seam.fromClientSessionToken(token, options);
  const devices = await seam.devices.list();
  const [{ device_id }] = devices;
  const { status } = await seam.locks.unlockDoor({ device_id });
  const { code } = await seam.locks
    .unlockDoor({ device_id: other })
    .catch((error) => error);
  const list = seam.devices.watch();
  const state = await new Promise((resolve) => {
    const look = () => {
      const { state, reason } = list.status;
      if (state !== "loading") resolve(reason?.message ?? state);
    };
    list.subscribe(look);
    look();
  });
  const watched = list.getSnapshot().length;
  list.close();
  const scope = await seam.scope();
  return {
    ...{ listed: devices.length, status, refused: code, state, watched },
    inScope: scope.devices.length,
  };
}

/** The result of `useFeatures` in every host. */
export const expected = {
  listed: 1,
  status: "success",
  refused: "device_not_found",
  state: "live",
  watched: 1,
  inScope: 1,
};

/** The same with the worker and in the page; `byThePage` counts the page's requests for the worker. */
export async function useFeaturesInPageAndWorker(Seam, WorkerSeam, at) {
  const worker = await useFeatures(WorkerSeam, at);
  const byThePage = performance
    .getEntriesByType("resource")
    .filter((it) => it.name.startsWith(at.endpoint)).length;
  return { page: await useFeatures(Seam, at), worker, byThePage };
}

/** The result of `useFeaturesInPageAndWorker` in every page. */
export const expectedInPage = {
  page: expected,
  worker: expected,
  byThePage: 0,
};
