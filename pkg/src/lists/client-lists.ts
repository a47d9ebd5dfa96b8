import type { ApiClient } from "../transport/api-client.js";
import type { CallContext, Interceptor, Next } from "../core/contracts.js";
import { READS } from "../generated/routes.js";
import type { ActionAttempt } from "../generated/resources/index.js";
import type { Route } from "../core/route.js";
import type { SessionInfo } from "../core/session-info.js";
import type { Scope } from "../core/scope-types.js";
import type { PolledList, ListContext } from "./polled-list.js";
import { MANUAL_INTERVAL, getRules } from "./rules.js";
import type { ListModule } from "./list-module.js";
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

/** The watched lists of one client, and the user they belong to. */
export class ClientLists
  implements ListContext, SharedLists<PolledList<object>>
{
  readonly listsByKey = new Map<string, PolledList<any>>();
  readonly client: ApiClient;
  readonly routeAt: (path: string) => Route | undefined;
  readonly listRules: ListModule;
  readonly wasmModule: WebAssembly.Module;
  /** Whether the token is known to be of the user whose lists these are. */
  isUserConfirmed = true;
  /** The scope, once the app has asked for it. */
  scopeGuard: ScopeGuard | undefined;
  /** The session whose lists these are. */
  #userInfo: SessionInfo | undefined;
  /** The devices of action attempts that are pending, by the attempt's id. */
  readonly #pendingAttempts = new Map<string, unknown>();
  /** During a token check: whether the user was confirmed before it. */
  #confirmedBeforeCheck: boolean | undefined;
  /** Whether the lists were emptied because the session has ended. */
  #isSessionLost = false;
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
    this.wasmModule = module;
    this.listRules = getRules(module, client.errorFactory);
    client.interceptors.push({
      intercept: (call, send) => this.#intercept(call, send),
      onTokenCheck: () => {
        this.#confirmedBeforeCheck ??= this.isUserConfirmed;
        this.isUserConfirmed = false;
        for (const list of this.listsByKey.values()) list.hideData();
      },
      onTokenRejected: (error) => {
        this.isUserConfirmed = this.#confirmedBeforeCheck === true;
        this.#confirmedBeforeCheck = undefined;
        for (const list of this.listsByKey.values())
          list.onTokenRejected(error);
      },
      onTokenReplaced: (session, first) => {
        this.#confirmedBeforeCheck = undefined;
        if (!first) this.#onTokenReplaced(session);
      },
      onSessionLost: () => this.#onSessionLost(),
      onCallSettled: (route, params, error) =>
        this.#onCallSettled(route, params, error),
    });
    // If the user is known in time, the next token of the same user leaves the lists unchanged.
    if (client.kind === "clientSessionToken")
      this.confirmUser().catch(() => {});
  }

  /** The session of the current token, if it is known. */
  get knownSession(): SessionInfo | undefined {
    return this.isUserConfirmed && !this.#isSessionLost
      ? this.#userInfo
      : undefined;
  }

  /**
   * Finds out whose the token is; if it is another user's, the lists are empty before this
   * resolves. With `fresh`, asks the server even if that is known: a session may have been
   * extended.
   */
  async confirmUser(fresh = false): Promise<void> {
    await this.client.tokenCheck;
    const { sessionCache } = this.client;
    const session = await sessionCache.getInfo(fresh);
    // The response to an older token says nothing about this one.
    if (
      session !== sessionCache.sessionInfo ||
      this.#confirmedBeforeCheck !== undefined
    )
      return;
    const isUserUnchanged = sessionCache.isSameUser(this.#userInfo, session);
    this.#userInfo = session;
    if (this.isUserConfirmed) return;
    // Another user's data is removed before anything is shown again.
    if (!isUserUnchanged) {
      this.scopeGuard?.discard();
      for (const list of this.listsByKey.values()) list.clearData();
    }
    this.isUserConfirmed = true;
    this.#isSessionLost = false;
    for (const list of this.listsByKey.values()) list.onUserConfirmed();
  }

  #onTokenReplaced(session: SessionInfo | undefined): void {
    const holds = this.isUserConfirmed && !this.#isSessionLost;
    const userInfo = this.#userInfo;
    const { isSameUser } = this.client.sessionCache;
    if (holds && session && isSameUser(userInfo, session)) {
      this.#userInfo = session;
      // Another session of the same user may see less.
      if (session.client_session_id !== userInfo?.client_session_id) {
        for (const list of this.listsByKey.values()) list.restart();
      }
      return;
    }
    this.#hideLists();
  }

  /** Shows nothing until the user is known. */
  #hideLists(): void {
    this.isUserConfirmed = false;
    for (const list of this.listsByKey.values()) list.onTokenReplaced();
  }

  /** Shows nothing of a session that has ended; the next fetches find out whether it comes back. */
  #onSessionLost(): void {
    this.#isSessionLost = true;
    for (const list of this.listsByKey.values()) {
      list.clearData();
      list.onTokenReplaced();
    }
  }

  /** Wraps a call: its result may say something about the lists. */
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
        // The lists find out by themselves; with token refresh, each once.
        for (const list of this.listsByKey.values()) {
          const isLive = list.status.state === "live";
          if (isLive || !client.refreshesToken) void list.joinFetch();
        }
      }
      throw error;
    }
  }

  /** Refetches the device of an action attempt when that has ended, or after a while. */
  #onAttempt(call: CallContext, attempt?: ActionAttempt): void {
    try {
      if (attempt) this.#followAttempt(call, attempt);
    } catch {
      // A list that has trapped must not affect the call.
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
      const ms = listRules.look_again(nth);
      if (ms < 0 || !this.#pendingAttempts.has(id))
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
   * Listens to the page and the network while a list is polled. The listeners keep this object
   * alive.
   */
  updateEnvironmentListeners(): void {
    const polled = [...this.listsByKey.values()].some(
      (sessionCache) => sessionCache.interval < MANUAL_INTERVAL,
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
