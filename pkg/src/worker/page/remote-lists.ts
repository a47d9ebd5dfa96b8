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
  loadScope(): Promise<void>;
  /** Shows nothing while another token is checked. */
  setHidden(isHidden: boolean): void;
  /** The token is of this session of the same user; `undefined`: there is none any more. */
  setSession(session: SessionInfo | undefined): void;
  /** Ends it: the token is another user's. */
  discard(): void;
}

const listsOf = new WeakMap<ApiClient, RemoteLists>();

/** What a page shows of one client: its lists, and its scope. */
export class RemoteLists implements SharedLists<RemoteList<any>> {
  readonly client: ApiClient;
  readonly listsByKey = new Map<string, RemoteList<any>>();
  /** What its session may, once somebody has asked. */
  scopeView: ScopeView | undefined;

  /** The one of this client. */
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
        // The same user's: what is shown is of the same session, but for its end.
        if (session) return this.scopeView?.setSession(session);
        this.scopeView?.discard();
        for (const list of this.listsByKey.values()) list.onTokenReplaced();
      },
      onSessionLost: () => this.scopeView?.setSession(undefined),
    });
  }

  /** A share in the list of a route; `notify` is called after each change. */
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
      // Which pages see it, the worker knows.
      { interval, isHidden: () => false },
      notify,
    );
  }
}
