// The back end of the demo: it alone holds the API key, and decides who may
// use what.
import { randomUUID } from "node:crypto";

/** The demo's users; the story has made the first one by the time we run. */
const USERS = [
  { key: "user-1", name: "Ada", role: "guest" },
  { key: "user-2", name: "Ben", role: "cleaner" },
];

export class BackEnd {
  #seam;
  #endpoint;
  #identities = new Map();
  /** Of this process: an open page must not take a new workspace for the old one. */
  #run = randomUUID();

  constructor(Seam, { api_key, endpoint }) {
    this.#seam = Seam.fromApiKey(api_key, { endpoint });
    this.#endpoint = endpoint;
  }

  /** Whether the demo has such a user. */
  knows(user) {
    return USERS.some(({ key }) => key === user);
  }

  /** The workspace's devices, and what each user was granted. */
  async workspace() {
    const [devices, ...granted] = await Promise.all([
      this.#seam.devices.list(),
      ...USERS.map(async ({ key }) =>
        this.#seam.userIdentities.listAccessibleDevices({
          user_identity_id: await this.#identity(key),
        }),
      ),
    ]);
    return {
      run: this.#run,
      endpoint: this.#endpoint,
      devices: devices.map(({ device_id, display_name, ...rest }) => ({
        device_id,
        display_name,
        device_type: rest.device_type,
        can_remotely_unlock: rest.can_remotely_unlock === true,
        online: rest.properties.online,
        locked: rest.properties.locked ?? null,
      })),
      users: USERS.map((user, index) => ({
        ...user,
        device_ids: granted[index].map(({ device_id }) => device_id),
      })),
    };
  }

  /** Grants a user a device, or takes it back. */
  async grant(user, device_id, granted) {
    const grant = { user_identity_id: await this.#identity(user), device_id };
    const { userIdentities } = this.#seam;
    await (granted
      ? userIdentities.grantAccessToDevice(grant)
      : userIdentities.revokeAccessToDevice(grant));
  }

  /**
   * What a user's app needs, and all that it gets: an endpoint and a client
   * session token of its own.
   *
   * In real life this is the moment after the user has logged in with you, and
   * `user` comes from your own session, never from the request. The demo has
   * no log-in, so that both users can stand side by side on one page.
   */
  async session(user) {
    const { token } = await this.#seam.clientSessions.create({
      user_identity_id: await this.#identity(user),
    });
    return { endpoint: this.#endpoint, client_session_token: token };
  }

  /** The user's identity with Seam, made when it is first asked for. */
  #identity(user) {
    let identity = this.#identities.get(user);
    if (identity === undefined) {
      identity = this.#findOrCreate(user).catch((error) => {
        this.#identities.delete(user);
        throw error;
      });
      this.#identities.set(user, identity);
    }
    return identity;
  }

  async #findOrCreate(key) {
    const { userIdentities } = this.#seam;
    const found = await userIdentities
      .get({ user_identity_key: key })
      .catch((error) => {
        if (error.statusCode === 404) return undefined;
        throw error;
      });
    if (found !== undefined) return found.user_identity_id;
    const { name } = USERS.find((user) => user.key === key);
    const created = await userIdentities.create({
      user_identity_key: key,
      full_name: name,
    });
    return created.user_identity_id;
  }
}
