// What calls do under timers that somebody fakes, beside a plain fetch in the same condition, and
// once the real ones are back. It runs in Node, in Jest and in Vitest, so it imports nothing.

const TOKEN = "seam_cst1abcdefgh_secret";

/**
 * `timers` has `install()`, `advance(ms)`, which resolves when so much time has passed, and
 * `restore()`; and `responses: false` or `network: false` where a plain fetch cannot read them.
 * At `endpoint` is a server that lists no devices. Gives `expectedOf(timers)`, if all is well.
 */
export async function underTimers(Seam, timers, at) {
  const {
    install,
    advance,
    restore,
    responses = true,
    network = true,
  } = timers;
  const { setImmediate } = globalThis;
  const { hrtime } = process;
  const now = hrtime.bigint;
  const turn = () => new Promise((resolve) => setImmediate(resolve));

  /** What comes of a promise, as it is known by now. */
  const follow = (promise) => {
    const it = { result: undefined };
    promise.then(
      (value) =>
        (it.result = Array.isArray(value)
          ? "listed"
          : typeof value === "string"
            ? value
            : "done"),
      (error) => (it.result = error?.code ?? error),
    );
    return it;
  };
  /** The same after so many milliseconds of real time, if not before. */
  const outcome = async (promise, ms = 10_000) => {
    const it = follow(promise);
    const until = now() + BigInt(ms) * 1_000_000n;
    while (it.result === undefined && now() < until) await turn();
    return it.result;
  };
  /** The same while time is advanced, `step` milliseconds in each turn. */
  const passing = async (promise, step = 1, ms = 10_000) => {
    const it = follow(promise);
    const until = now() + BigInt(ms) * 1_000_000n;
    while (it.result === undefined && now() < until) {
      await advance(step);
      await turn();
    }
    return it.result;
  };

  const headers = new Headers();
  const text = '{"devices":[],"ok":true}';
  /** No part of it needs a timer or a microtask of anybody's. */
  const answered = async () => ({
    status: 200,
    headers,
    text: async () => text,
  });
  const responded = async () => new Response(text);
  const client = (fetch, options) =>
    Seam.fromClientSessionToken(TOKEN, {
      endpoint: at,
      maxRetries: 0,
      ...(fetch && { fetch }),
      ...options,
    });
  const list = (fetch, options, request) =>
    client(fetch, options).devices.list({}, request).execute();
  const plainly = async (fetch) => {
    const response = await fetch(`${at}/devices/list`, { method: "POST" });
    return JSON.parse(await response.text()).devices;
  };
  /** What comes of a plain fetch, and of a call beside it. */
  const beside = async (fetch) => {
    // Where neither can end, a second has to do.
    const ms = fetch || network ? 10_000 : 1_000;
    const plain = passing(plainly(fetch ?? globalThis.fetch), 1, ms);
    const call = passing(list(fetch), 1, ms);
    return [await plain, await call];
  };
  const waiting = () => {
    let polls = 0;
    return async (request) => ({
      status: 200,
      headers,
      text: async () =>
        JSON.stringify({
          ok: true,
          action_attempt: {
            action_attempt_id: "a-1",
            status:
              request.url.endsWith("/get") && (polls += 1) > 1
                ? "success"
                : "pending",
          },
        }),
    });
  };
  const unlock = () =>
    client(waiting())
      .locks.unlockDoor(
        { device_id: "d" },
        { waitForActionAttempt: { pollingInterval: 100, timeout: 5_000 } },
      )
      .then(({ status }) => status);
  /** Knows its own session too. */
  const whole = async ({ url }) => {
    const session = '{"client_session":{"client_session_id":"s"},"ok":true}';
    const isSession = url.endsWith("/client_sessions/get");
    return {
      ...(await answered()),
      text: async () => (isSession ? session : text),
    };
  };
  const watched = () => {
    let rounds = 0;
    let heard = 0;
    const watch = client((request) => {
      if (request.url.endsWith("/devices/list")) rounds += 1;
      return whole(request);
    }).devices.watch({}, { interval: 1_000 });
    watch.subscribe(() => (heard += 1));
    const until = async (holds) => {
      while (!holds()) await turn();
      return "done";
    };
    return {
      live: () => until(() => watch.status.state === "live" && heard > 0),
      again: () => {
        const before = rounds;
        return until(() => rounds > before);
      },
      refresh: () => watch.refresh(),
      close: () => watch.close(),
    };
  };
  const never = () => new Promise(() => {});
  const failingOnce = () => {
    let tries = 0;
    return async () => ({
      ...(await answered()),
      status: (tries += 1) < 2 ? 503 : 200,
    });
  };

  install();
  const result = {};
  try {
    // First of all, so that also what is loaded at the first call is loaded under them.
    result.answered = await outcome(list(answered));
    if (responses) result.responded = await beside(responded);
    result.network = await beside();
    // What watching needs is imported then.
    result.imported = await passing(import("node:assert"));
    const kept = watched();
    result.watched = await passing(kept.live());
    result.polled = await passing(kept.again(), 100);
    const scoped = client(whole);
    result.scoped = await passing(scoped.scope());
    const renewed = Seam.fromClientSessionToken(async () => TOKEN, {
      endpoint: at,
      fetch: whole,
    });
    result.asked = await passing(renewed.devices.list().execute());
    result.changed = await passing(
      scoped.updateClientSessionToken(`${TOKEN}2`),
    );
    result.unlocked = await passing(unlock(), 50);
    result.timedOut = await passing(list(never, { timeout: 200 }));
    result.retried = await passing(list(failingOnce(), { maxRetries: 1 }), 100);
    const controller = new AbortController();
    const aborted = outcome(list(never, {}, { signal: controller.signal }));
    controller.abort("aborted");
    result.aborted = await aborted;

    // What was begun under them ends when they are gone.
    let answer;
    const begun = list(() => new Promise((resolve) => (answer = resolve)));
    // So does what waits for a timer: an attempt that is pending, a retry, a timeout, the limit of a
    // token function, and a list that is polled.
    const stuck = {
      unlock: unlock(),
      retry: list(failingOnce(), { maxRetries: 1 }),
      timeout: list(never, { timeout: 100 }),
      token: Seam.fromClientSessionToken(never, {
        endpoint: at,
        fetch: whole,
        timeout: 100,
      })
        .devices.list()
        .execute(),
      poll: kept.again(),
    };
    for (const promise of Object.values(stuck)) promise.catch(() => {});
    for (let left = 100; left > 0; left -= 1) await turn();
    restore();
    result.stuck = {};
    for (const [name, promise] of Object.entries(stuck)) {
      result.stuck[name] = await outcome(promise);
    }
    answer?.(await answered());
    result.begun = await outcome(begun);
    const afterwards = await Promise.all([
      outcome(list(answered)),
      outcome(list(responded)),
      outcome(list()),
      outcome(unlock()),
      outcome(kept.refresh().then(kept.live)),
      outcome(list(never, { timeout: 20 })),
    ]);
    kept.close();
    result.afterwards = afterwards;
  } finally {
    restore();
  }
  return result;
}

/** What `underTimers` gives when all is well; plain fetches make the same of it. */
export function expectedOf({ responses = true, network = true }) {
  const done = (holds) => (holds ? "listed" : undefined);
  return {
    answered: "listed",
    ...(responses && { responded: ["listed", "listed"] }),
    network: [done(network), done(network)],
    imported: "done",
    watched: "done",
    polled: "done",
    scoped: "done",
    asked: "listed",
    changed: "done",
    unlocked: "success",
    timedOut: "timeout",
    retried: "listed",
    aborted: "aborted",
    stuck: {
      unlock: "success",
      retry: "listed",
      timeout: "timeout",
      token: "no_token",
      poll: "done",
    },
    begun: "listed",
    afterwards: ["listed", "listed", "listed", "success", "done", "timeout"],
  };
}
