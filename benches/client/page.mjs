// The page of who manages ten thousand devices, on a processor four times slower:
// its longest task beside what JSON.parse of the same list takes there.
import { readFileSync } from "node:fs";

import { startDemo } from "../../tests/support/demo.mjs";
import { longestTask } from "./trace.mjs";

const ROUNDS = 7;

const median = (list) => list.toSorted((x, y) => x - y)[list.length >> 1];

/** Measures in `browser`; `body` is the path of the list. */
export async function onSlowPhone(browser, body) {
  const demo = await startDemo(undefined, { devices: 10_000 });
  const context = await browser.newContext({
    viewport: { width: 390, height: 780 },
  });
  try {
    const page = await context.newPage();
    const cdp = await context.newCDPSession(page);
    await page.goto(demo.address);
    await page.getByText("Live", { exact: true }).waitFor();
    await cdp.send("Emulation.setCPUThrottlingRate", { rate: 4 });
    await page.evaluate(
      (text) => (globalThis.listText = text),
      readFileSync(body, "utf8"),
    );
    const rounds = [];
    for (let nth = 0; nth < ROUNDS; nth += 1) {
      const round = {};
      for (const [name, act] of Object.entries(ACTS)) {
        round[name] = await longestTask(cdp, () => page.evaluate(act));
      }
      rounds.push(round);
    }
    const ratio = (what) =>
      median(rounds.map((round) => round[what] / round.parse));
    return {
      "slow phone: parse alone, ms": median(rounds.map(({ parse }) => parse)),
      "slow phone: longest task of a round / parse alone": ratio("refresh"),
      "slow phone: longest task of a fling / parse alone": ratio("fling"),
      "slow phone: longest task of typing / parse alone": ratio("type"),
    };
  } finally {
    await context.close();
    await demo.stop();
  }
}

/** What is done in the page. */
const ACTS = {
  parse() {
    JSON.parse(globalThis.listText);
  },
  async refresh() {
    const said = new Promise((resolve) =>
      new MutationObserver(resolve).observe(document.getElementById("said"), {
        childList: true,
      }),
    );
    document.getElementById("stir").click();
    await said;
  },
  async fling() {
    const grid = document.getElementById("devices");
    for (let frame = 0; frame < 90; frame += 1) {
      grid.scrollTop += 200;
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
  },
  async type() {
    const text = document.getElementById("text");
    for (const value of ["g", "ga", "gar", "garage 1", "door", ""]) {
      text.value = value;
      text.dispatchEvent(new Event("input", { bubbles: true }));
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
  },
};
