import {
  type SharedLists,
  ListSubscription,
} from "../../lists/list-subscription.js";
import type { Route } from "../../core/route.js";
import type { ApiClient } from "./api-client.js";
import { RemoteList } from "./remote-list.js";
import type { SessionInfo } from "../../core/session-info.js";
import type { Scope } from "../../core/scope-types.js";

/** The scope of a client in a page. */
export interface ScopeView extends Scope {
  /** Has the server asked anew. */
  load(): Promise<void>;
  /** Shows nothing while another token is checked. */
  hide(isHidden: boolean): void;
  /** The token is of this session of the same user; `undefined`: there is none any more. */
  is(session: SessionInfo | undefined): void;
  /** Ends it: the token is another user's. */
  drop(): void;
}

const owners = new WeakMap<ApiClient, RemoteLists>();

/** What a page shows of one client: its lists, and its scope. */
export class RemoteLists implements SharedLists<RemoteList<any>> {
  readonly caller: ApiClient;
  readonly lists = new Map<string, RemoteList<any>>();
  /** What its session may, once somebody has asked. */
  scope: ScopeView | undefined;

  /** The one of this client. */
  static of(caller: ApiClient): RemoteLists {
    let owner = owners.get(caller);
    if (owner === undefined) {
      owner = new RemoteLists(caller);
      owners.set(caller, owner);
    }
    return owner;
  }

  private constructor(caller: ApiClient) {
    this.caller = caller;
    caller.companions.push({
      checking: () => {
        this.scope?.hide(true);
        for (const list of this.lists.values()) list.checking();
      },
      restored: (reason) => {
        this.scope?.hide(false);
        for (const list of this.lists.values()) list.restored(reason);
      },
      renewed: (session, first) => {
        if (first) {
          for (const list of this.lists.values()) list.resume();
          return;
        }
        // The same user's: what is shown is of the same session, but for its end.
        if (session) return this.scope?.is(session);
        this.scope?.drop();
        for (const list of this.lists.values()) list.renewed();
      },
      lost: () => this.scope?.is(undefined),
    });
  }

  /** A share in the list of a route; `notify` is called after each change. */
  share<T extends object>(
    route: Route,
    json: string,
    interval: number,
    notify: () => void,
  ): ListSubscription<T, RemoteList<T>> {
    return new ListSubscription<T, RemoteList<T>>(
      this,
      (interval) => new RemoteList<T>(this.caller, route, json, interval),
      route,
      json,
      // Which pages see it, the worker knows.
      { interval, isHidden: () => false },
      notify,
    );
  }
}
