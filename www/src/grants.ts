import * as backEnd from "./back-end.js";
import type { KnownDevice, User, Workspace } from "./back-end.js";
import { kindOfType, lockState } from "./describe.js";
import { byId, el, setText } from "./dom.js";

/** The table of the back end's decisions: a switch for each user and device. */
export class Grants {
  readonly #holder = byId("grants-table");
  readonly #note = byId("grants-note");
  readonly #changed: () => void;
  readonly #switches = new Map<string, HTMLButtonElement>();
  readonly #states = new Map<string, HTMLElement>();
  #shape = "";

  /** `changed` is called when a grant was changed. */
  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** Shows the workspace as it is now. */
  show({ devices, users }: Workspace): void {
    const shape = JSON.stringify([
      devices.map(({ device_id, display_name }) => [device_id, display_name]),
      users.map(({ key, name }) => [key, name]),
    ]);
    if (shape !== this.#shape) {
      this.#shape = shape;
      this.#build(devices, users);
    }
    for (const device of devices) {
      const state = this.#states.get(device.device_id);
      if (state !== undefined) setText(state, stateOf(device));
      for (const { key, device_ids } of users) {
        const button = this.#switches.get(`${key} ${device.device_id}`);
        if (button?.getAttribute("aria-busy") === "false")
          set(button, device_ids.includes(device.device_id));
      }
    }
    this.#holder.setAttribute("aria-busy", "false");
  }

  #build(devices: KnownDevice[], users: User[]): void {
    this.#switches.clear();
    this.#states.clear();
    const head = el(
      "tr",
      {},
      el("th", { scope: "col" }, "Device"),
      ...users.map(({ key, name, role }) =>
        el(
          "th",
          { scope: "col", class: `user ${key}` },
          el("span", { class: "face", "aria-hidden": "true" }, name[0] ?? ""),
          el("span", {}, name),
          el("small", {}, role),
        ),
      ),
    );
    const rows = devices.map((device) => {
      const state = el("small");
      this.#states.set(device.device_id, state);
      return el(
        "tr",
        {},
        el("th", { scope: "row" }, el("span", {}, device.display_name), state),
        ...users.map((user) => el("td", {}, this.#switch(user, device))),
      );
    });
    this.#holder.replaceChildren(
      el(
        "table",
        {},
        el("caption", {}, "Which user may use which device"),
        el("thead", {}, head),
        el("tbody", {}, ...rows),
      ),
    );
  }

  #switch(user: User, device: KnownDevice): HTMLButtonElement {
    const button = el("button", {
      type: "button",
      role: "switch",
      class: `switch ${user.key}`,
      "aria-checked": "false",
      "aria-busy": "false",
      "aria-label": `${user.name} may use ${device.display_name}`,
      click: () => void this.#flip(button, user, device),
    });
    this.#switches.set(`${user.key} ${device.device_id}`, button);
    return button;
  }

  async #flip(
    button: HTMLButtonElement,
    user: User,
    device: KnownDevice,
  ): Promise<void> {
    if (button.getAttribute("aria-busy") === "true") return;
    const granted = button.getAttribute("aria-checked") !== "true";
    button.setAttribute("aria-busy", "true");
    set(button, granted);
    try {
      await backEnd.grant(user.key, device.device_id, granted);
      this.#tell(
        granted
          ? `${user.name} may now use ${device.display_name}.`
          : `${user.name} may no longer use ${device.display_name}.`,
      );
    } catch (error) {
      set(button, !granted);
      const why = error instanceof Error ? error.message : String(error);
      this.#tell(`That did not work: ${why}.`, true);
    }
    button.setAttribute("aria-busy", "false");
    this.#changed();
  }

  #tell(sentence: string, failed = false): void {
    this.#note.classList.toggle("failed", failed);
    setText(this.#note, sentence);
  }
}

function set(button: HTMLButtonElement, on: boolean): void {
  button.setAttribute("aria-checked", String(on));
}

function stateOf({ device_type, locked, online }: KnownDevice): string {
  return [kindOfType(device_type), lockState(locked), online ? "" : "Offline"]
    .filter((part) => part !== "")
    .join(" · ");
}
