// The back end of a property manager's page: one session that sees every device
// of the connected accounts, and something to happen to the devices.

/** As many calls are under way at a time. */
const AT_ONCE = 8;

export class Property {
  #seam;
  #endpoint;
  /** The devices that can go offline: those whose connection Seam simulates. */
  #device_ids;
  /** Where in the list the next devices stand to which something happens. */
  #next = 0;
  #away = [];

  constructor(Seam, { api_key, endpoint }) {
    this.#seam = Seam.fromApiKey(api_key, { endpoint });
    this.#endpoint = endpoint;
  }

  /** What the manager's page is given, as after a log-in. */
  async session() {
    const accounts = await this.#seam.connectedAccounts.list();
    const { token } = await this.#seam.clientSessions.create({
      connected_account_ids: accounts.map((it) => it.connected_account_id),
    });
    return { endpoint: this.#endpoint, client_session_token: token };
  }

  /** One device in a hundred goes offline; those of the last time come back. */
  async stir() {
    const all = (this.#device_ids ??= await this.#simulated());
    const count = Math.ceil(all.length / 100);
    const chosen = Array.from(
      { length: count },
      // Far apart, and others each time.
      (_, nth) => all[(this.#next + nth * 100) % all.length],
    );
    this.#next += 1;
    const back = this.#away;
    this.#away = chosen;
    const { simulate } = this.#seam.devices;
    await inTurns(back, (device_id) => simulate.connect({ device_id }));
    await inTurns(chosen, (device_id) => simulate.disconnect({ device_id }));
    return { device_ids: chosen };
  }

  async #simulated() {
    const device_types = ["august_lock", "yale_lock"];
    const request = this.#seam.devices.list({ device_types });
    const devices = await this.#seam.createPaginator(request).flattenToArray();
    return devices.map((it) => it.device_id);
  }
}

async function inTurns(ids, act) {
  const waiting = [...ids];
  const work = async () => {
    for (let id = waiting.pop(); id !== undefined; id = waiting.pop())
      await act(id);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}
