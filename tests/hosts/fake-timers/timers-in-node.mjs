// node timers-in-node.mjs NAME ENDPOINT: prints what calls do under the timers of that name.
import { mock } from "node:test";
import { createRequire } from "node:module";
import { setTimeout as sleep } from "node:timers/promises";

import { Seam } from "../../support/installed.mjs";
import { underTimers } from "./timers.mjs";

/** Sinon's, which fake what is given; all that there is, if nothing is. */
const sinon = (options) => async () => {
  const { useFakeTimers } = (await import("sinon")).default;
  const passes = !(options?.toFake ?? ["setTimeout"]).includes("setTimeout");
  let clock;
  return {
    install: () => (clock = useFakeTimers(options)),
    async advance(ms) {
      await clock.tickAsync(ms);
      if (passes) await sleep(ms);
    },
    restore: () => clock.restore(),
    // Node's own `Response` never reads a body of its own while this realm's `queueMicrotask`
    // keeps its jobs: it asks for one microtask after the other, and the process does nothing else.
    responses: options !== undefined && !fakesMicrotasks(options),
  };
};

const fakesMicrotasks = ({ toFake }) =>
  toFake?.includes("queueMicrotask") ?? true;

export const TIMERS = {
  "real timers": async () => ({
    install() {},
    advance: (ms) => sleep(ms),
    restore() {},
  }),
  "Sinon's timers": sinon(),
  "Sinon's timers that advance by themselves": sinon({
    shouldAdvanceTime: true,
  }),
  "Sinon's setTimeout alone": sinon({ toFake: ["setTimeout", "clearTimeout"] }),
  "Sinon's clocks": sinon({
    toFake: ["setTimeout", "clearTimeout", "Date", "performance", "hrtime"],
  }),
  "Sinon's queueMicrotask alone": sinon({ toFake: ["queueMicrotask"] }),
  "Sinon's nextTick alone": sinon({ toFake: ["nextTick"] }),
  "Jest's timers outside of Jest": async () => {
    const { ModernFakeTimers } = createRequire(import.meta.url)(
      "@jest/fake-timers",
    );
    const timers = new ModernFakeTimers({
      config: { rootDir: "/", fakeTimers: {}, testMatch: [] },
      global: globalThis,
    });
    return {
      install: () => timers.useFakeTimers(),
      advance: (ms) => timers.advanceTimersByTimeAsync(ms),
      restore: () => timers.useRealTimers(),
      responses: false,
    };
  },
  "the timers of node:test": async () => ({
    install: () =>
      mock.timers.enable({
        apis: ["setTimeout", "setInterval", "setImmediate", "Date"],
      }),
    advance: async (ms) => mock.timers.tick(ms),
    restore: () => mock.timers.reset(),
  }),
  "a queueMicrotask that drops its jobs": async () => {
    const { queueMicrotask } = globalThis;
    return {
      install: () => (globalThis.queueMicrotask = () => {}),
      advance: (ms) => sleep(ms),
      restore: () => (globalThis.queueMicrotask = queueMicrotask),
      responses: false,
      network: false,
    };
  },
};

const [name, endpoint] = process.argv.slice(2);
if (name !== undefined) {
  const timers = await TIMERS[name]();
  const result = await underTimers(Seam, timers, endpoint);
  process.stdout.write(JSON.stringify(result), () => process.exit());
}
