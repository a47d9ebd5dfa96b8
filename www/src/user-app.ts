import {
  Seam,
  SeamHttpNetworkError,
  SeamHttpUnauthorizedError,
  type Device,
} from "seam-session";

import { act, type Action, type Outcome } from "./action.js";
import { DeviceRow } from "./device-row.js";
import { el, setText } from "./dom.js";
import { icon } from "./icons.js";
import { Poll } from "./poll.js";

const POLL_MS = 1_000;
const LOG_LENGTH = 4;

/** All that an app is given. */
export interface Credentials {
  endpoint: string;
  clientSessionToken: string;
}

/** What an app tells the page around it. */
export interface Listeners {
  /** Whether the last request was answered. */
  connected(yes: boolean): void;
  /** The session is over: the user has to log in again. */
  sessionEnded(): void;
}

/**
 * One user's app. It knows an endpoint and its own client session token, and
 * nothing of the workspace, the API key or the other user.
 */
export class UserApp {
  readonly element: HTMLElement;

  readonly #user: string;
  readonly #listeners: Listeners;
  readonly #poll: Poll;
  readonly #rows = new Map<string, DeviceRow>();
  readonly #heading: HTMLHeadingElement;
  readonly #live = el("p", { class: "live" }, "Connecting");
  readonly #list = el("ul", { class: "devices" });
  readonly #empty: HTMLElement;
  readonly #log = el("ol", { class: "log", role: "log" });
  #seam: Seam;

  constructor(
    user: { key: string; name: string; role: string },
    credentials: Credentials,
    listeners: Listeners,
  ) {
    this.#user = user.name;
    this.#listeners = listeners;
    this.#seam = connect(credentials);
    const id = `app-${user.key}`;
    this.#heading = el("h3", { id, tabindex: "-1" }, `${user.name}’s app`);
    this.#log.setAttribute("aria-label", `What happened in ${user.name}’s app`);
    this.#empty = el(
      "div",
      { class: "empty", hidden: true },
      icon("key"),
      el("p", {}, "Nothing granted yet"),
      el("p", {}, "When the back end grants a device, it appears here."),
    );
    this.element = el(
      "article",
      { class: `app ${user.key}`, "aria-labelledby": id, "aria-busy": "true" },
      el(
        "header",
        {},
        el(
          "span",
          { class: "face", "aria-hidden": "true" },
          user.name[0] ?? "",
        ),
        el("div", {}, this.#heading, el("p", { class: "role" }, user.role)),
        this.#live,
      ),
      this.#list,
      this.#empty,
      this.#log,
    );
    this.#poll = new Poll((signal) => this.#refresh(signal), POLL_MS);
    this.#poll.now();
  }

  /** Goes on with a new session, when the list is asked for next. */
  renew(credentials: Credentials): void {
    this.#seam = connect(credentials);
  }

  /** Tries to unlock a device by its id, whether this user was granted it or not. */
  tryDoor(device_id: string, name: string): Promise<Outcome> {
    return act(this.#seam, "unlock", device_id, name);
  }

  async #refresh(signal: AbortSignal): Promise<void> {
    let devices: Device[];
    try {
      devices = await this.#seam.devices.list({}, { signal });
    } catch (error) {
      if (!signal.aborted) this.#failed(error);
      return;
    }
    // A list that was asked for before a newer one says nothing any more.
    if (signal.aborted) return;
    this.#listeners.connected(true);
    this.#show("Live", true);
    this.#showDevices(devices);
  }

  #failed(error: unknown): void {
    if (error instanceof SeamHttpUnauthorizedError) {
      this.#show("Signed out", false);
      this.#listeners.sessionEnded();
      return;
    }
    const silent = error instanceof SeamHttpNetworkError;
    this.#show(silent ? "Not connected" : "In trouble", false);
    this.#listeners.connected(!silent);
    if (!silent)
      this.#tell(`The list did not come: ${messageOf(error)}.`, "failed");
  }

  #show(live: string, good: boolean): void {
    setText(this.#live, live);
    this.#live.classList.toggle("good", good);
    this.element.classList.toggle("stale", !good);
  }

  #showDevices(devices: Device[]): void {
    const first = this.element.getAttribute("aria-busy") === "true";
    const ids = new Set(devices.map(({ device_id }) => device_id));
    for (const [id, row] of this.#rows) {
      if (ids.has(id)) continue;
      this.#rows.delete(id);
      this.#leave(row);
    }
    for (const [index, device] of devices.entries()) {
      let row = this.#rows.get(device.device_id);
      if (row === undefined) {
        row = this.#add(device, index);
        if (!first) this.#tell(`${device.display_name} is yours to use.`, "");
      }
      row.show(device);
    }
    this.element.setAttribute("aria-busy", "false");
    this.#showEmpty();
  }

  #add({ device_id }: Device, index: number): DeviceRow {
    const row: DeviceRow = new DeviceRow(
      this.#user,
      (action) => void this.#act(row, device_id, action),
    );
    this.#rows.set(device_id, row);
    // In the list's order; what stands there already is not moved, for it may have the focus.
    this.#list.insertBefore(row.element, this.#list.children[index] ?? null);
    return row;
  }

  /** A device that is just being asked for something stays until that is settled. */
  #leave(row: DeviceRow): void {
    const focused = row.element.contains(document.activeElement);
    row.leave();
    if (focused) this.#heading.focus();
    this.#tell(`${row.name} was taken away.`, "");
    if (!row.busy) row.element.remove();
  }

  async #act(row: DeviceRow, device_id: string, action: Action): Promise<void> {
    const { name } = row;
    const outcome = await row.follow(
      action,
      act(this.#seam, action, device_id, name),
    );
    this.#tell(outcome.sentence, outcome.ended);
    if (this.#rows.get(device_id) !== row) {
      row.element.remove();
      this.#showEmpty();
    }
    this.#poll.now();
  }

  #showEmpty(): void {
    this.#empty.hidden = this.#list.childElementCount > 0;
  }

  /** Adds a line to what happened; a screen reader reads it out. */
  #tell(sentence: string, kind: string): void {
    if (this.#log.lastElementChild?.textContent === sentence) return;
    this.#log.append(el("li", { class: kind }, sentence));
    while (this.#log.childElementCount > LOG_LENGTH)
      this.#log.firstElementChild?.remove();
  }
}

function connect({ endpoint, clientSessionToken }: Credentials): Seam {
  return Seam.fromClientSessionToken(clientSessionToken, { endpoint });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
