import { NEVER } from "../../lists/rules.js";
import { SeenScope } from "../../lists/base-scope.js";
import type { SessionInfo } from "../../core/session-info.js";
import type { Snapshot } from "../../lists/snapshot.js";
import type { ListSubscription } from "../../lists/list-subscription.js";
import type { Device } from "../../generated/resources/index.js";
import type { Route } from "../../core/route.js";
import type { RemoteLists } from "./remote-lists.js";

/** What the session of a client may, as the worker has seen it last. */
export class RemoteScope extends SeenScope {
  readonly #owner: RemoteLists;
  #watched: ListSubscription<Device> | undefined;
  #session: SessionInfo | undefined;
  #loading: Promise<void> | undefined;
  #isLoaded = false;
  #isHidden = false;

  /** `route` is that of all devices. */
  constructor(owner: RemoteLists, route: Route) {
    super();
    this.#owner = owner;
    this.#watched = owner.share<Device>(route, "{}", NEVER, () => {});
  }

  /** Has the server asked anew; whoever asks meanwhile gets the same. */
  load(): Promise<void> {
    return (this.#loading ??= this.#load().finally(() => {
      this.#loading = undefined;
    }));
  }

  /** There is another token. */
  drop(): void {
    this.#watched?.close();
    this.#watched = this.#session = undefined;
    if (this.#owner.scope === this) this.#owner.scope = undefined;
  }

  /** Another token is being checked, or is no longer: meanwhile nothing is shown. */
  hide(isHidden: boolean): void {
    this.#isHidden = isHidden;
  }

  /** There is another token, with this session of the same user's; or none any more. */
  is(session: SessionInfo | undefined): void {
    if (this.#isLoaded && this.#watched) this.#session = session;
  }

  protected get session(): SessionInfo | undefined {
    return this.#isHidden ? undefined : this.#session;
  }

  protected get snapshot(): Snapshot<Device> | undefined {
    return this.#watched?.list.snapshot;
  }

  async #load(): Promise<void> {
    const { connection, number: client, patience } = this.#owner.caller;
    const id = connection.number();
    try {
      await this.#owner.caller.ready();
      // What the list has is told before the answer.
      const session = await connection.ask(
        id,
        { say: "scope", client, id },
        patience,
      );
      this.#isLoaded = true;
      this.is(session as SessionInfo);
    } catch (error) {
      if (!this.#isLoaded) this.drop();
      throw error;
    }
  }
}
