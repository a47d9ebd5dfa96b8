import { Seam, type Device, type Watch } from "seam-session";

import { act, type Action } from "../../src/action.js";
import { byId, el, setText } from "../../src/dom.js";
import { Filters } from "./filters.js";
import type { Deed } from "./row.js";
import { changesInWords, count, messageOf, statusInWords } from "./status.js";
import { Table } from "./table.js";

/** Ten minutes would be as often as there is news from Seam; here one wants to see some. */
const INTERVAL_MS = 10_000;

let seam: Seam | undefined;
let list: Watch<Device> | undefined;
/** What was last done to each device. */
const deeds = new Map<string, Deed>();

const filters = new Filters(() => {
  table.rewind();
  show();
});
const table = new Table(
  {
    slice: (ids) => list?.slice(ids) ?? [],
    deed: (device_id) => deeds.get(device_id),
  },
  (device, action) => void doIt(device, action),
);

byId("refresh").addEventListener("click", () => void list?.refresh());
byId("stir").addEventListener("click", () => void stir());
void open();

/** Signs in, and watches all that there is to see. */
async function open(): Promise<void> {
  list?.close();
  deeds.clear();
  try {
    const { endpoint, client_session_token } = await post<{
      endpoint: string;
      client_session_token: string;
    }>("/api/manager/session");
    seam = Seam.fromClientSessionToken(client_session_token, { endpoint });
    list = seam.devices.watch({}, { interval: INTERVAL_MS });
    list.subscribe(() => {
      filters.offer((device_type) => list?.ids({ device_type }).length ?? 0);
      show();
    });
    show();
    void follow(list);
  } catch (error) {
    trouble(error);
  }
}

/** Tells of each change, but for the first list. */
async function follow(watched: Watch<Device>): Promise<void> {
  let first = true;
  for await (const changes of watched.changes) {
    if (!first) say(changesInWords(changes, watched.get));
    first = false;
  }
}

function show(): void {
  if (list === undefined) return;
  const { status, size } = list;
  const { state } = status;
  const line = byId("status");
  setText(line, statusInWords(status));
  line.classList.toggle("good", state === "live");
  byId("sheet").setAttribute("aria-busy", String(state === "loading"));
  byId("sheet").classList.toggle("stale", state === "stale");
  const { query } = filters;
  const ids = list.ids(query);
  setText(
    byId("count"),
    state === "loading"
      ? ""
      : query === undefined
        ? count(size)
        : `${ids.length.toLocaleString("en")} of ${count(size)}`,
  );
  table.show(ids);
  showNothing(ids.length === 0 ? state : undefined);
}

/** What stands where no device does: why, and what can be done. */
function showNothing(state: string | undefined): void {
  const place = byId("nothing");
  place.hidden = state === undefined;
  if (state === undefined || place.dataset["of"] === state) return;
  place.dataset["of"] = state;
  const [what, label, mend] = {
    loading: ["Asking for the devices …"] as const,
    stopped: [
      "The session has ended. Nothing of what it saw is kept.",
      "Sign in again",
      () => void open(),
    ] as const,
  }[state] ?? [
    "No device is like that.",
    "Look for all again",
    () => {
      filters.clear();
      show();
    },
  ];
  place.replaceChildren(el("p", {}, what));
  if (label && mend)
    place.append(el("button", { type: "button", click: mend }, label));
}

async function doIt(device: Device, action: Action): Promise<void> {
  const { device_id, display_name } = device;
  if (seam === undefined) return;
  deeds.set(device_id, { action });
  show();
  const outcome = await act(seam, action, device_id, display_name);
  deeds.set(device_id, { action, outcome });
  say(outcome.sentence);
  show();
}

/** Has the back end let something happen, and looks at once. */
async function stir(): Promise<void> {
  const button = byId("stir");
  if (button.getAttribute("aria-disabled") === "true") return;
  button.setAttribute("aria-disabled", "true");
  try {
    await post("/api/manager/stir");
    await list?.refresh();
  } catch (error) {
    trouble(error);
  }
  button.setAttribute("aria-disabled", "false");
}

/** A line at the foot of the page, which a screen reader reads out. */
function say(sentence: string): void {
  const said = byId("said");
  said.append(el("p", {}, sentence));
  if (said.childElementCount > 2) said.firstElementChild?.remove();
}

async function post<T>(path: string): Promise<T> {
  const response = await fetch(path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: "{}",
  });
  const body = (await response.json()) as T & { error?: { message: string } };
  if (!response.ok) throw new Error(body.error?.message ?? "no answer");
  byId("banner").hidden = true;
  return body;
}

function trouble(error: unknown): void {
  const banner = byId("banner");
  banner.hidden = false;
  banner.replaceChildren(
    el("strong", {}, "The demo’s back end did not do it."),
    el(
      "span",
      {},
      `${messageOf(error)}. Is “cargo xtask demo” still running? `,
    ),
    el(
      "button",
      { type: "button", click: () => location.reload() },
      "Try again",
    ),
  );
}
