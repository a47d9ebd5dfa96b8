import type { PolledList } from "../../lists/polled-list.js";
import { watchList } from "../../lists/watch-list.js";
import { MANUAL_INTERVAL } from "../../lists/rules.js";
import type { Store } from "../../lists/store.js";
import { DeviceFlag, SlotSet } from "../../lists/list-module.js";
import type { ListSubscription } from "../../lists/list-subscription.js";
import { routeAt, type Route } from "../../core/route.js";
import type { Changes, WatchStatus } from "../../core/watch-types.js";
import type { SharedClient } from "./shared-clients.js";
import type { Item, ListUpdate } from "../protocol/messages.js";
import { toPlainError } from "../protocol/plain-error.js";

/** The most items of one message, so that the page has no long task. */
const ITEMS_PER_MESSAGE = 250;

/** The page that receives the updates. */
interface UpdateTarget {
  send(update: ListUpdate): void;
  isHidden(): boolean;
}

/** Sends one page the updates of a list that all pages of a client share. */
export class ListPublisher {
  readonly #client: SharedClient;
  readonly #target: UpdateTarget;
  readonly #opened: Promise<void>;
  #interval: number;
  #subscription: ListSubscription<object, PolledList<object>> | undefined;
  #isClosed = false;
  /** What was sent last. */
  #store: Store | undefined;
  #status: WatchStatus | undefined;
  #order: Uint32Array = new Uint32Array();

  constructor(
    client: SharedClient,
    route: Route,
    json: string,
    interval: number,
    whom: UpdateTarget,
  ) {
    this.#client = client;
    this.#target = whom;
    this.#interval = interval;
    this.#opened = this.#open(route, json);
  }

  /** Sets the poll interval in milliseconds. */
  setInterval(interval: number): void {
    this.#interval = interval;
    if (this.#subscription) this.#subscription.interval = interval;
  }

  /** The page was hidden or shown. */
  updatePaused(): void {
    this.#subscription?.sharedList.updatePaused();
  }

  async refresh(): Promise<void> {
    await this.#opened;
    await this.#subscription?.refresh();
  }

  close(): void {
    this.#isClosed = true;
    this.#subscription?.close();
  }

  async #open(route: Route, json: string): Promise<void> {
    const { client } = this.#client;
    // A subscriber without polling does not keep the list from pausing.
    const isHidden = (): boolean =>
      this.#interval >= MANUAL_INTERVAL || this.#target.isHidden();
    try {
      const share = await watchList<object>(
        client,
        routeAt,
        route,
        json,
        this.#interval,
        () => {},
        isHidden,
      );
      this.#subscription = share;
      if (this.#isClosed) return share.close();
      share.interval = this.#interval;
      const unlisten = share.sharedList.addChangeListener((changes) => {
        if (this.#isClosed) unlisten();
        else this.#publish(share.sharedList, changes);
      });
      this.#publish(share.sharedList);
    } catch (reason) {
      const status = this.#toPlainStatus({ state: "stopped", reason });
      this.#target.send({ status, isShown: false });
    }
  }

  #publish(list: PolledList<object>, changes?: Changes): void {
    const { status, store } = list;
    const update: ListUpdate = { isShown: store !== undefined };
    if (status !== this.#status) update.status = this.#toPlainStatus(status);
    this.#status = status;
    let items: Item[] = [];
    if (store !== undefined && store !== this.#store) {
      this.#store = store;
      this.#order = store.slots(SlotSet.All);
      Object.assign(update, { isFresh: true, order: this.#order });
      items = this.#items(store, this.#order);
    } else if (store === undefined && changes !== undefined) {
      // All items are gone: the page removes them too, and reports that.
      this.#store = undefined;
      this.#order = new Uint32Array();
      Object.assign(update, {
        isShown: true,
        isFresh: true,
        order: this.#order,
      });
    } else if (store !== undefined && changes !== undefined) {
      update.changes = changes;
      const order = store.slots(SlotSet.All);
      if (!isSameOrder(order, this.#order)) update.order = this.#order = order;
      const slots = [SlotSet.Added, SlotSet.Changed].map((it) =>
        store.slots(it),
      );
      items = slots.flatMap((it) => this.#items(store, it));
    }
    for (
      ;
      items.length > ITEMS_PER_MESSAGE;
      items = items.slice(ITEMS_PER_MESSAGE)
    ) {
      this.#target.send({ items: items.slice(0, ITEMS_PER_MESSAGE) });
    }
    this.#target.send({ ...update, items });
  }

  /** Flags and capabilities are computed by the core. */
  #items(store: Store, slots: Uint32Array): Item[] {
    const flags = new Map<number, number>();
    for (const [query, fact] of [
      [{ online: true }, DeviceFlag.Online],
      [{ low_battery: true }, DeviceFlag.LowBattery],
      [{ has_errors: true }, DeviceFlag.HasErrors],
    ] as const) {
      for (const slot of store.find(query)) {
        flags.set(slot, (flags.get(slot) ?? 0) | fact);
      }
    }
    return Array.from(slots, (slot) => [
      slot,
      store.id(slot),
      this.#client.redactJson(store.text(slot) ?? "null"),
      flags.get(slot) ?? 0,
      store.capabilities(slot),
    ]);
  }

  #toPlainStatus(status: WatchStatus): NonNullable<ListUpdate["status"]> {
    if (!("reason" in status)) return { state: status.state };
    const reason = this.#client.redact(toPlainError(status.reason));
    return { state: status.state, reason };
  }
}

function isSameOrder(one: Uint32Array, other: Uint32Array): boolean {
  return (
    one.length === other.length && one.every((it, nth) => it === other[nth])
  );
}
