// The same measurements in headless Chromium, each in a page of its own.
import { CHROMIUM_ARGUMENTS } from "../../tests/support/browser.mjs";
import { root } from "./fixture.mjs";

const { chromium } = await import(
  `${root}tests/node_modules/playwright-core/index.mjs`
);

/** Gives a function that measures one thing, and one that ends it all. */
export async function inChromium(origin) {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
    args: [
      ...CHROMIUM_ARGUMENTS,
      "--js-flags=--expose-gc",
      "--enable-precise-memory-info",
    ],
  });
  const system = await browser.newBrowserCDPSession();

  /** Milliseconds of the processor that pages have taken, all their threads together. */
  async function cpu() {
    const { processInfo } = await system.send("SystemInfo.getProcessInfo");
    return processInfo
      .filter(({ type }) => type === "renderer")
      .reduce((sum, { cpuTime }) => sum + cpuTime * 1_000, 0);
  }

  async function measure(what) {
    const context = await browser.newContext();
    const page = await context.newPage();
    try {
      await page.exposeFunction("cpu", cpu);
      await page.goto(origin);
      return await page.evaluate(inPage, what);
    } finally {
      await context.close();
    }
  }
  return {
    browser,
    measure,
    close: () => browser.close(),
    version: browser.version(),
  };
}

async function inPage(what) {
  const memories = [];
  const { Memory } = WebAssembly;
  const { Instance } = WebAssembly;
  // The heap's size does not count WebAssembly's memory.
  WebAssembly.Instance = function (...given) {
    const made = new Instance(...given);
    for (const it of Object.values(made.exports)) {
      if (it instanceof Memory) memories.push(it);
    }
    return made;
  };
  const calls = await import("/calls.js");
  if (what in calls) return calls[what](location.origin, globalThis.cpu);
  const { times, memory } = await import("/refresh.js");
  const fetchBytes = async (nth) =>
    new Uint8Array(await (await fetch(`/${nth}`)).arrayBuffer());
  if (what === "times") {
    return times([await fetchBytes(0), await fetchBytes(1)], 40);
  }
  const inPieces = async function* (nth) {
    const reader = (await fetch(`/${nth}`)).body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  };
  const live = async () => {
    for (let nth = 0; nth < 3; nth += 1) {
      await new Promise((resolve) => setTimeout(resolve));
      globalThis.gc();
    }
    const wasm = memories.reduce((sum, it) => sum + it.buffer.byteLength, 0);
    return performance.memory.usedJSHeapSize + wasm;
  };
  return memory[what](inPieces, live);
}
