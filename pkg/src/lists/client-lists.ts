import type { ApiClient } from "../transport/api-client.js";
import type { CallContext, Interceptor, Next } from "../core/contracts.js";
import { READS } from "../generated/routes.js";
import type { ActionAttempt } from "../generated/resources/index.js";
import type { Route } from "../core/route.js";
import type { SessionInfo } from "../core/session-info.js";
import type { Scope } from "../core/scope-types.js";
import type { PolledList, ListContext } from "./polled-list.js";
import { createRules, MANUAL_INTERVAL } from "./rules.js";
import { ClientEvent, ClientState, type ListModule } from "./list-module.js";
import { Stores } from "./store.js";
import type { SharedLists } from "./list-subscription.js";

/** The scope of a client, as its lists need it. */
export interface ScopeGuard extends Scope {
  /** Fetches the scope again. */
  loadScope(): Promise<void>;
  /** Checks the devices that a call names before it is sent; see {@link Interceptor}. */
  intercept(call: CallContext, send: Next): Promise<unknown>;
  /** Ends the scope: the token is another user's. */
  discard(): void;
}

const listsOf = new WeakMap<ApiClient, ClientLists>();

/** How the session of a token relates to that of the lists (src/lists/client_lists.rs). */
const enum SessionMatch {
  Unknown,
  OtherUser,
  SameUser,
  Same,
}

/**
 * The watched lists of one client. The core decides which of them stay visible after a token change
 * (src/lists/client_lists.rs).
 */
export class ClientLists
  implements ListContext, SharedLists<PolledList<object>>
{
  readonly listsByKey = new Map<string, PolledList<any>>();
  readonly client: ApiClient;
  readonly routeAt: (path: string) => Route | undefined;
  readonly listRules: ListModule;
  readonly stores: Stores;
  /** Counts the attempts to recover from a trap of the rules, and those that failed. */
  #recoveries = 0;
  /** What the rules have said last. */
  #state: ClientState = ClientState.Visible | ClientState.SessionLive;
  /** The scope, once `scope()` was called. */
  scopeGuard: ScopeGuard | undefined;
  /** Lists by their handle. */
  readonly #lists: (PolledList<any> | undefined)[] = [];
  /** The session that the lists were fetched for. */
  #userInfo: SessionInfo | undefined;
  /** The device of each action attempt whose last known status is pending, by attempt id. */
  readonly #pendingAttempts = new Map<string, unknown>();
  readonly #onEnvironmentChange = (): void => {
    for (const list of this.listsByKey.values()) list.updatePaused();
  };

  /** Returns the lists of this client. */
  static of(
    client: ApiClient,
    routeAt: (path: string) => Route | undefined,
    module: WebAssembly.Module,
  ): ClientLists {
    let lists = listsOf.get(client);
    if (lists === undefined) {
      lists = new ClientLists(client, routeAt, module);
      listsOf.set(client, lists);
    }
    return lists;
  }

  private constructor(
    client: ApiClient,
    routeAt: (path: string) => Route | undefined,
    module: WebAssembly.Module,
  ) {
    this.client = client;
    this.routeAt = routeAt;
    this.stores = new Stores(module, client.errorFactory);
    this.listRules = createRules(
      module,
      client.errorFactory,
      (fresh, reason) => this.#reopen(fresh, reason),
      (reason) => {
        this.#recoveries += 1;
        for (const list of this.listsByKey.values()) list.onRulesLost(reason);
      },
    );
    client.interceptors.push({
      intercept: (call, send) => this.#intercept(call, send),
      onTokenCheck: () => this.#handle(ClientEvent.TokenCheck),
      onTokenRejected: (error) => {
        for (const list of this.listsByKey.values()) list.setReason(error);
        this.#handle(ClientEvent.TokenRejected);
      },
      onTokenReplaced: (session, first) => {
        if (first) this.#handle(ClientEvent.InitialToken);
        else this.#onTokenReplaced(session);
      },
      onSessionLost: () => this.#handle(ClientEvent.SessionLost),
      onCallSettled: (route, params, error) =>
        this.#onCallSettled(route, params, error),
    });
    // If the session is known before the token changes, a token of the same user leaves the lists
    // visible.
    if (client.kind === "clientSessionToken")
      this.confirmUser().catch(() => {});
  }

  /** Opens a list with the first unused handle. */
  open<T extends object>(
    make: (handle: number) => PolledList<T>,
  ): PolledList<T> {
    const free = this.#lists.indexOf(undefined);
    const handle = free < 0 ? this.#lists.length : free;
    return (this.#lists[handle] = make(handle));
  }

  /** Releases the handle of a closed list. */
  closed(handle: number): void {
    this.#lists[handle] = undefined;
  }

  /** Whether the token is known to be of the user whose lists these are. */
  get isUserConfirmed(): boolean {
    return (this.#state & ClientState.Visible) > 0;
  }

  /** The session of the token in use, if it is known. */
  get knownSession(): SessionInfo | undefined {
    return this.#state & ClientState.SessionLive ? this.#userInfo : undefined;
  }

  /**
   * Asks the server whose the token is. If it is another user's, the records are dropped before
   * this resolves. With `fresh` it also asks if that is known already, because a session may have
   * been extended.
   */
  async confirmUser(fresh = false): Promise<void> {
    await this.client.tokenCheck;
    const { kind, sessionCache } = this.client;
    // Other credentials are never replaced, and have no session to ask for.
    if (kind !== "clientSessionToken")
      return this.#handle(ClientEvent.Session, 1);
    const session = await sessionCache.getInfo(fresh);
    // A response about an older token says nothing about the current one.
    const isChecking = this.#state & ClientState.Checking;
    if (session !== sessionCache.sessionInfo || isChecking) return;
    const isUserUnchanged = sessionCache.isSameUser(this.#userInfo, session);
    this.#userInfo = session;
    if (this.isUserConfirmed) return;
    if (!isUserUnchanged) this.scopeGuard?.discard();
    this.#handle(ClientEvent.Session, Number(isUserUnchanged));
  }

  #onTokenReplaced(session: SessionInfo | undefined): void {
    const last = this.#userInfo;
    const match = !session
      ? SessionMatch.Unknown
      : !this.client.sessionCache.isSameUser(last, session)
        ? SessionMatch.OtherUser
        : session.client_session_id !== last?.client_session_id
          ? SessionMatch.SameUser
          : SessionMatch.Same;
    if (match >= SessionMatch.SameUser && this.knownSession)
      this.#userInfo = session;
    this.#handle(ClientEvent.Token, match);
  }

  /**
   * Passes an event to the core and executes the outputs of each list. No list notifies its
   * subscribers before all lists have dropped another user's records.
   */
  #handle(event: ClientEvent, value = 0): void {
    const { listRules } = this;
    listRules.client_event(event, performance.now(), value);
    const lists = [...this.listsByKey.values()];
    for (const list of lists) list.takeOutputs();
    // A trap meanwhile may have changed the state.
    this.#state = listRules.client_event(ClientEvent.None, 0, 0);
    for (const list of lists) list.notify();
  }

  /** Brings a new instance of the rules to the state of the one that has trapped. */
  #reopen(fresh: ListModule, reason: unknown): void {
    const lists = [...this.listsByKey.values()];
    // Whose the token is, is asked again.
    const now = performance.now();
    this.#state = fresh.client_event(
      ClientEvent.Token,
      now,
      SessionMatch.Unknown,
    );
    if (this.client.tokenCheck)
      this.#state = fresh.client_event(ClientEvent.TokenCheck, now, 0);
    // Only then, so that lookups, and calls that wait for one, are not aborted.
    for (const list of lists) {
      list.abortFetch();
      list.open(fresh);
    }
    const recovery = (this.#recoveries += 1);
    // The rule that trapped is repeated first.
    void Promise.resolve().then(() => {
      if (recovery !== this.#recoveries) return;
      for (const list of lists) list.onInstanceLost(reason);
      for (const list of lists) list.updatePaused();
    });
  }

  /** Wraps a call, and updates the lists from its result. */
  async #intercept(call: CallContext, send: Next): Promise<unknown> {
    try {
      const body = await (this.scopeGuard?.intercept(call, send) ?? send());
      this.#onAttempt(call, Object(body).action_attempt);
      return body;
    } catch (error) {
      const { reason, actionAttempt } = Object(error);
      this.#onAttempt(call, actionAttempt);
      const { client } = this;
      if (
        reason === "token_refused" &&
        call.tokenGeneration === client.tokenGeneration
      ) {
        this.#handle(ClientEvent.TokenRefused, Number(client.refreshesToken));
      }
      throw error;
    }
  }

  /** Refetches the device of an action attempt when the attempt has ended, or after a while. */
  #onAttempt(call: CallContext, attempt?: ActionAttempt): void {
    try {
      if (attempt) this.#followAttempt(call, attempt);
    } catch {
      // A trap in the lists must not affect the call.
    }
  }

  #followAttempt({ route, params }: CallContext, attempt: ActionAttempt): void {
    const { listRules } = this;
    const { action_attempt_id: id, status } = attempt;
    const refetch = (): void => {
      for (const list of this.listsByKey.values()) {
        list.onMutation("", this.#pendingAttempts.get(id));
      }
    };
    const refetchLater = (nth: number): void => {
      const ms = listRules.recheck_delay(nth);
      if (!(ms >= 0 && this.#pendingAttempts.has(id)))
        return void this.#pendingAttempts.delete(id);
      const next = (): void => {
        refetch();
        refetchLater(nth + 1);
      };
      new this.client.Timer().start(ms, next, true);
    };
    if (status !== "pending") {
      refetch();
      this.#pendingAttempts.delete(id);
    } else if (route.kind >= READS) {
      this.#pendingAttempts.set(id, deviceIdIn(params));
      refetchLater(0);
    }
  }

  #onCallSettled(
    route: Route,
    params: string | undefined,
    error: unknown,
  ): void {
    const { outcome } = Object(error) as { outcome?: string };
    if (route.kind < READS) return;
    if (outcome === "not_sent" || outcome === "refused") return;
    for (const list of this.listsByKey.values()) {
      list.onMutation(route.path, deviceIdIn(params));
    }
  }

  /**
   * Listens for page visibility and network changes while a list is polled. The listeners keep this
   * object alive.
   */
  updateEnvironmentListeners(): void {
    const polled = [...this.listsByKey.values()].some(
      (list) => list.interval < MANUAL_INTERVAL,
    );
    const how = polled ? "addEventListener" : "removeEventListener";
    globalThis.document?.[how]("visibilitychange", this.#onEnvironmentChange);
    for (const name of ["online", "offline"]) {
      globalThis[how]?.(name, this.#onEnvironmentChange);
    }
  }
}

/** Returns the device id that a call names. */
function deviceIdIn(params = "{}"): unknown {
  return (JSON.parse(params) as { device_id?: unknown }).device_id;
}
