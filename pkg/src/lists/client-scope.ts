import type { ApiClient } from "../transport/api-client.js";
import type { CallContext, Next } from "../core/contracts.js";
import { READS } from "../generated/routes.js";
import type { Device } from "../generated/resources/index.js";
import type { Route } from "../core/route.js";
import type { Scope as Face } from "../core/scope-types.js";
import type { SessionInfo } from "../core/session-info.js";
import { ErrorClass } from "../core/error-factory.js";
import { check, devicesIn, type Named, refused } from "./scope-check.js";
import type { PolledList } from "./polled-list.js";
import { share } from "./watch-list.js";
import { ClientLists } from "./client-lists.js";
import { NEVER, verdict, Verdict } from "./rules.js";
import { SeenScope } from "./base-scope.js";
import type { Snapshot } from "./snapshot.js";
import { compile } from "./list-module.js";
import type { ListSubscription } from "./list-subscription.js";

/** Asks the server what the session of a client may; gives the client's one scope. */
export async function scope(
  caller: ApiClient,
  routeAt: (path: string) => Route | undefined,
): Promise<Face> {
  if (caller.kind !== "clientSessionToken") {
    throw caller.errors.make(
      ErrorClass.InvalidOptions,
      "credential_not_accepted",
      "not_sent",
      `scope() needs a clientSessionToken: this client's ${caller.kind} has the whole workspace`,
    );
  }
  const owner = ClientLists.of(caller, routeAt, await compile());
  for (;;) {
    const scope = (owner.scope ??= new Scope(owner));
    await scope.load();
    // Another user's token came meanwhile: it has a scope of its own.
    if (scope === owner.scope) return scope;
  }
}

/** What the session of a client may, as it was last seen. */
export class Scope extends SeenScope {
  readonly #owner: ClientLists;
  /** All devices; nothing when the session is another one's. */
  #watched: ListSubscription<Device, PolledList<Device>> | undefined;
  #loading: Promise<void> | undefined;
  #isLoaded = false;

  constructor(owner: ClientLists) {
    super();
    this.#owner = owner;
    const route = owner.routeAt("/devices/list") as Route;
    // Who sees it makes no difference: it wants no rounds.
    const wish = { interval: NEVER, isHidden: () => true };
    this.#watched = share(owner, route, "{}", wish, () => {});
  }

  /** Asks the server anew; whoever asks meanwhile gets the same. */
  load(): Promise<void> {
    return (this.#loading ??= this.#load().finally(() => {
      this.#loading = undefined;
    }));
  }

  /** It is another's token now. */
  drop(): void {
    this.#watched?.close();
    this.#watched = undefined;
    if (this.#owner.scope === this) this.#owner.scope = undefined;
  }

  /**
   * Stands around a call. What is done to a device that was not seen here is sent
   * only when the server says that the device is there; for one that was seen, the
   * server's refusal is the answer, and is remembered.
   */
  async around(call: CallContext, send: Next): Promise<unknown> {
    const list = this.#watched?.list;
    if (!list || !this.#isLoaded) return send();
    const { rules } = this.#owner;
    const { path, kind } = call.route;
    // No route shows a session whether a phone is there.
    const acts = kind >= READS && !path.startsWith("/phones/");
    const named = Object(acts && JSON.parse(call.params ?? "{}")) as Named;
    const ids = devicesIn(named);
    const unseen = ids.filter((id) => {
      try {
        return !this.has(id);
      } catch {
        // The list broke, and is empty now.
        return true;
      }
    });
    const { calls } = list;
    const { caller } = this.#owner;
    if (unseen.length > 0) {
      await check(list, rules, caller, unseen, call.calledAt);
      if (calls.aborted) throw caller.errors.changedSession();
    }
    try {
      return await send();
    } catch (error) {
      // It tells nothing of what the next user may.
      if (calls.aborted) throw error;
      const means = verdict(rules, error);
      if (means === Verdict.Gone) {
        // A list that broke is no concern of the call's.
        await refused(list, rules, error, ids, named).catch(() => {});
      }
      throw error;
    }
  }

  protected get session(): SessionInfo | undefined {
    return this.#watched && this.#owner.whose;
  }

  protected get snapshot(): Snapshot<Device> | undefined {
    return this.#watched?.list.snapshot;
  }

  async #load(): Promise<void> {
    const list = this.#watched?.list as PolledList<Device>;
    try {
      // A round that is under way may have ended when it is known whose the token is.
      const joined = list.join();
      const anew = this.#isLoaded && joined !== undefined;
      await Promise.all([this.#owner.confirm(anew), joined]);
      const { reason } = list.status as { reason?: unknown };
      if (reason !== undefined) throw reason;
      this.#isLoaded = true;
    } catch (error) {
      if (!this.#isLoaded) this.drop();
      throw error;
    }
  }
}
