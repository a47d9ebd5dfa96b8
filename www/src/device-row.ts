import type { Device } from "seam-session";

import type { Action, Outcome } from "./action.js";
import { factsOf, kindOf, lockState, seconds } from "./describe.js";
import { el, setText } from "./dom.js";
import { icon, iconOf, type IconName } from "./icons.js";

const DOING = { lock: "Locking", unlock: "Unlocking" };
const TICK_MS = 100;

/** One device in a user's app. */
export class DeviceRow {
  readonly element: HTMLLIElement;
  name = "";

  readonly #user: string;
  readonly #act: (action: Action) => void;
  readonly #tile = el("span", { class: "tile" });
  readonly #name = el("h4");
  readonly #state = el("span", { class: "state" });
  readonly #facts = el("p", { class: "facts" });
  readonly #buttons = el("div", { class: "buttons" });
  readonly #progress = el("p", { class: "progress" });
  #icon: IconName | undefined;
  #offered = "";
  #busy = false;

  constructor(user: string, act: (action: Action) => void) {
    this.#user = user;
    this.#act = act;
    this.element = el(
      "li",
      { class: "device" },
      this.#tile,
      el(
        "div",
        { class: "about" },
        el("div", { class: "title" }, this.#name, this.#state),
        this.#facts,
      ),
      this.#buttons,
      this.#progress,
    );
  }

  /** Whether an action is under way. */
  get busy(): boolean {
    return this.#busy;
  }

  /** Shows the device as it is now. */
  show(device: Device): void {
    const { locked } = device.properties;
    this.name = device.display_name;
    this.element.dataset["device"] = device.device_id;
    this.element.classList.toggle("offline", !device.properties.online);
    setText(this.#name, this.name);
    const facts = [kindOf(device), ...factsOf(device)];
    setText(this.#facts, facts.join(" · "));
    const picture = iconOf(device.device_type, locked);
    if (picture !== this.#icon) {
      this.#icon = picture;
      this.#tile.className = `tile ${picture}`;
      this.#tile.replaceChildren(icon(picture));
    }
    const can = this.#offer(device);
    const state = lockState(locked) || (can.length === 0 ? "View only" : "");
    setText(this.#state, state);
    this.#state.className = `state ${state.toLowerCase()}`;
  }

  /** Only what the device says that it can do from afar. */
  #offer(device: Device): Action[] {
    const can: Action[] = [];
    if (device.can_remotely_unlock === true) can.push("unlock");
    if (device.can_remotely_lock === true) can.push("lock");
    if (can.join() !== this.#offered) {
      this.#offered = can.join();
      this.#buttons.replaceChildren(
        ...can.map((action) => this.#button(action)),
      );
    }
    const next = device.properties.locked === false ? "lock" : "unlock";
    for (const button of this.#buttons.querySelectorAll("button"))
      button.classList.toggle("next", button.dataset["action"] === next);
    return can;
  }

  #button(action: Action): HTMLButtonElement {
    const label = action === "lock" ? "Lock" : "Unlock";
    return el(
      "button",
      {
        type: "button",
        "data-action": action,
        "aria-label": `${label} ${this.name} as ${this.#user}`,
        // Not `disabled`: that would take the focus away while it works.
        click: () => this.#busy || this.#act(action),
      },
      label,
    );
  }

  /** Shows an action that is under way, until `work` tells how it ended. */
  async follow(action: Action, work: Promise<Outcome>): Promise<Outcome> {
    const since = performance.now();
    const tick = (): void => {
      const elapsed = seconds(performance.now() - since);
      setText(this.#progress, `${DOING[action]}… pending for ${elapsed}`);
    };
    this.#setBusy(true);
    this.#progress.className = "progress pending";
    tick();
    const timer = setInterval(tick, TICK_MS);
    const outcome = await work;
    clearInterval(timer);
    this.#setBusy(false);
    this.#progress.className = `progress ${outcome.ended}`;
    setText(this.#progress, outcome.brief);
    return outcome;
  }

  /** The device is not in the user's list any more. */
  leave(): void {
    this.element.classList.add("leaving");
    this.#buttons.replaceChildren();
    setText(this.#state, "Taken away");
    this.#state.className = "state gone";
  }

  #setBusy(busy: boolean): void {
    this.#busy = busy;
    this.element.setAttribute("aria-busy", String(busy));
    for (const button of this.#buttons.querySelectorAll("button"))
      button.setAttribute("aria-disabled", String(busy));
  }
}
