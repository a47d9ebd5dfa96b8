import { MANUAL_INTERVAL } from "../../lists/rules.js";
import { BaseScope } from "../../lists/base-scope.js";
import type { SessionInfo } from "../../core/session-info.js";
import type { Snapshot } from "../../lists/snapshot.js";
import type { ListSubscription } from "../../lists/list-subscription.js";
import type { Device } from "../../generated/resources/index.js";
import type { Route } from "../../core/route.js";
import type { RemoteLists } from "./remote-lists.js";

/** What the session of a client may, as the worker has seen it last. */
export class RemoteScope extends BaseScope {
  readonly #lists: RemoteLists;
  #subscription: ListSubscription<Device> | undefined;
  #session: SessionInfo | undefined;
  #loading: Promise<void> | undefined;
  #isLoaded = false;
  #isHidden = false;

  /** `route` is that of all devices. */
  constructor(owner: RemoteLists, route: Route) {
    super();
    this.#lists = owner;
    this.#subscription = owner.subscribe<Device>(
      route,
      "{}",
      MANUAL_INTERVAL,
      () => {},
    );
  }

  /** Has the server asked anew; whoever asks meanwhile gets the same. */
  loadScope(): Promise<void> {
    return (this.#loading ??= this.#load().finally(() => {
      this.#loading = undefined;
    }));
  }

  /** There is another token. */
  discard(): void {
    this.#subscription?.close();
    this.#subscription = this.#session = undefined;
    if (this.#lists.scopeView === this) this.#lists.scopeView = undefined;
  }

  /** Another token is being checked, or is no longer: meanwhile nothing is shown. */
  setHidden(isHidden: boolean): void {
    this.#isHidden = isHidden;
  }

  /** There is another token, with this session of the same user's; or none any more. */
  setSession(session: SessionInfo | undefined): void {
    if (this.#isLoaded && this.#subscription) this.#session = session;
  }

  protected get sessionInfo(): SessionInfo | undefined {
    return this.#isHidden ? undefined : this.#session;
  }

  protected get snapshot(): Snapshot<Device> | undefined {
    return this.#subscription?.sharedList.snapshot;
  }

  async #load(): Promise<void> {
    const { connection, clientId, listTimeoutMs } = this.#lists.client;
    const id = connection.nextId();
    try {
      await this.#lists.client.whenReady();
      // What the list has is told before the answer.
      const session = await connection.request(
        id,
        { type: "load-scope", client: clientId, id },
        listTimeoutMs,
      );
      this.#isLoaded = true;
      this.setSession(session as SessionInfo);
    } catch (error) {
      if (!this.#isLoaded) this.discard();
      throw error;
    }
  }
}
