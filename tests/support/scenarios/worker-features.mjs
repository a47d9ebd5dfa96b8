// The scenario of every page whose client is in a worker.

/**
 * Lists, watches, unlocks and is refused against the sandbox at `endpoint`. Returns the results, like
 * `expected`.
 */
export async function useWorkerFeatures(Seam, { endpoint, token, other }) {
  const seam = Seam.fromClientSessionToken(token, { endpoint });
  const devices = await seam.devices.list();
  const [{ device_id }] = devices;
  const { status } = await seam.locks.unlockDoor({ device_id });
  const { name, code } = await seam.locks
    .unlockDoor({ device_id: other })
    .catch((error) => error);
  const list = seam.devices.watch();
  await list.refresh();
  const watched = list.getSnapshot().length;
  list.close();
  const byThePage = performance
    .getEntriesByType("resource")
    .filter((it) => it.name.startsWith(endpoint)).length;
  return { listed: devices.length, watched, status, name, code, byThePage };
}

/** The result of `useWorkerFeatures` in every host. */
export const expected = {
  listed: 1,
  watched: 1,
  status: "success",
  name: "SeamHttpApiError",
  code: "device_not_found",
  byThePage: 0,
};
