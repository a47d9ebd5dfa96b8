// A clock in a page that a test can advance, on top of real time.

/**
 * Runs in a page before its own scripts. Defines `clock.pass(ms)`, which advances time and runs the
 * timers that are due, and `clock.sleep(ms)`, for a computer that sleeps: both clocks advance, timers
 * do not. (On some platforms the monotonic clock stops too; then a list fetches at the next event of
 * the page or the network, or when the rest of its wait is over.)
 */
export function installClock(global) {
  const { setTimeout, clearTimeout } = global;
  const { now } = Date;
  const monotonic = performance.now.bind(performance);
  const timers = new Map();
  let passed = 0;
  let slept = 0;
  const awake = () => monotonic() + passed;
  Date.now = () => Math.round(now() + passed + slept);
  performance.now = () => monotonic() + passed + slept;

  const fire = (id) => {
    const { run } = timers.get(id);
    timers.delete(id);
    clearTimeout(id);
    run();
  };
  global.setTimeout = (work, ms = 0, ...rest) => {
    const id = setTimeout(() => fire(id), ms);
    timers.set(id, { due: awake() + ms, run: () => work(...rest) });
    return id;
  };
  global.clearTimeout = (id) => {
    timers.delete(id);
    clearTimeout(id);
  };

  // A timer would take a second in a hidden page.
  const turn = () =>
    new Promise((resolve) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = resolve;
      port2.postMessage(0);
    });

  global.clock = {
    /**
     * Advances time in steps of five seconds, with time for the page's tasks between them, until
     * `ms` have passed or `holds()` is true. Returns how many milliseconds have passed.
     */
    async pass(ms, holds = () => false) {
      let done = 0;
      while (done < ms && !holds()) {
        const step = Math.min(5_000, ms - done);
        passed += step;
        done += step;
        for (const [id, { due }] of [...timers]) {
          if (due <= awake() && timers.has(id)) fire(id);
        }
        await turn();
      }
      return done;
    },
    sleep(ms) {
      slept += ms;
    },
  };
}
