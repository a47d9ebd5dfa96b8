// The client over loopback beside plain fetch and JSON.parse, in turn: one small
// call, a list in one body, a watched list in pages. Runs in Node and in a page.
import { SeamHttp } from "@seamapi/http";
import { replaceEqualDeep } from "@tanstack/query-core";

import { Seam } from "../../pkg/dist/index.js";

const TOKEN = "seam_cst1bench_bench";
const COUNT = 10_000;

const median = (list) => list.toSorted((x, y) => x - y)[list.length >> 1];

/** What somebody writes who takes no client. */
async function plain(origin, path, params) {
  const response = await fetch(origin + path, {
    method: "POST",
    headers: {
      authorization: `Bearer ${TOKEN}`,
      "content-type": "application/json",
    },
    body: JSON.stringify(params),
  });
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return JSON.parse(await response.text());
}

/**
 * Runs them in turn, `rounds` times, each time another one first; gives for each
 * the median of what `clock` counts, and of its ratios to the last one's.
 */
async function inTurn(runs, rounds, clock, warm = 3) {
  const counts = runs.map(() => []);
  for (let round = -warm; round < rounds; round += 1) {
    for (let nth = 0; nth < runs.length; nth += 1) {
      const which = (nth + round + runs.length * warm) % runs.length;
      const before = await clock();
      await runs[which](round + warm);
      const spent = (await clock()) - before;
      if (round >= 0) counts[which].push(spent);
    }
  }
  const base = counts.at(-1);
  return counts.map((list) => ({
    ms: median(list),
    ratio: median(list.map((it, nth) => it / base[nth])),
  }));
}

const now = () => performance.now();

function clients(origin) {
  return [
    Seam.fromClientSessionToken(TOKEN, { endpoint: origin }),
    SeamHttp.fromClientSessionToken(TOKEN, { endpoint: origin }),
  ];
}

/** One `devices.get`. */
export async function small(origin) {
  const [seam, official] = clients(origin);
  const { device } = await plain(origin, "/devices/get", {});
  const params = { device_id: device.device_id };
  const check = ({ device_id }) => {
    if (device_id !== params.device_id) throw new Error("another device");
  };
  const [ours, theirs, fetches] = await inTurn(
    [
      async () => check(await seam.devices.get(params)),
      async () => check(await official.devices.get(params)),
      async () => check((await plain(origin, "/devices/get", params)).device),
    ],
    600,
    now,
    30,
  );
  return {
    "one small call: plain fetch, ms": fetches.ms,
    "one small call: ours / plain fetch": ours.ratio,
    "one small call: official SDK / plain fetch": theirs.ratio,
  };
}

/** The whole list in one body, as plain objects. */
export async function list(origin) {
  const [seam, official] = clients(origin);
  const params = { limit: COUNT };
  const check = ({ length }) => {
    if (length !== COUNT) throw new Error(`${length} devices`);
  };
  const [ours, theirs, parsed] = await inTurn(
    [
      async () => check(await seam.devices.list(params)),
      async () => check(await official.devices.list(params)),
      async () => check((await plain(origin, "/devices/list", params)).devices),
    ],
    25,
    now,
  );
  return {
    "list in one body: fetch and parse, ms": parsed.ms,
    "list in one body: ours / fetch and parse": ours.ratio,
    "list in one body: official SDK / fetch and parse": theirs.ratio,
  };
}

/** A list of the client's that comes again only when it is refreshed. */
export function watched(origin) {
  const [seam] = clients(origin);
  return seam.devices.watch({}, { interval: 2 ** 31 });
}

/** A watched list of 20 pages that comes again, by `cpu`, milliseconds of the processor. */
export async function pages(origin, cpu) {
  const list = watched(origin);
  const turn = async (round) => {
    await (await fetch(`${origin}/turn?to=${round % 2}`)).text();
  };
  let mine = [];
  let theirs;
  const check = (before, after) => {
    const same = after.filter((it, nth) => it === before[nth]).length;
    if (after.length !== COUNT || (before.length > 0 && same !== 0.99 * COUNT))
      throw new Error(`${same} of ${after.length} are the same objects`);
    return after;
  };
  const [ours, share] = await inTurn(
    [
      async (round) => {
        await turn(round);
        await list.refresh();
        mine = check(mine, list.getSnapshot());
      },
      async (round) => {
        await turn(round);
        const all = [];
        let page_cursor;
        do {
          const params = page_cursor === undefined ? {} : { page_cursor };
          const page = await plain(origin, "/devices/list", params);
          all.push(...page.devices);
          page_cursor = page.pagination.next_page_cursor;
        } while (page_cursor !== null);
        const before = theirs ?? [];
        theirs = check(before, replaceEqualDeep(theirs, all));
      },
    ],
    16,
    cpu,
    2,
  );
  list.close();
  return {
    "20 pages: parse and share, ms of processor": share.ms,
    "20 pages: ours / parse and share": ours.ratio,
  };
}
