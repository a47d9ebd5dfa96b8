import type { Device } from "seam-session";

import type { Action, Outcome } from "../../src/action.js";
import { capital, factsOf, kindOf, lockState } from "../../src/describe.js";
import { el, setText } from "../../src/dom.js";
import { icon, iconOf, type IconName } from "../../src/icons.js";

/** What is being done to a device, or was done last. */
export type Deed = { action: Action; outcome?: Outcome };

/** What a row asks of the page. */
export type Act = (device: Device, action: Action) => void;

/** One device in the list. A row that is scrolled out of sight becomes another's. */
export class Row {
  readonly element: HTMLElement;

  readonly #tile = el("span", { class: "tile" });
  readonly #name = el("span", { class: "name" });
  readonly #kind = el("span", { class: "kind" });
  readonly #lock = el("span", { class: "state" });
  readonly #facts = el("span", { class: "facts" });
  readonly #deed = el("span", { class: "progress" });
  readonly #button: HTMLButtonElement;
  #icon: IconName | undefined;
  #device: Device | undefined;
  #doing: Deed | undefined;
  #action: Action = "unlock";
  #top = -1;

  constructor(act: Act) {
    this.#button = el("button", {
      type: "button",
      // Not `disabled`: that would take the focus away while it works.
      click: () => {
        if (this.#device && !this.#pending) act(this.#device, this.#action);
      },
    });
    this.element = el(
      "div",
      {
        class: "row",
        role: "row",
        animationend: () => this.element.classList.remove("changed"),
      },
      el(
        "div",
        { class: "what", role: "rowheader" },
        this.#tile,
        el("span", { class: "words" }, this.#name, this.#kind),
      ),
      el(
        "div",
        { class: "how", role: "gridcell" },
        this.#lock,
        this.#deed,
        this.#facts,
      ),
      el("div", { class: "act", role: "gridcell" }, this.#button),
    );
  }

  get button(): HTMLButtonElement {
    return this.#button;
  }

  get #pending(): boolean {
    return this.#doing !== undefined && this.#doing.outcome === undefined;
  }

  /** Puts it where the row with this number, from 0, has its place. */
  place(index: number, height: number): void {
    const top = index * height;
    if (top === this.#top) return;
    this.#top = top;
    this.element.style.transform = `translateY(${top}px)`;
    this.element.setAttribute("aria-rowindex", String(index + 2));
  }

  /** Only the one row that can be tabbed to has a button that can. */
  set current(yes: boolean) {
    const index = yes ? 0 : -1;
    if (this.element.tabIndex === index && this.#button.tabIndex === index)
      return;
    this.element.tabIndex = index;
    this.#button.tabIndex = index;
  }

  /** Shows the device as it is now; what is shown already costs nothing. */
  show(device: Device, deed: Deed | undefined): void {
    if (device === this.#device && deed === this.#doing) return;
    if (device !== this.#device) {
      // What has just changed stands out for a moment.
      const changed = device.device_id === this.#device?.device_id;
      this.element.classList.toggle("changed", changed);
      this.#showDevice(device);
    }
    this.#showDeed(deed);
  }

  /** It will be another's. */
  leave(): void {
    this.element.remove();
    this.#device = undefined;
    this.#top = -1;
  }

  #showDevice(device: Device): void {
    this.#device = device;
    const { locked, online } = device.properties;
    this.element.dataset["device"] = device.device_id;
    this.element.classList.toggle("offline", !online);
    setText(this.#name, device.display_name);
    setText(this.#kind, kindOf(device));
    const state = lockState(locked);
    setText(this.#lock, state);
    this.#lock.className = `state ${state.toLowerCase()}`;
    const errors = device.errors.map(({ message }) => message);
    setText(this.#facts, [...factsOf(device), ...errors].join(" · "));
    const picture = iconOf(device.device_type, locked);
    if (picture !== this.#icon) {
      this.#icon = picture;
      this.#tile.className = `tile ${picture}`;
      this.#tile.replaceChildren(icon(picture));
    }
    // Only what the device says that it can do from afar.
    const can =
      locked === false ? device.can_remotely_lock : device.can_remotely_unlock;
    this.#action = locked === false ? "lock" : "unlock";
    this.#button.hidden = can !== true;
    setText(this.#button, capital(this.#action));
    this.#button.setAttribute(
      "aria-label",
      `${capital(this.#action)} ${device.display_name}`,
    );
  }

  #showDeed(deed: Deed | undefined): void {
    this.#doing = deed;
    const { ended = "", brief = "" } = deed?.outcome ?? {};
    const busy = String(this.#pending);
    this.element.setAttribute("aria-busy", busy);
    this.#button.setAttribute("aria-disabled", busy);
    this.#deed.className = `progress ${this.#pending ? "pending" : ended}`;
    const doing = this.#pending ? `${capital(this.#action)}ing…` : brief;
    setText(this.#deed, doing);
  }
}
