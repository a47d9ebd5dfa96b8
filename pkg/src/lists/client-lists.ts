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

/** The scope of a client, for those who keep its lists. */
export interface ScopeGuard extends Scope {
  /** Asks the server anew. */
  loadScope(): Promise<void>;
  /** Checks what a call is about before it is sent; see {@link Interceptor}. */
  intercept(call: CallContext, send: Next): Promise<unknown>;
  /** Ends it: the token is another user's. */
  discard(): void;
}

const listsOf = new WeakMap<ApiClient, ClientLists>();

/** Whose lists a client watches, and those lists. */
export class ClientLists
  implements ListContext, SharedLists<PolledList<object>>
{
  readonly listsByKey = new Map<string, PolledList<any>>();
  readonly client: ApiClient;
  readonly routeAt: (path: string) => Route | undefined;
  readonly listRules: ListModule;
  readonly wasmModule: WebAssembly.Module;
  /** Whether the token is known to be of whom the lists are. */
  isUserConfirmed = true;
  /** What its session may, once somebody has asked. */
  scopeGuard: ScopeGuard | undefined;
  /** Whose the lists are. */
  #userInfo: SessionInfo | undefined;
  /** What was being done when it was last heard of: devices by action attempts. */
  readonly #pendingAttempts = new Map<string, unknown>();
  /** While another token is being checked, whether it was known whose the last one is. */
  #confirmedBeforeCheck: boolean | undefined;
  /** Whether they were emptied because that session is over. */
  #isSessionLost = false;
  readonly #onEnvironmentChange = (): void => {
    for (const list of this.listsByKey.values()) list.updatePaused();
  };

  /** The one of this client. */
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
    // Known in time, the next token of the same user leaves the lists as they are.
    if (client.kind === "clientSessionToken")
      this.confirmUser().catch(() => {});
  }

  /** The session of the token in use, if it is known. */
  get knownSession(): SessionInfo | undefined {
    return this.isUserConfirmed && !this.#isSessionLost
      ? this.#userInfo
      : undefined;
  }

  /**
   * Settles whose the token is; if it is another's, the lists are empty before this resolves.
   * `anew` asks the server also when that is known: a session may be given more time.
   */
  async confirmUser(fresh = false): Promise<void> {
    await this.client.tokenCheck;
    const { sessionCache } = this.client;
    const session = await sessionCache.getInfo(fresh);
    // The answer to an older token says nothing of this one.
    if (
      session !== sessionCache.sessionInfo ||
      this.#confirmedBeforeCheck !== undefined
    )
      return;
    const isUserUnchanged = sessionCache.isSameUser(this.#userInfo, session);
    this.#userInfo = session;
    if (this.isUserConfirmed) return;
    // What is another's goes before anything is shown again.
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
    const whose = this.#userInfo;
    const { isSameUser } = this.client.sessionCache;
    if (holds && session && isSameUser(whose, session)) {
      this.#userInfo = session;
      // Another session of the same user may see less.
      if (session.client_session_id !== whose?.client_session_id) {
        for (const list of this.listsByKey.values()) list.restart();
      }
      return;
    }
    this.#hideLists();
  }

  /** Nothing is shown before it is known whose it is. */
  #hideLists(): void {
    this.isUserConfirmed = false;
    for (const list of this.listsByKey.values()) list.onTokenReplaced();
  }

  /** Of a session that is over nothing is shown; whether it comes back, the rounds tell. */
  #onSessionLost(): void {
    this.#isSessionLost = true;
    for (const list of this.listsByKey.values()) {
      list.clearData();
      list.onTokenReplaced();
    }
  }

  /** Stands around a call: what comes of it may tell of the lists. */
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
        // The lists learn it for themselves; where it is renewed, each once.
        for (const list of this.listsByKey.values()) {
          const isLive = list.status.state === "live";
          if (isLive || !client.refreshesToken) void list.joinFetch();
        }
      }
      throw error;
    }
  }

  /** Looks at the device of an attempt again when that has ended, or had its time. */
  #onAttempt(call: CallContext, attempt?: ActionAttempt): void {
    try {
      if (attempt) this.#followAttempt(call, attempt);
    } catch {
      // A list that broke is no concern of the call's.
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

  /** Hears of the page and the network, and lives as long as they, while a list is polled. */
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

/** The device that a call names. */
function deviceIdIn(params = "{}"): unknown {
  return (JSON.parse(params) as { device_id?: unknown }).device_id;
}
