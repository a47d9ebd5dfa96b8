import {
  type SharedLists,
  ListSubscription,
} from "../../lists/list-subscription.js";
import { errorFactory } from "../../core/error-factory.js";
import type { Route } from "../../core/route.js";
import type { ApiClient } from "./api-client.js";
import { RemoteList } from "./remote-list.js";
import type { SessionInfo } from "../../core/session-info.js";
import type { Scope } from "../../core/scope-types.js";

/** The scope of a client, in the page. */
export interface ScopeView extends Scope {
  /** Has the worker fetch the scope again. */
  loadScope(): Promise<void>;
  /** Hides the scope while another token is checked. */
  setHidden(isHidden: boolean): void;
  /**
   * The client has another token of the same user, with this session; or, with `undefined`, no
   * token any more.
   */
  setSession(session: SessionInfo | undefined): void;
  /** Ends the scope: the token is another user's. */
  discard(): void;
}

const listsOf = new WeakMap<ApiClient, RemoteLists>();

/** The lists and the scope of one client, in the page. */
export class RemoteLists implements SharedLists<RemoteList<any>> {
  readonly client: ApiClient;
  readonly listsByKey = new Map<string, RemoteList<any>>();
  /** The scope, once the app has asked for it. */
  scopeView: ScopeView | undefined;

  /** Returns the lists of this client. */
  static of(client: ApiClient): RemoteLists {
    let owner = listsOf.get(client);
    if (owner === undefined) {
      owner = new RemoteLists(client);
      listsOf.set(client, owner);
    }
    return owner;
  }

  private constructor(client: ApiClient) {
    this.client = client;
    client.interceptors.push({
      onTokenCheck: () => {
        this.scopeView?.setHidden(true);
        for (const list of this.listsByKey.values()) list.onTokenCheck();
      },
      onTokenRejected: (reason) => {
        this.scopeView?.setHidden(false);
        for (const list of this.listsByKey.values())
          list.onTokenRejected(reason);
      },
      onTokenReplaced: (session, first) => {
        if (first) {
          for (const list of this.listsByKey.values()) list.onFirstToken();
          return;
        }
        // The same user's: the same data, with another expiry.
        if (session) return this.scopeView?.setSession(session);
        this.scopeView?.discard();
        for (const list of this.listsByKey.values()) list.onTokenReplaced();
      },
      onSessionLost: () => {
        this.scopeView?.setSession(undefined);
        if (!client.isClosed) return;
        const reason = errorFactory.closedError();
        for (const list of this.listsByKey.values())
          list.onConnectionLost(reason);
      },
    });
  }

  /** Subscribes to the list of a route; `notify` is called after each change. */
  subscribe<T extends object>(
    route: Route,
    json: string,
    interval: number,
    notify: () => void,
  ): ListSubscription<T, RemoteList<T>> {
    return new ListSubscription<T, RemoteList<T>>(
      this,
      (interval) => new RemoteList<T>(this.client, route, json, interval),
      route,
      json,
      // The page reports its visibility to the worker, which pauses lists.
      { interval, isHidden: () => false },
      notify,
    );
  }
}
