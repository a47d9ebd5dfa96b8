// A client of a run, and what is known of whose data it may show.
import { client, Seam } from "../support/installed.mjs";

const ENDPOINT = "https://sandbox.invalid";

/** Whether a client can be pinned to one user. */
export const pins = (() => {
  try {
    new Seam({
      clientSessionToken: "seam_cst1a_b",
      endpoint: ENDPOINT,
      userIdentityId: "3f1a9a52-0f43-4a0c-8f0c-6d6a2f3f4f11",
    });
    return true;
  } catch {
    return false;
  }
})();

/**
 * What all have in common: `possible` has the users whose devices it may show or give at this
 * moment. There is one, but while a token of another user is being checked.
 */
class Actor {
  lists = [];
  scopes = [];
  /** For each call that is under way, the users that its result may be of. */
  calls = new Set();
  possible = new Set();
  /** While the token of another user is checked, nothing is to be seen. */
  isHidden = false;

  constructor(name, run) {
    this.name = name;
    this.run = run;
    this.fetch = run.network.fetchOf(this);
  }

  /** Its calls may now be made as this user, too. */
  mayBe(user) {
    this.possible.add(user);
    for (const allowed of this.calls) allowed.add(user);
  }

  /** The one user that it is; nothing while that is not certain. */
  get user() {
    return this.possible.size === 1 ? [...this.possible][0] : undefined;
  }

  /** Looked at when nothing moves any more. */
  check() {
    this.checkUsers();
    if (this.isHidden && this.#shown().some(([, ids]) => ids.length > 0))
      this.run.wrong(
        `${this.name} shows devices while the token of another user is checked`,
      );
  }

  /** Fails the run unless what it shows is of one user, and of a right one. */
  checkUsers() {
    const { workspace, wrong } = this.run;
    for (const [what, ids] of this.#shown()) {
      const users = new Set(ids.map((id) => workspace.ownerOf.get(id)));
      if (users.size > 1)
        wrong(`${this.name}: ${what} mixes users ${[...users]}`);
      for (const user of users) {
        if (!this.possible.has(user))
          wrong(
            `${this.name}: ${what} shows user ${user}, not ${[...this.possible]}`,
          );
      }
    }
  }

  /** What is to be seen, by the ids of its devices. */
  #shown() {
    const ofScope = ({ devices }) => devices.map((it) => it.device.device_id);
    return [
      ...this.lists.map((list) => ["a list", list.ids()]),
      ...this.scopes.map((scope) => ["a scope", ofScope(scope)]),
    ];
  }
}

/** Its token is a string, which the app exchanges. */
export class ManualActor extends Actor {
  /** The update that counts: a later one takes the place of an earlier one. */
  #update = 0;

  constructor(name, run, user) {
    super(name, run);
    this.possible.add(user);
    this.token = run.random.of(run.workspace.alive[user]);
    this.seam = new Seam({
      clientSessionToken: this.token,
      endpoint: ENDPOINT,
      fetch: this.fetch,
    });
  }

  /** `outcome` settles as the update does. */
  update(token) {
    const { userOf } = this.run.workspace;
    const target = userOf.get(token);
    const before = new Set(this.possible);
    const nth = (this.#update += 1);
    this.isHidden = before.size === 1 && !before.has(target);
    this.mayBe(target);
    const outcome = this.seam.updateClientSessionToken(token);
    outcome.then(
      () => this.#updated(nth, new Set([target])),
      (error) => {
        const isRefused =
          error instanceof client.SeamHttpUnauthorizedError &&
          error.reason === "token_refused";
        // What could not be asked leaves open which of the two is in use.
        this.#updated(nth, isRefused ? before : this.possible);
      },
    );
    return outcome;
  }

  #updated(nth, possible) {
    if (nth !== this.#update) return;
    this.isHidden = false;
    this.possible = new Set(possible);
  }
}

/** Its token comes from a function, which gives that of the user who is signed in. */
export class FunctionActor extends Actor {
  signedIn;
  isHealthy = false;
  #given = [];

  constructor(name, run, user, pin) {
    super(name, run);
    this.signedIn = user;
    this.pin = pin ? user : undefined;
    if (pin) this.possible.add(user);
    this.seam = new Seam({
      clientSessionToken: () => this.#ask(),
      endpoint: ENDPOINT,
      fetch: this.fetch,
      timeout: 5_000,
      ...(pin ? { userIdentityId: run.workspace.identities[user] } : {}),
    });
  }

  async #ask() {
    const { random, time, workspace } = this.run;
    const way = this.isHealthy
      ? "right"
      : random.weighted({ right: 70, fails: 8, hangs: 4, dead: 6, slow: 8 });
    await time.sleep(way === "slow" ? 4_000 : random.between(1, 400));
    if (way === "fails") throw new Error("the back end failed");
    if (way === "hangs") return new Promise(() => {});
    const user = this.signedIn;
    const token =
      way === "dead"
        ? workspace.end(user, random)
        : random.of(workspace.alive[user]);
    if (this.pin === undefined) {
      this.#given.push(token);
      this.mayBe(user);
    }
    return token;
  }

  onRequest({ path, user }) {
    if (
      this.pin !== undefined &&
      user !== undefined &&
      user !== this.pin &&
      path !== "/client_sessions/get"
    ) {
      this.run.wrong(`${this.name}: ${path} was sent as user ${user}`);
    }
  }

  /** Once the server has said whose the new token is, nothing of the last user is to be seen. */
  onAnswer({ path, token, status }) {
    if (this.pin !== undefined || status !== 200) return;
    if (path !== "/client_sessions/get") return;
    const at = this.#given.lastIndexOf(token);
    if (at < 0) return;
    this.#given = this.#given.slice(at);
    this.accepted = new Set(
      this.#given.map((it) => this.run.workspace.userOf.get(it)),
    );
  }

  check() {
    if (this.accepted !== undefined) {
      this.possible = this.accepted;
      this.accepted = undefined;
    }
    super.check();
  }
}
