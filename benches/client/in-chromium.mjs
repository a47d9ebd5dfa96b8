// The same measurements in headless Chromium, each in a page of its own.
import { createServer } from "node:http";
import { once } from "node:events";
import { readFileSync } from "node:fs";

import { CHROMIUM_ARGUMENTS } from "../../tests/support/browser.mjs";
import { root } from "./fixture.mjs";

const { chromium } = await import(
  `${root}tests/node_modules/playwright-core/index.mjs`
);

/** Gives a function that measures one thing, and one that ends it all. */
export async function inChromium(script, bodies) {
  const files = {
    "/": ["text/html", "<!doctype html><title>bench</title>"],
    "/bench.js": ["text/javascript", readFileSync(script)],
    "/0": ["application/json", readFileSync(bodies[0])],
    "/1": ["application/json", readFileSync(bodies[1])],
  };
  const server = createServer(({ url }, response) => {
    const [type, content] = files[url] ?? ["text/plain", ""];
    response.writeHead(200, { "content-type": type }).end(content);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
    args: [
      ...CHROMIUM_ARGUMENTS,
      "--js-flags=--expose-gc",
      "--enable-precise-memory-info",
    ],
  });

  async function measure(what) {
    const context = await browser.newContext();
    const page = await context.newPage();
    try {
      await page.goto(`http://127.0.0.1:${server.address().port}/`);
      return await page.evaluate(inPage, what);
    } finally {
      await context.close();
    }
  }

  async function close() {
    await browser.close();
    server.closeAllConnections();
    server.close();
  }
  return { measure, close, version: browser.version() };
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
  const { times, memory } = await import("/bench.js");
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
