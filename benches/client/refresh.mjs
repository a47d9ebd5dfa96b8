// A list of 10,000 devices that comes again with one in a hundred changed, from
// bytes in memory to a snapshot whose unchanged devices are the same objects:
// ours; JSON.parse with TanStack Query's structural sharing; JSON.parse alone.
// Runs in Node and in a page.
import { replaceEqualDeep } from "@tanstack/query-core";

import { compile, makeLive, Snapshot, Store } from "../../pkg/dist/live.js";

/** A body is read in pieces of so many bytes, as the client reads it. */
const PIECE = 262_144;

/** A page's clock tells no less than a tenth of a millisecond, so a query is made so often. */
const FINDS = 50;

const decoder = new TextDecoder();
const module = await compile();

function ours() {
  const store = new Store(makeLive(module), "device_id");
  const snapshot = new Snapshot(store);
  return {
    store,
    begin: () => store.begin("devices"),
    feed(bytes) {
      for (let at = 0; at < bytes.length; at += PIECE) {
        store.feed(bytes.subarray(at, at + PIECE));
      }
    },
    end() {
      store.endPage();
      store.commit();
      snapshot.update();
      return snapshot.all();
    },
    take(bytes) {
      this.begin();
      this.feed(bytes);
      return this.end();
    },
  };
}

const parse = (bytes) => JSON.parse(decoder.decode(bytes)).devices;

function shared() {
  let before;
  return {
    take: (bytes) => (before = replaceEqualDeep(before, parse(bytes))),
  };
}

const median = (list) => list.toSorted((x, y) => x - y)[list.length >> 1];

function timed(act) {
  const start = performance.now();
  const result = act();
  return [performance.now() - start, result];
}

/** That what is measured is done. */
function check(before, after, plain) {
  const same = after.filter((it, nth) => it === before[nth]).length;
  if (after.length !== plain.length || same !== plain.length * 0.99) {
    throw new Error(`${same} of ${after.length} are the same objects`);
  }
}

/** Milliseconds, and medians of the ratios of runs that were made in turn. */
export function times(bodies, runs) {
  const list = ours();
  const tanstack = shared();
  let [mine, theirs] = [list.take(bodies[0]), tanstack.take(bodies[0])];
  const found = {
    ours: [],
    tasks: [],
    share: [],
    alone: [],
    longest: [],
    find: [],
  };
  for (let nth = 1; nth <= runs; nth += 1) {
    const bytes = bodies[nth % 2];
    const [alone, plain] = timed(() => parse(bytes));
    const [share, shares] = timed(() => tanstack.take(bytes));
    // In turn with one whose work is done in pieces of a megabyte, each a task.
    if (nth % 2 === 1) {
      const [time, next] = timed(() => list.take(bytes));
      found.ours.push([time, share, alone]);
      check(mine, next, plain);
      mine = next;
    } else {
      const tasks = [];
      list.begin();
      for (let at = 0; at < bytes.length; at += 2 ** 20) {
        const piece = bytes.subarray(at, at + 2 ** 20);
        tasks.push(timed(() => list.feed(piece))[0]);
      }
      const [time, next] = timed(() => list.end());
      found.longest.push([Math.max(time, ...tasks), alone]);
      check(mine, next, plain);
      mine = next;
    }
    check(theirs, shares, plain);
    theirs = shares;
    const query = {
      online: true,
      can: ["can_remotely_unlock"],
      text: "garage",
    };
    const [find] = timed(() => {
      for (let again = 0; again < FINDS; again += 1) {
        const slots = list.store.find(query);
        if (slots.length === 0) throw new Error("nothing was found");
      }
    });
    found.find.push(find / FINDS);
  }
  const at = (rows, nth) => median(rows.map((row) => row[nth]));
  const ratio = (rows, nth) => median(rows.map((row) => row[0] / row[nth]));
  return {
    "ours, ms": at(found.ours, 0),
    "parse and share, ms": at(found.ours, 1),
    "parse alone, ms": at(found.ours, 2),
    "find, µs": median(found.find) * 1_000,
    "ours / parse and share": ratio(found.ours, 1),
    "ours / parse alone": ratio(found.ours, 2),
    "longest task / parse alone": ratio(found.longest, 1),
  };
}

/**
 * The most that is alive at a time in a refresh, in bytes above what is there
 * before. The body arrives in pieces of 64 KB; `live()` collects garbage and
 * gives what is left.
 */
export const memory = {
  async ours(fetchBody, live) {
    const list = ours();
    const take = async (nth) => {
      list.begin();
      let most = 0;
      let pieces = 0;
      for await (const piece of fetchBody(nth)) {
        list.feed(piece);
        if ((pieces += 1) % 64 === 0) most = Math.max(most, await live());
      }
      const before = await live();
      const snapshot = list.end();
      return [Math.max(most, before, await live()), snapshot];
    };
    return peak(take, live);
  },
  async share(fetchBody, live) {
    let devices;
    const take = async (nth) => {
      let text = "";
      const stream = new TextDecoder();
      for await (const piece of fetchBody(nth)) {
        text += stream.decode(piece, { stream: true });
      }
      const next = JSON.parse(text).devices;
      // The text and both trees: a function that is running keeps them.
      const most = await live();
      devices = replaceEqualDeep(devices, next);
      return [most + 0 * text.length * next.length, devices];
    };
    return peak(take, live);
  },
};

async function peak(take, live) {
  const before = await live();
  await take(0);
  const [most, snapshot] = await take(1);
  if (snapshot.length !== 10_000) throw new Error(`${snapshot.length} devices`);
  return most - before;
}
