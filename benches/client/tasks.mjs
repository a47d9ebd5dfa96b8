// The longest task of the page's main thread when the client takes a watched list
// of 20 pages that comes again with 1 % changed, up to its whole snapshot, beside
// that of JSON.parse of the same list.
import { longestTask } from "./trace.mjs";

const ROUNDS = 11;

const median = (list) => list.toSorted((x, y) => x - y)[list.length >> 1];

/** Measures in `browser` what `origin` serves. */
export async function inTasks(browser, origin) {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    const cdp = await context.newCDPSession(page);
    await page.goto(origin);
    await page.evaluate(begin);
    const ratios = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const parse = await longestTask(cdp, () => page.evaluate(parsed));
      await page.evaluate((to) => fetch(`/turn?to=${to}`), (round + 1) % 2);
      const ours = await longestTask(cdp, () => page.evaluate(refreshed));
      ratios.push(ours / parse);
    }
    return { "20 pages: longest task / parse alone": median(ratios) };
  } finally {
    await context.close();
  }
}

async function begin() {
  const { watched } = await import("/calls.js");
  await fetch("/turn?to=0");
  globalThis.list = watched(location.origin);
  await globalThis.list.refresh();
  // As what renders does: a changed device makes a new array at once.
  globalThis.list.subscribe(() => globalThis.list.getSnapshot());
  globalThis.before = globalThis.list.getSnapshot();
  globalThis.text = await (await fetch("/0")).text();
}

function parsed() {
  JSON.parse(globalThis.text);
}

async function refreshed() {
  const { list, before } = globalThis;
  await list.refresh();
  const after = list.getSnapshot();
  const same = after.filter((it, nth) => it === before[nth]).length;
  if (same !== 9_900) throw new Error(`${same} are the same objects`);
  globalThis.before = after;
}
