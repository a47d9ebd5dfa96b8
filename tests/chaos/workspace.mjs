// A sandbox with several users, whose devices tell whose they are.
import assert from "node:assert/strict";

import { Sandbox } from "../support/installed.mjs";

export const USERS = [0, 1, 2];
/** Each action of a run has a device of its own, so that the log tells them apart. */
const LOCKS = 40;
const SESSIONS = 8;

export class Workspace {
  sandbox;
  /** Whose a device is, by its id. */
  ownerOf = new Map();
  /** Whose a token is. */
  userOf = new Map();
  /** The tokens that nobody has ended, by user. */
  alive = USERS.map(() => []);
  /** The id of each user's user identity. */
  identities = [];
  #unused = USERS.map(() => []);
  #key;

  static async create(seed) {
    const names = USERS.map((user) =>
      Array.from({ length: LOCKS }, (_, nth) => `canary-u${user}-${nth}`),
    );
    const sandbox = await Sandbox.create({
      randomSeed: seed,
      rateLimits: false,
      seed: {
        connected_accounts: [{ name: "house" }],
        devices: names.flat().map((display_name) => ({
          device_type: "august_lock",
          display_name,
        })),
        user_identities: USERS.map((user) => ({
          user_identity_key: `user-${user}`,
          devices: names[user],
        })),
      },
    });
    return new Workspace(sandbox);
  }

  constructor(sandbox) {
    this.sandbox = sandbox;
    this.#key = sandbox.info.api_key;
    for (const { device_id, display_name } of this.#ask("/devices/list", {
      limit: 1_000,
    }).devices) {
      const user = Number(/^canary-u(\d)-/.exec(display_name)[1]);
      this.ownerOf.set(device_id, user);
      this.#unused[user].push(device_id);
    }
    for (const user of USERS) {
      const { user_identity } = this.#ask("/user_identities/get", {
        user_identity_key: `user-${user}`,
      });
      this.identities.push(user_identity.user_identity_id);
      for (let nth = 0; nth < SESSIONS; nth += 1) this.newToken(user);
    }
  }

  newToken(user) {
    const { client_session } = this.#ask("/client_sessions/create", {
      user_identity_id: this.identities[user],
    });
    this.userOf.set(client_session.token, user);
    this.alive[user].push(client_session.token);
    return client_session.token;
  }

  /** Ends the session of one of the tokens of this user. */
  end(user, random) {
    const [token] = this.alive[user].splice(
      random.below(this.alive[user].length),
      1,
    );
    this.sandbox.endSession(
      { client_session_token: token },
      random.of(["expired", "revoked"]),
    );
    if (this.alive[user].length < 2) this.newToken(user);
    return token;
  }

  /** A lock of this user's that no action of this run was about; none if all have been. */
  unusedLock(user) {
    return this.#unused[user].pop();
  }

  devicesOf(user) {
    return [...this.ownerOf].filter(([, it]) => it === user).map(([id]) => id);
  }

  /** The users whose devices this holds, by ids and by names, however deep. */
  usersIn(value) {
    const users = new Set();
    const text = JSON.stringify(value) ?? "";
    for (const [, user] of text.matchAll(/canary-u(\d)-/g))
      users.add(Number(user));
    for (const [, id] of text.matchAll(/"device_id":"([^"]+)"/g)) {
      const owner = this.ownerOf.get(id);
      if (owner !== undefined) users.add(owner);
    }
    return users;
  }

  #ask(path, params) {
    const { status, body } = this.sandbox.handle(
      "POST",
      path,
      ["authorization", `Bearer ${this.#key}`],
      new TextEncoder().encode(JSON.stringify(params)),
    );
    const text = new TextDecoder().decode(body);
    assert.equal(status, 200, text);
    return JSON.parse(text);
  }
}
