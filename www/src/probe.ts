import type { Outcome } from "./action.js";
import type { KnownDevice, User } from "./back-end.js";
import { lockState } from "./describe.js";
import { el } from "./dom.js";

/** What the probe needs of the page. */
export interface ProbeActions {
  /** Has the user's app try to unlock the door. */
  tryDoor(device_id: string, name: string): Promise<Outcome>;
  /** What the back end says of the door, past all caches. */
  ask(device_id: string): Promise<KnownDevice | undefined>;
}

/**
 * Has a user's app try a door that it was never granted, with an id that it
 * should not even know, and tells what became of it.
 */
export class Probe {
  readonly element: HTMLElement;

  readonly #user: string;
  readonly #actions: ProbeActions;
  readonly #doors: HTMLSelectElement;
  readonly #button: HTMLButtonElement;
  readonly #answer = el("div", { class: "answer", role: "status" });
  #offered = "";
  #busy = false;

  constructor(user: User, actions: ProbeActions) {
    this.#user = user.name;
    this.#actions = actions;
    const id = `probe-${user.key}`;
    this.#doors = el("select", { id });
    this.#button = el(
      "button",
      {
        type: "button",
        "aria-label": `Try to unlock it as ${user.name}`,
        click: () => void this.#try(),
      },
      "Try to unlock it",
    );
    this.element = el(
      "div",
      { class: `probe ${user.key}` },
      el("label", { for: id }, `A door ${user.name} was not granted`),
      el("div", { class: "pick" }, this.#doors, this.#button),
      this.#answer,
    );
  }

  /** Offers the doors that this user was not granted. */
  show(devices: KnownDevice[], granted: string[]): void {
    if (this.#busy) return;
    const doors = devices.filter(
      ({ can_remotely_unlock, device_id }) =>
        can_remotely_unlock && !granted.includes(device_id),
    );
    // A locked door that can be reached shows best that nothing moved.
    doors.sort((a, b) => rank(a) - rank(b));
    const offered = doors
      .map(({ device_id }) => device_id)
      .sort()
      .join();
    if (offered === this.#offered && this.#doors.options.length > 0) return;
    this.#offered = offered;
    this.#answer.replaceChildren();
    const chosen = this.#doors.value;
    this.#doors.replaceChildren(
      ...doors.map(({ device_id, display_name }) =>
        el("option", { value: device_id }, display_name),
      ),
    );
    if (doors.some(({ device_id }) => device_id === chosen))
      this.#doors.value = chosen;
    if (doors.length === 0)
      this.#doors.append(el("option", { value: "" }, "none: all are granted"));
    this.#button.setAttribute("aria-disabled", String(doors.length === 0));
  }

  async #try(): Promise<void> {
    const door = this.#doors.selectedOptions[0];
    if (this.#busy || door === undefined || door.value === "") return;
    this.#busy = true;
    this.#button.setAttribute("aria-disabled", "true");
    const name = door.textContent ?? "";
    try {
      const before = await this.#actions.ask(door.value);
      const outcome = await this.#actions.tryDoor(door.value, name);
      const after = await this.#actions.ask(door.value);
      this.#tell(outcome, this.#checked(outcome, name, before, after));
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#tell(
        { ended: "failed", brief: "Not tried", sentence: "" },
        `${why}.`,
      );
    }
    this.#busy = false;
    this.#button.setAttribute("aria-disabled", "false");
  }

  #checked(
    { ended, sentence }: Outcome,
    name: string,
    before: KnownDevice | undefined,
    after: KnownDevice | undefined,
  ): string {
    if (ended !== "refused") return sentence;
    const [was, is] = [before, after].map((door) =>
      lockState(door?.locked).toLowerCase(),
    );
    return was === is
      ? `To ${this.#user}’s token there is no ${name}. The back end sees it ${is}, as before.`
      : `The back end saw it ${was} before and ${is} after: someone else used it meanwhile.`;
  }

  #tell({ ended, brief }: Outcome, sentence: string): void {
    this.#answer.className = `answer ${ended}`;
    this.#answer.replaceChildren(
      el("strong", {}, brief),
      el("p", {}, sentence),
    );
  }
}

function rank({ locked, online }: KnownDevice): number {
  return locked === true && online ? 0 : 1;
}
