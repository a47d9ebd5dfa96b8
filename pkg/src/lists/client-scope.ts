import type { ApiClient } from "../transport/api-client.js";
import type { CallContext, Next } from "../core/contracts.js";
import { READS } from "../generated/routes.js";
import type { Device } from "../generated/resources/index.js";
import type { Route } from "../core/route.js";
import type { Scope as PublicScope } from "../core/scope-types.js";
import type { SessionInfo } from "../core/session-info.js";
import { ErrorClass } from "../core/error-factory.js";
import {
  checkInScope,
  deviceIdsIn,
  type CallParams,
  onRefused,
} from "./scope-check.js";
import type { PolledList } from "./polled-list.js";
import { subscribe } from "./watch-list.js";
import { ClientLists } from "./client-lists.js";
import { MANUAL_INTERVAL, classifyError, RefetchError } from "./rules.js";
import { BaseScope } from "./base-scope.js";
import type { Snapshot } from "./snapshot.js";
import { compile } from "./list-module.js";
import type { ListSubscription } from "./list-subscription.js";

/** Fetches the scope of a client's session. Returns the one scope of the client. */
export async function scope(
  client: ApiClient,
  routeAt: (path: string) => Route | undefined,
): Promise<PublicScope> {
  if (client.kind !== "clientSessionToken") {
    throw client.errorFactory.createError(
      ErrorClass.InvalidOptions,
      "credential_not_accepted",
      "not_sent",
      `scope() needs a clientSessionToken: this client's ${client.kind} has the whole workspace`,
    );
  }
  const lists = ClientLists.of(client, routeAt, await compile());
  for (;;) {
    const scope = (lists.scopeGuard ??= new ClientScope(lists));
    await scope.loadScope();
    // If the token of another user was set meanwhile, that user has another scope.
    if (scope === lists.scopeGuard) return scope;
  }
}

/** What the session of a client may do, as last fetched. */
export class ClientScope extends BaseScope {
  readonly #lists: ClientLists;
  /** The list of all devices; `undefined` once the client has another user's token. */
  #subscription: ListSubscription<Device, PolledList<Device>> | undefined;
  #loading: Promise<void> | undefined;
  #isLoaded = false;

  constructor(lists: ClientLists) {
    super();
    this.#lists = lists;
    const route = lists.routeAt("/devices/list") as Route;
    // The list is not polled, so its visibility does not matter.
    const requirements = { interval: MANUAL_INTERVAL, isHidden: () => true };
    this.#subscription = subscribe(lists, route, "{}", requirements, () => {});
  }

  /** Fetches the scope again; concurrent calls share one fetch. */
  loadScope(): Promise<void> {
    return (this.#loading ??= this.#load().finally(() => {
      this.#loading = undefined;
    }));
  }

  /** Ends the scope, because the token is another user's now. */
  discard(): void {
    this.#subscription?.close();
    this.#subscription = undefined;
    if (this.#lists.scopeGuard === this) this.#lists.scopeGuard = undefined;
  }

  /**
   * Wraps a call. A write or action for a device that is not in the list is sent only if the server
   * says that the device is in scope. For a device in the list the call is sent directly; if the
   * server refuses it as out of scope, the device is removed from the list.
   */
  async intercept(call: CallContext, next: Next): Promise<unknown> {
    const list = this.#subscription?.sharedList;
    if (!list || !this.#isLoaded) return next();
    const { listRules } = this.#lists;
    const { path, kind } = call.route;
    // A session cannot look up a phone, because the API has no route for that.
    const acts = kind >= READS && !path.startsWith("/phones/");
    const params = Object(
      acts && JSON.parse(call.params ?? "{}"),
    ) as CallParams;
    const ids = deviceIdsIn(params);
    const { client } = this.#lists;
    const unseen = ids.filter((id) => {
      if (!client.checksScope) return false;
      try {
        return !this.has(id);
      } catch {
        // The list has trapped, and is empty now.
        return true;
      }
    });
    const { tokenSignal } = list;
    if (unseen.length > 0) {
      await checkInScope(list, listRules, client, unseen, call.calledAt);
      if (tokenSignal.aborted) throw client.errorFactory.sessionChangedError();
    }
    try {
      return await next();
    } catch (error) {
      // The refusal says nothing about what the next user may do.
      if (tokenSignal.aborted) throw error;
      const refetchError = classifyError(listRules, error);
      if (refetchError === RefetchError.OutOfScope) {
        // A trap in the lists must not affect the call.
        await onRefused(list, listRules, error, ids, params).catch(() => {});
      }
      throw error;
    }
  }

  protected get sessionInfo(): SessionInfo | undefined {
    return this.#subscription && this.#lists.knownSession;
  }

  protected get snapshot(): Snapshot<Device> | undefined {
    return this.#subscription?.sharedList.snapshot;
  }

  async #load(): Promise<void> {
    const list = this.#subscription?.sharedList as PolledList<Device>;
    try {
      // A fetch in progress may have ended by the time the user is known.
      const joined = list.joinFetch();
      const fresh = this.#isLoaded && joined !== undefined;
      await Promise.all([this.#lists.confirmUser(fresh), joined]);
      const { reason } = list.status as { reason?: unknown };
      if (reason !== undefined) throw reason as unknown;
      this.#isLoaded = true;
    } catch (error) {
      if (!this.#isLoaded) this.discard();
      throw error;
    }
  }
}
