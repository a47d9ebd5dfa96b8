// What each of the projects does, whatever has loaded the package for it.

/** Where the sandbox of hosts/jest.test.mjs is: `endpoint`, `token`, and `other`, a device beyond its scope. */
const at = JSON.parse(process.env.SEAM_AT);

/** The tests, over the network and in process; `errors` has the classes of the package. */
exports.describeClient = (Seam, Sandbox, errors) => {
  /** Lists, unlocks, watches, asks for the scope, and is refused what is beyond it. */
  const all = async (seam, other) => {
    const [device, ...more] = await seam.devices.list();
    expect(more).toEqual([]);
    expect(device).toEqual(
      expect.objectContaining({ can_remotely_unlock: true }),
    );
    const { device_id } = device;
    const attempt = await seam.locks.unlockDoor({ device_id });
    expect(attempt.status).toBe("success");

    const list = seam.devices.watch();
    await new Promise((resolve) => {
      const look = () => list.status.state === "loading" || resolve();
      list.subscribe(look);
      look();
    });
    expect(list.status).toEqual({ state: "live" });
    expect(list.getSnapshot()).toHaveLength(1);
    list.close();
    expect(list.status).toEqual({ state: "stopped" });

    const refused = await seam.locks
      .unlockDoor({ device_id: other })
      .catch((error) => error);
    expect(refused).toBeInstanceOf(errors.SeamHttpApiError);
    expect(refused).toMatchObject({
      code: "device_not_found",
      outcome: "refused",
    });

    const scope = await seam.scope();
    expect(scope.devices).toHaveLength(1);
    expect(scope.can(device_id, "locks.unlockDoor")).toBe(true);
    expect(scope.can(other, "locks.unlockDoor")).toBe(false);
  };

  test("over the network", async () => {
    const { endpoint, token, other } = at;
    const seam = Seam.fromClientSessionToken(token, { endpoint });
    await all(seam, other);
  });

  test("in process, with a function for the token", async () => {
    const { info, fetch } = await Sandbox.create();
    const { endpoint, client_session_token, device_ids } = info;
    const token = async () => client_session_token;
    const seam = Seam.fromClientSessionToken(token, { endpoint, fetch });
    await all(seam, device_ids.at(-1));
  });
};
