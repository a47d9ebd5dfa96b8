import type { Device } from "seam-session";

import { byId } from "../../src/dom.js";
import { type Act, type Deed, Row } from "./row.js";

/** So many rows are ready above and below what can be seen. */
const SPARE = 4;

/** What the table needs of the list. */
export interface Source {
  slice(ids: readonly string[]): Device[];
  deed(device_id: string): Deed | undefined;
}

/**
 * The list of devices, as long as it may be: only the rows that can be seen are
 * in the document, and one that has the focus.
 */
export class Table {
  readonly #grid = byId("devices");
  readonly #body = byId("rows");
  readonly #source: Source;
  readonly #act: Act;
  /** The rows in the document, by device. */
  #rows = new Map<string, Row>();
  readonly #spare: Row[] = [];
  #ids: readonly string[] = [];
  /** The device whose row can be tabbed to. */
  #current: string | undefined;
  #at = 0;
  #rowHeight = 0;
  /** Kept, for to ask for them has the browser lay out all that has changed. */
  #scrollTop = 0;
  #clientHeight = 0;
  #asked = false;

  constructor(source: Source, act: Act) {
    this.#source = source;
    this.#act = act;
    this.#grid.addEventListener("scroll", () => this.#soon());
    this.#grid.addEventListener("keydown", (event) => this.#key(event));
    this.#grid.addEventListener("focusin", (event) => this.#focused(event));
    new ResizeObserver(() => {
      this.#rowHeight = 0;
      this.#clientHeight = this.#grid.clientHeight;
      this.#soon();
    }).observe(this.#grid);
  }

  /** Shows these devices, in this order. */
  show(ids: readonly string[]): void {
    this.#ids = ids;
    if (ids[this.#at] !== this.#current) {
      const at = ids.indexOf(this.#current ?? "");
      // Where its device is gone, the place stays.
      this.#at = at < 0 ? Math.max(0, Math.min(this.#at, ids.length - 1)) : at;
      this.#current = ids[this.#at];
    }
    this.#grid.setAttribute("aria-rowcount", String(ids.length + 1));
    this.#render();
  }

  /** Begins at the top, as after another search. */
  rewind(): void {
    this.#scrollTo(0);
    this.#at = 0;
    this.#current = this.#ids[0];
  }

  #soon(): void {
    if (this.#asked) return;
    this.#asked = true;
    requestAnimationFrame(() => {
      this.#asked = false;
      this.#scrollTop = this.#grid.scrollTop;
      this.#render();
    });
  }

  #render(): void {
    const hadFocus = this.#body.contains(document.activeElement);
    const wanted = this.#wanted();
    const devices = this.#source.slice(
      wanted.map((nth) => this.#ids[nth] ?? ""),
    );
    const before = this.#rows;
    this.#rows = new Map();
    const shown = new Set(devices.map(({ device_id }) => device_id));
    // What goes is taken for what comes where it stands: to take it out and put it
    // in again costs more than to write something else into it.
    const free = new Map<Element | null, Row>();
    for (const [id, row] of before) {
      if (shown.has(id)) continue;
      if (row.element.contains(document.activeElement)) this.#putAway(row);
      else free.set(row.element, row);
    }
    let next = this.#body.firstElementChild;
    for (const [nth, device] of devices.entries()) {
      const { device_id } = device;
      const kept = before.get(device_id);
      // What stays is not moved, for it may have the focus.
      if (kept) while (next && free.has(next)) next = next.nextElementSibling;
      const [some] = free.values();
      const row =
        kept ??
        free.get(next) ??
        some ??
        this.#spare.pop() ??
        new Row(this.#act);
      free.delete(row.element);
      this.#rows.set(device_id, row);
      row.show(device, this.#source.deed(device_id));
      row.current = device_id === this.#current;
      row.place(wanted[nth] ?? 0, this.#height(row));
      // In the list's order, for who reads it row by row.
      if (row.element === next) next = next.nextElementSibling;
      else this.#body.insertBefore(row.element, next);
    }
    for (const row of free.values()) this.#putAway(row);
    this.#body.style.height = `${this.#ids.length * this.#rowHeight}px`;
    if (hadFocus && !this.#body.contains(document.activeElement)) {
      (this.#rows.get(this.#current ?? "")?.element ?? this.#grid).focus();
    }
  }

  #putAway(row: Row): void {
    row.leave();
    this.#spare.push(row);
  }

  /** The places in the list that are to be in the document, in order. */
  #wanted(): number[] {
    const height = this.#rowHeight || 64;
    const [scrollTop, clientHeight] = [this.#scrollTop, this.#clientHeight];
    const from = Math.max(0, Math.floor(scrollTop / height) - SPARE);
    const to = Math.min(
      this.#ids.length,
      Math.ceil((scrollTop + clientHeight) / height) + SPARE,
    );
    const wanted = Array.from(
      { length: Math.max(0, to - from) },
      (_, nth) => from + nth,
    );
    if (this.#ids.length > 0 && (this.#at < from || this.#at >= to)) {
      // One row can always be tabbed to, and what has the focus keeps it.
      if (this.#at < from) wanted.unshift(this.#at);
      else wanted.push(this.#at);
    }
    return wanted;
  }

  /** The height of a row, which the style decides. */
  #height({ element }: Row): number {
    if (this.#rowHeight === 0) {
      if (!element.isConnected) this.#body.append(element);
      this.#rowHeight = element.offsetHeight || 64;
    }
    return this.#rowHeight;
  }

  #focused({ target }: FocusEvent): void {
    const id = (target as Element).closest<HTMLElement>(".row")?.dataset[
      "device"
    ];
    if (id === undefined || id === this.#current) return;
    const old = this.#rows.get(this.#current ?? "");
    if (old) old.current = false;
    this.#current = id;
    this.#at = this.#ids.indexOf(id);
    const row = this.#rows.get(id);
    if (row) row.current = true;
  }

  #key(event: KeyboardEvent): void {
    const row = this.#rows.get(this.#current ?? "");
    if (event.altKey || event.metaKey || row === undefined) return;
    const inButton = document.activeElement === row.button;
    if (inButton && ["ArrowLeft", "Escape"].includes(event.key)) {
      row.element.focus();
    } else if (!inButton && ["ArrowRight", "Enter"].includes(event.key)) {
      row.button.focus();
    } else {
      const at = this.#target(event.key);
      if (at === undefined) return;
      this.#goTo(at);
    }
    event.preventDefault();
  }

  #target(key: string): number | undefined {
    const page = Math.max(
      1,
      Math.floor(this.#clientHeight / this.#rowHeight) - 2,
    );
    const steps: Record<string, number> = {
      ArrowDown: 1,
      ArrowUp: -1,
      PageDown: page,
      PageUp: -page,
      Home: -Infinity,
      End: Infinity,
    };
    const step = steps[key];
    if (step === undefined) return undefined;
    return Math.max(0, Math.min(this.#ids.length - 1, this.#at + step));
  }

  /** Brings the row into sight and the focus to it. */
  #goTo(at: number): void {
    this.#at = at;
    this.#current = this.#ids[at];
    const top = at * this.#rowHeight;
    const scrollTop = this.#scrollTop;
    // The heading of the columns lies over the first row in sight.
    const room = this.#clientHeight - this.#body.offsetTop - this.#rowHeight;
    if (top < scrollTop) this.#scrollTo(top);
    else if (top > scrollTop + room) this.#scrollTo(top - room);
    this.#render();
    this.#rows.get(this.#current ?? "")?.element.focus({ preventScroll: true });
  }

  #scrollTo(top: number): void {
    if (top === this.#scrollTop) return;
    this.#grid.scrollTop = top;
    this.#scrollTop = top;
  }
}
