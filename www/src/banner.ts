import { byId, el } from "./dom.js";

/** What may be missing, the worse first, and what to do about it. */
const TROUBLES = {
  backEnd: [
    "The demo’s back end does not answer.",
    "Start it with “cargo xtask demo”. Until then nothing can be granted; this page goes on by itself.",
  ],
  sandbox: [
    "The sandbox does not answer.",
    "What is shown may be out of date. End the demo with Ctrl-C and start “cargo xtask demo” again; this page goes on by itself.",
  ],
};

export type Trouble = keyof typeof TROUBLES;

const present = new Set<Trouble>();
let shown: Trouble | undefined;

/** Shows or takes away a trouble; only the worst is told. */
export function setTrouble(trouble: Trouble, isThere: boolean): void {
  if (isThere) present.add(trouble);
  else present.delete(trouble);
  const banner = byId("banner");
  const worst = (["backEnd", "sandbox"] as const).find((it) => present.has(it));
  if (worst === shown) return;
  shown = worst;
  banner.hidden = worst === undefined;
  const [what = "", remedy = ""] = worst === undefined ? [] : TROUBLES[worst];
  banner.replaceChildren(el("strong", {}, what), el("span", {}, remedy));
}
