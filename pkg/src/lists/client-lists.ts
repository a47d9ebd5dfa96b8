import type { ApiClient } from "../transport/api-client.js";
import type { CallContext, Interceptor, Next } from "../core/contracts.js";
import { READS } from "../generated/routes.js";
import type { ActionAttempt } from "../generated/resources/index.js";
import type { Route } from "../core/route.js";
import type { SessionInfo } from "../core/session-info.js";
import type { Scope } from "../core/scope-types.js";
import type { PolledList, ListContext } from "./polled-list.js";
import { NEVER, rules } from "./rules.js";
import type { Live } from "./list-module.js";
import type { SharedLists } from "./list-subscription.js";

/** The scope of a client, for those who keep its lists. */
export interface ScopeGuard extends Scope {
  /** Asks the server anew. */
  load(): Promise<void>;
  /** Checks what a call is about before it is sent; see {@link Interceptor}. */
  around(call: CallContext, send: Next): Promise<unknown>;
  /** Ends it: the token is another user's. */
  drop(): void;
}

const owners = new WeakMap<ApiClient, ClientLists>();

/** Whose lists a client watches, and those lists. */
export class ClientLists
  implements ListContext, SharedLists<PolledList<object>>
{
  readonly lists = new Map<string, PolledList<any>>();
  readonly caller: ApiClient;
  readonly routeAt: (path: string) => Route | undefined;
  readonly rules: Live;
  readonly module: WebAssembly.Module;
  /** Whether the token is known to be of whom the lists are. */
  confirmed = true;
  /** What its session may, once somebody has asked. */
  scope: ScopeGuard | undefined;
  /** Whose the lists are. */
  #whose: SessionInfo | undefined;
  /** What was being done when it was last heard of: devices by action attempts. */
  readonly #moving = new Map<string, unknown>();
  /** While another token is being checked, whether it was known whose the last one is. */
  #held: boolean | undefined;
  /** Whether they were emptied because that session is over. */
  #isOver = false;
  readonly #onChange = (): void => {
    for (const list of this.lists.values()) list.rests();
  };

  /** The one of this client. */
  static of(
    caller: ApiClient,
    routeAt: (path: string) => Route | undefined,
    module: WebAssembly.Module,
  ): ClientLists {
    let owner = owners.get(caller);
    if (owner === undefined) {
      owner = new ClientLists(caller, routeAt, module);
      owners.set(caller, owner);
    }
    return owner;
  }

  private constructor(
    caller: ApiClient,
    routeAt: (path: string) => Route | undefined,
    module: WebAssembly.Module,
  ) {
    this.caller = caller;
    this.routeAt = routeAt;
    this.module = module;
    this.rules = rules(module, caller.errors);
    caller.companions.push({
      around: (call, send) => this.#around(call, send),
      checking: () => {
        this.#held ??= this.confirmed;
        this.confirmed = false;
        for (const list of this.lists.values()) list.hide();
      },
      restored: (error) => {
        this.confirmed = this.#held === true;
        this.#held = undefined;
        for (const list of this.lists.values()) list.restored(error);
      },
      renewed: (session, first) => {
        this.#held = undefined;
        if (!first) this.#renewed(session);
      },
      lost: () => this.#lost(),
      ended: (route, params, error) => this.#ended(route, params, error),
    });
    // Known in time, the next token of the same user leaves the lists as they are.
    if (caller.kind === "clientSessionToken") this.confirm().catch(() => {});
  }

  /** The session of the token in use, if it is known. */
  get whose(): SessionInfo | undefined {
    return this.confirmed && !this.#isOver ? this.#whose : undefined;
  }

  /**
   * Settles whose the token is; if it is another's, the lists are empty before this resolves.
   * `anew` asks the server also when that is known: a session may be given more time.
   */
  async confirm(anew = false): Promise<void> {
    await this.caller.held;
    const { session: it } = this.caller;
    const session = await it.get(anew);
    // The answer to an older token says nothing of this one.
    if (session !== it.current || this.#held !== undefined) return;
    const same = it.isSame(this.#whose, session);
    this.#whose = session;
    if (this.confirmed) return;
    // What is another's goes before anything is shown again.
    if (!same) {
      this.scope?.drop();
      for (const list of this.lists.values()) list.empty();
    }
    this.confirmed = true;
    this.#isOver = false;
    for (const list of this.lists.values()) list.confirmed();
  }

  #renewed(session: SessionInfo | undefined): void {
    const holds = this.confirmed && !this.#isOver;
    const whose = this.#whose;
    const { isSame } = this.caller.session;
    if (holds && session && isSame(whose, session)) {
      this.#whose = session;
      // Another session of the same user may see less.
      if (session.client_session_id !== whose?.client_session_id) {
        for (const list of this.lists.values()) list.again();
      }
      return;
    }
    this.#hide();
  }

  /** Nothing is shown before it is known whose it is. */
  #hide(): void {
    this.confirmed = false;
    for (const list of this.lists.values()) list.renewed();
  }

  /** Of a session that is over nothing is shown; whether it comes back, the rounds tell. */
  #lost(): void {
    this.#isOver = true;
    for (const list of this.lists.values()) {
      list.empty();
      list.renewed();
    }
  }

  /** Stands around a call: what comes of it may tell of the lists. */
  async #around(call: CallContext, send: Next): Promise<unknown> {
    try {
      const body = await (this.scope?.around(call, send) ?? send());
      this.#attempted(call, Object(body).action_attempt);
      return body;
    } catch (error) {
      const { reason, actionAttempt } = Object(error);
      this.#attempted(call, actionAttempt);
      const { caller } = this;
      if (reason === "token_refused" && call.changes === caller.changes) {
        // The lists learn it for themselves; where it is renewed, each once.
        for (const list of this.lists.values()) {
          const isLive = list.status.state === "live";
          if (isLive || !caller.isRenewed) void list.join();
        }
      }
      throw error;
    }
  }

  /** Looks at the device of an attempt again when that has ended, or had its time. */
  #attempted(call: CallContext, attempt?: ActionAttempt): void {
    try {
      if (attempt) this.#follow(call, attempt);
    } catch {
      // A list that broke is no concern of the call's.
    }
  }

  #follow({ route, params }: CallContext, attempt: ActionAttempt): void {
    const { rules } = this;
    const { action_attempt_id: id, status } = attempt;
    const look = (): void => {
      for (const list of this.lists.values()) {
        list.altered("", this.#moving.get(id));
      }
    };
    const again = (nth: number): void => {
      const ms = rules.look_again(nth);
      if (ms < 0 || !this.#moving.has(id)) return void this.#moving.delete(id);
      const next = (): void => {
        look();
        again(nth + 1);
      };
      new this.caller.Timer().start(ms, next, true);
    };
    if (status !== "pending") {
      look();
      this.#moving.delete(id);
    } else if (route.kind >= READS) {
      this.#moving.set(id, deviceIn(params));
      again(0);
    }
  }

  #ended(route: Route, params: string | undefined, error: unknown): void {
    const { outcome } = Object(error) as { outcome?: string };
    if (route.kind < READS) return;
    if (outcome === "not_sent" || outcome === "refused") return;
    for (const list of this.lists.values()) {
      list.altered(route.path, deviceIn(params));
    }
  }

  /** Hears of the page and the network, and lives as long as they, while a list is polled. */
  heed(): void {
    const polled = [...this.lists.values()].some((it) => it.interval < NEVER);
    const how = polled ? "addEventListener" : "removeEventListener";
    globalThis.document?.[how]("visibilitychange", this.#onChange);
    for (const name of ["online", "offline"]) {
      globalThis[how]?.(name, this.#onChange);
    }
  }
}

/** The device that a call names. */
function deviceIn(params = "{}"): unknown {
  return (JSON.parse(params) as { device_id?: unknown }).device_id;
}
