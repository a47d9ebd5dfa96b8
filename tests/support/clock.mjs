// A clock in a page that a test can advance, on top of real time.

/**
 * To be run in a page before its own scripts. Gives `clock.pass(ms)`, which runs
 * the timers that are due by then, and `clock.sleep(ms)`, in which a computer
 * sleeps: both clocks go on, timers do not. (On some platforms the monotonic clock sleeps too; then
 * a list asks at the next event of the page or the network, or when the rest of its wait is over.)
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

  // A timer would wait for a second in a page that is hidden.
  const turn = () =>
    new Promise((resolve) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = resolve;
      port2.postMessage(0);
    });

  global.clock = {
    /**
     * Passes so many milliseconds in steps of five seconds, between which the
     * page does what it has to; no further once `holds`. Gives how many it were.
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
