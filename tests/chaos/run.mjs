// One run: clients, users, a bad network and jumping clocks, all drawn from one seed.
import { client } from "../support/installed.mjs";
import { FunctionActor, ManualActor, pins } from "./actor.mjs";
import { Network } from "./network.mjs";
import { Random } from "../support/random.mjs";
import { VirtualTime } from "./time.mjs";
import { USERS, Workspace } from "./workspace.mjs";
import { MINUTE, SECOND } from "../support/waiting.mjs";

/** How many things happen in a run. */
const STEPS = 120;
/** An action is not sent later than this after its call, in milliseconds. */
const LIMIT = 10_000;

const WEIGHTS = {
  read: 20,
  action: 18,
  watch: 4,
  refresh: 6,
  close: 2,
  scope: 4,
  pages: 8,
  update: 8,
  signIn: 4,
  end: 3,
  jump: 6,
  attempt: 3,
  weather: 4,
};

export async function chaos(seed) {
  const run = new Run(seed);
  const onRejection = (reason) =>
    run.wrong(`a rejection that nobody handles: ${reason?.stack ?? reason}`);
  process.on("unhandledRejection", onRejection);
  run.time.install(run.random);
  try {
    await run.prepare();
    await run.play();
  } finally {
    run.time.uninstall();
    process.off("unhandledRejection", onRejection);
  }
  return run;
}

class Run {
  time = new VirtualTime();
  /** What went wrong, in words; nothing in a good run. */
  wrongs = new Set();
  /** How often each thing happened. */
  tally = {};
  #calls = [];
  #actions = [];

  constructor(seed) {
    this.seed = seed;
    this.random = new Random(seed);
  }

  wrong = (what) => {
    this.wrongs.add(what);
  };

  async prepare() {
    this.workspace = await Workspace.create(this.seed);
    const { time, random, workspace } = this;
    this.network = new Network({
      time,
      random,
      workspace,
      onWrong: this.wrong,
    });
    this.actors = [
      new ManualActor("manual 0", this, random.of(USERS)),
      new ManualActor("manual 1", this, random.of(USERS)),
      new FunctionActor("function 0", this, random.of(USERS), false),
      new FunctionActor("function 1", this, random.of(USERS), pins),
    ];
    time.onSettled = () => this.actors.forEach((it) => it.check());
  }

  async play() {
    for (let nth = 0; nth < STEPS; nth += 1) {
      const step = this.random.weighted(WEIGHTS);
      this.tally[step] = (this.tally[step] ?? 0) + 1;
      this[`_${step}`](this.random.of(this.actors));
      // Often several things happen at once.
      if (this.random.chance(0.6)) await this.time.pass(this.#pause());
    }
    await this.#recover();
    this.#judge();
  }

  #pause() {
    const { random } = this;
    return random.chance(0.1)
      ? random.between(10 * SECOND, 3 * MINUTE)
      : random.between(0, 3 * SECOND);
  }

  _read(actor) {
    const { seam } = actor;
    const user = actor.user ?? actor.signedIn ?? 0;
    const options = this.#signal();
    const device_id = this.random.of(this.workspace.devicesOf(user));
    const [name, start] = this.random.of([
      ["devices.list", () => seam.devices.list(undefined, options)],
      ["locks.list", () => seam.locks.list(undefined, options)],
      ["devices.get", () => seam.devices.get({ device_id }, options)],
    ]);
    this.#call(actor, name, start, options.signal);
  }

  _action(actor) {
    const user = actor.user ?? actor.signedIn;
    if (user === undefined) return;
    const device_id = this.workspace.unusedLock(user);
    if (device_id === undefined) return;
    const options = {
      ...this.#signal(),
      waitForActionAttempt: this.random.of([
        true,
        false,
        { timeout: 3 * SECOND, pollingInterval: 200 },
      ]),
    };
    const action = {
      actor,
      device_id,
      // As whom it is meant; a token function may be about to give another's.
      user: actor instanceof ManualActor ? actor.user : actor.pin,
      monotonic: this.time.monotonic,
      wall: this.time.wall,
    };
    this.#actions.push(action);
    action.call = this.#call(
      actor,
      `locks.unlockDoor ${this.#actions.length}`,
      () => actor.seam.locks.unlockDoor({ device_id }, options),
      options.signal,
    );
  }

  _watch(actor) {
    if (actor.lists.length > 3) return;
    const options = { interval: this.random.of([SECOND, 5 * SECOND, MINUTE]) };
    const { seam } = actor;
    const list = this.random.chance(0.7)
      ? seam.devices.watch({}, options)
      : seam.locks.watch({}, options);
    list.subscribe(() => actor.checkUsers());
    actor.lists.push(list);
  }

  _refresh(actor) {
    if (actor.lists.length === 0) return;
    const list = this.random.of(actor.lists);
    this.#call(actor, "list.refresh", () => list.refresh());
  }

  _close(actor) {
    const [list] = actor.lists.splice(0, 1);
    if (list === undefined) return;
    list.close();
    if (list.ids().length > 0)
      this.wrong("a list that is closed shows devices");
  }

  _scope(actor) {
    const call = this.#call(
      actor,
      "scope",
      () => actor.seam.scope(),
      undefined,
      true,
    );
    call.promise.then(
      (scope) => actor.scopes.push(scope),
      () => {},
    );
  }

  _pages(actor) {
    const limit = this.random.of([7, 15, 25]);
    const paginator = actor.seam.createPaginator(
      actor.seam.devices.list({ limit }),
    );
    if (this.random.chance(0.5)) {
      this.#call(actor, "flattenToArray", () => paginator.flattenToArray());
      return;
    }
    const pause = this.random.between(0, 3 * SECOND);
    this.#call(actor, "nextPage", async () => {
      const items = [];
      let [page, pagination] = await paginator.firstPage();
      items.push(...page);
      while (pagination.hasNextPage) {
        await this.time.sleep(pause);
        [page, pagination] = await paginator.nextPage(
          pagination.nextPageCursor,
        );
        items.push(...page);
      }
      return items;
    });
  }

  _update(actor) {
    if (!(actor instanceof ManualActor)) return;
    const { random, workspace } = this;
    const user = random.of(USERS);
    const token = random.chance(0.2)
      ? workspace.end(user, random)
      : random.of(workspace.alive[user]);
    this.#call(actor, "updateClientSessionToken", () => actor.update(token));
  }

  _signIn(actor) {
    if (actor instanceof FunctionActor) actor.signedIn = this.random.of(USERS);
  }

  _end() {
    this.workspace.end(this.random.of(USERS), this.random);
  }

  _jump() {
    const { random, time } = this;
    const far = random.of([2 * SECOND, 15 * SECOND, 10 * MINUTE, 60 * MINUTE]);
    switch (random.below(3)) {
      case 0:
        return time.jumpWall(-far);
      case 1:
        return time.jumpWall(far);
      default:
        return time.jumpBoth(far);
    }
  }

  _attempt() {
    this.workspace.sandbox.addFault({
      fault: this.random.of(["attempt_hangs", "attempt_fails"]),
      times: 1,
    });
  }

  _weather() {
    this.network.faulty = !this.network.faulty;
  }

  /** Options with a signal that aborts some time, now and then. */
  #signal() {
    if (!this.random.chance(0.15)) return {};
    const controller = new AbortController();
    const reason = new Error("the user went away");
    setTimeout(
      () => controller.abort(reason),
      this.random.between(0, 3 * SECOND),
    );
    return { signal: controller.signal };
  }

  /**
   * Makes a call that must settle once, with a result of a user that the client was meanwhile, or
   * with an error of ours or the reason of its own abort.
   */
  #call(actor, name, start, signal, isLive = false) {
    const allowed = new Set(actor.possible);
    actor.calls.add(allowed);
    const call = { actor, name, settled: 0, state: "pending" };
    const settle = (state, value) => {
      call.settled += 1;
      call.state = state;
      call.value = value;
      actor.calls.delete(allowed);
      this.tally[state] = (this.tally[state] ?? 0) + 1;
    };
    // Begun at once: a request begins when somebody waits for it.
    call.promise = new Promise((resolve, reject) => {
      start().then(resolve, reject);
    });
    call.promise.then(
      (value) => {
        settle("fulfilled", value);
        // What goes on to change is checked as it stands at each moment.
        if (isLive) return;
        const users = this.workspace.usersIn(value);
        const among = [...users].every((it) => allowed.has(it));
        if (users.size > 1 || !among)
          this.wrong(
            `${actor.name}: ${name} gave devices of ${[...users]} to ${[...allowed]}`,
          );
      },
      (error) => {
        settle("rejected", error);
        const isKnown =
          (error instanceof client.SeamError && error.code && error.outcome) ||
          (signal?.aborted && error === signal.reason);
        if (!isKnown)
          this.wrong(`${actor.name}: ${name} failed with ${error?.stack}`);
      },
    );
    this.#calls.push(call);
    return call;
  }

  /** All is well again: then everything settles, and a token function is asked before long. */
  async #recover() {
    const { time } = this;
    this.network.faulty = false;
    this.workspace.sandbox.removeFaults();
    for (const actor of this.actors) {
      actor.isHealthy = true;
      if (actor.pin !== undefined) actor.signedIn = actor.pin;
    }
    await time.pass(2 * MINUTE);
    for (const actor of this.actors) {
      if (!(actor instanceof FunctionActor)) continue;
      actor.last = this.#call(actor, "the last list", () =>
        actor.seam.devices.list(),
      );
    }
    await time.pass(MINUTE);
    for (const { name, last, lists } of this.actors) {
      if (last !== undefined && last.state !== "fulfilled")
        this.wrong(
          `${name} does not work again: ${last.value?.stack ?? last.state}`,
        );
      for (const list of lists) {
        if (list.status.state === "loading")
          this.wrong(`${name}: a list is still loading`);
        list.close();
      }
    }
    await time.pass(10 * MINUTE);
  }

  #judge() {
    for (const { actor, name, settled } of this.#calls) {
      if (settled !== 1)
        this.wrong(`${actor.name}: ${name} settled ${settled} times`);
    }
    for (const action of this.#actions) this.#judgeAction(action);
  }

  #judgeAction({ actor, device_id, user, monotonic, wall, call }) {
    const what = `${actor.name}: ${call.name}`;
    const sent = this.network.log.filter(
      (it) =>
        it.path === "/locks/unlock_door" && it.params?.device_id === device_id,
    );
    const done = sent.filter((it) => it.status === 200);
    this.tally.done = (this.tally.done ?? 0) + done.length;
    if (done.length > 1)
      this.wrong(`${what} was carried out ${done.length} times`);
    for (const [nth, it] of sent.entries()) {
      const late = Math.max(it.monotonic - monotonic, it.wall - wall);
      if (late > LIMIT)
        this.wrong(`${what} was sent ${late} ms after the call`);
      if (user !== undefined && it.user !== user)
        this.wrong(`${what} of user ${user} was sent as user ${it.user}`);
      if (it.user !== sent[0].user)
        this.wrong(`${what} was sent as user ${sent[0].user} and ${it.user}`);
      // Only what was refused for its token is sent once more.
      const isRefused = it.fault === "bare_401" || it.status === 401;
      if (nth < sent.length - 1 && !isRefused)
        this.wrong(`${what} was sent again after ${it.fault} ${it.status}`);
    }
    const { state, value } = call;
    if (state === "fulfilled" && done.length !== 1)
      this.wrong(`${what} succeeded and was carried out ${done.length} times`);
    const says = value instanceof client.SeamError ? value.outcome : undefined;
    if (state === "rejected" && says !== undefined && says !== "unknown") {
      if (done.length > 0)
        this.wrong(`${what} says ${says} and was carried out: ${value.stack}`);
      if (says === "not_sent" && sent.length > 0)
        this.wrong(`${what} says not_sent and was sent: ${value.stack}`);
    }
  }
}
