// Thousands of calls with every outcome, in Node and in a page, for tests of memory leaks.

const json = (body, status = 200) =>
  new Response(JSON.stringify(body), { status });
const attempt = (status) =>
  json({
    action_attempt: { action_attempt_id: "1", status, result: {}, error: null },
    ok: true,
  });
const never = () => new Promise(() => {});

/**
 * The outcomes of calls, in turn: the name of each, and its `fetch`, which gets the call's controller,
 * the number of the attempt, and the request.
 */
const FATES = [
  ["answered", () => json({ devices: [{ device_id: "1" }], ok: true })],
  [
    "device_not_found",
    () => json({ error: { type: "device_not_found", message: "" } }, 404),
  ],
  ["network_error", () => Promise.reject(new TypeError("unreachable"))],
  ["timeout", never],
  ["aborted before", undefined],
  [
    "aborted during",
    (controller) => {
      controller.abort("aborted during");
      return never();
    },
  ],
  [
    "aborted reading",
    // Like a body over the network: pulled when it is read, ended by an abort.
    (controller, _, { signal }) =>
      new Response(
        new ReadableStream(
          {
            start: (body) =>
              signal.addEventListener("abort", () => body.error("aborted")),
            pull() {
              controller.abort("aborted reading");
              return never();
            },
          },
          { highWaterMark: 0 },
        ),
      ),
  ],
  ["polled", (_, nth) => attempt(nth === 1 ? "pending" : "success")],
];

/** One call in this many traps, after which there is a new instance of the module. */
const TRAP_EVERY = 2_400;

/**
 * Tracks the instances that are created from now on without keeping them alive. Returns a function
 * that returns the bytes of memory of each instance that is still alive.
 */
export function watchMemories(global) {
  const { Instance } = global.WebAssembly;
  const memories = [];
  global.WebAssembly.Instance = function (module, imports) {
    const instance = new Instance(module, imports);
    for (const it of Object.values(instance.exports)) {
      if (it instanceof global.WebAssembly.Memory)
        memories.push(new WeakRef(it));
    }
    return instance;
  };
  return () =>
    memories.flatMap((memory) => memory.deref()?.buffer.byteLength ?? []);
}

/** Returns a signal that outlives every call, with a count of its listeners. */
export function longLivedSignal() {
  const { signal } = new AbortController();
  const add = signal.addEventListener;
  const remove = signal.removeEventListener;
  const count = { most: 0, now: 0 };
  signal.addEventListener = function (...args) {
    count.now += 1;
    count.most = Math.max(count.most, count.now);
    return add.apply(signal, args);
  };
  signal.removeEventListener = function (...args) {
    count.now -= 1;
    return remove.apply(signal, args);
  };
  return { signal, count };
}

/**
 * Makes `number` calls one after the other, with `signal` where they are not aborted; `trap` is the
 * result of installTrap. Returns how many calls had each outcome, and those with an unexpected one.
 */
export async function manyCalls(Seam, trap, signal, number) {
  const ended = {};
  const wrong = [];
  for (let nth = 1; nth <= number; nth += 1) {
    const trapped = nth % TRAP_EVERY === 0;
    const [fate, answer] = FATES[trapped ? 0 : nth % FATES.length];
    trap.armed = trapped;
    const end = await oneCall(Seam, fate, answer, signal);
    trap.armed = false;
    ended[end] = (ended[end] ?? 0) + 1;
    const expected = trapped ? "client_crashed" : fate;
    if (end !== expected) wrong.push(`${nth}: ${end} for ${expected}`);
  }
  return { ended, wrong };
}

async function oneCall(Seam, fate, answer, longLived) {
  const controller = new AbortController();
  let nth = 0;
  const seam = Seam.fromClientSessionToken("seam_cst1abc_def", {
    endpoint: "https://seam.test",
    maxRetries: 0,
    timeout: fate === "timeout" ? 1 : 60_000,
    fetch: async (request) => answer(controller, (nth += 1), request),
  });
  if (fate === "aborted before") controller.abort(fate);
  const options = {
    signal: fate.startsWith("aborted") ? controller.signal : longLived,
    waitForActionAttempt: { pollingInterval: 1 },
  };
  const call =
    fate === "polled"
      ? seam.locks.unlockDoor({ device_id: "1" }, options)
      : seam.devices.list({}, options);
  try {
    await call;
    return fate === "polled" ? fate : "answered";
  } catch (error) {
    return error.code ?? error;
  }
}
