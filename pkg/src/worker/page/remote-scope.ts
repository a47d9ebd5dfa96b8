import { MANUAL_INTERVAL } from "../../lists/rules.js";
import { BaseScope } from "../../lists/base-scope.js";
import type { SessionInfo } from "../../core/session-info.js";
import type { Snapshot } from "../../lists/snapshot.js";
import type { ListSubscription } from "../../lists/list-subscription.js";
import type { Device } from "../../generated/resources/index.js";
import type { Route } from "../../core/route.js";
import type { RemoteLists } from "./remote-lists.js";

/** What the session of a client may do, as the worker last fetched it. */
export class RemoteScope extends BaseScope {
  readonly #lists: RemoteLists;
  #subscription: ListSubscription<Device> | undefined;
  #session: SessionInfo | undefined;
  #loading: Promise<void> | undefined;
  #isLoaded = false;
  #isHidden = false;

  /** `route` is the route of all devices. */
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

  /** Has the worker fetch the scope again; concurrent calls share one fetch. */
  loadScope(): Promise<void> {
    return (this.#loading ??= this.#load().finally(() => {
      this.#loading = undefined;
    }));
  }

  /** The token was replaced. */
  discard(): void {
    this.#subscription?.close();
    this.#subscription = this.#session = undefined;
    if (this.#lists.scopeView === this) this.#lists.scopeView = undefined;
  }

  /** Hides the scope while another token is checked. */
  setHidden(isHidden: boolean): void {
    this.#isHidden = isHidden;
  }

  /**
   * The client has another token of the same user, with this session; or, with `undefined`, no
   * token any more.
   */
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
      // The worker sends the list before this result.
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
