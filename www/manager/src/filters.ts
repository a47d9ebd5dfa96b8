import type { Device, DeviceQuery } from "seam-session";

import { kindOfType } from "../../src/describe.js";
import { byId, el } from "../../src/dom.js";

/** What is offered of these is what the list has. */
const TYPES: readonly Device["device_type"][] = [
  "august_lock",
  "schlage_lock",
  "yale_lock",
  "nuki_lock",
  "igloohome_lock",
  "ttlock_lock",
  "salto_ks_lock",
  "kwikset_lock",
  "ecobee_thermostat",
  "nest_thermostat",
  "honeywell_resideo_thermostat",
  "minut_sensor",
  "noiseaware_activity_zone",
];

/** The form above the list: what is looked for. */
export class Filters {
  readonly #text = byId("text") as HTMLInputElement;
  readonly #type = byId("type") as HTMLSelectElement;
  readonly #connection = byId("connection") as HTMLSelectElement;
  readonly #flags = [byId("low-battery"), byId("errors")];
  #offered = "";

  /** `changed` is called when something else is looked for. */
  constructor(changed: () => void) {
    const form = byId("filters") as HTMLFormElement;
    form.addEventListener("input", changed);
    form.addEventListener("submit", (event) => event.preventDefault());
    for (const flag of this.#flags) {
      flag.addEventListener("click", () => {
        flag.setAttribute("aria-pressed", String(!isPressed(flag)));
        changed();
      });
    }
  }

  /** What is looked for; nothing in particular is no query. */
  get query(): DeviceQuery | undefined {
    const [lowBattery, errors] = this.#flags.map(isPressed);
    const query = {
      ...(this.#text.value.trim() && { text: this.#text.value.trim() }),
      ...(this.#type.value && { device_type: this.#type.value }),
      ...(this.#connection.value && {
        online: this.#connection.value === "online",
      }),
      ...(lowBattery && { low_battery: true }),
      ...(errors && { has_errors: true }),
    };
    return Object.keys(query).length === 0 ? undefined : query;
  }

  /** Looks for nothing in particular again. */
  clear(): void {
    this.#text.value = "";
    this.#type.value = "";
    this.#connection.value = "";
    for (const flag of this.#flags) flag.setAttribute("aria-pressed", "false");
    this.#text.focus();
  }

  /** Offers the types of which `count` counts any. */
  offer(count: (device_type: string) => number): void {
    const types = TYPES.filter((type) => count(type) > 0);
    if (types.join() === this.#offered) return;
    this.#offered = types.join();
    const chosen = this.#type.value;
    this.#type.replaceChildren(
      el("option", { value: "" }, "Any"),
      ...types.map((type) => el("option", { value: type }, kindOfType(type))),
    );
    this.#type.value = types.some((type) => type === chosen) ? chosen : "";
  }
}

function isPressed(button: HTMLElement): boolean {
  return button.getAttribute("aria-pressed") === "true";
}
