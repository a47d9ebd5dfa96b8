import { ApiClient } from "../../transport/api-client.js";
import type { Credential } from "../../core/credential.js";
import { SeamSignedOutError } from "../../core/errors.js";
import { READS } from "../../generated/routes.js";
import { type TokenRefresher, renew } from "../../token/refresher.js";
import { type Scope, scope } from "../../lists/client-scope.js";
import { type SessionInfo, isSameUser } from "../../core/session-info.js";
import { errors } from "../../core/error-factory.js";
import { type Route, routeAt } from "../../core/route.js";
import type { ClientOptions } from "../protocol/messages.js";
import { textWithout, without } from "./redact.js";

/** A page that uses a client. */
export interface User {
  /** Gives a token, where the page has a function for it. */
  readonly ask?: (() => Promise<string>) | undefined;
  /** There is another token of the same user's, with this session; or none any more. */
  session(session: SessionInfo | undefined): void;
  /** The client is another user's now: it is of no use to the page any more. */
  anew(): void;
}

/**
 * A client of the worker's, which all pages share that gave the same token, the
 * same endpoint and the same options: so it is of one session, and no page comes
 * to another's by anything but its token.
 */
export class Client {
  readonly caller: ApiClient;
  readonly #users = new Set<User>();
  readonly #close: () => void;
  /** The one in use, and those before it: none of them is shown to a page. */
  readonly #tokens: Set<string>;
  #scope: Scope | undefined;

  /** `move` is called with each other token that it gets. */
  constructor(
    credential: Credential,
    options: ClientOptions,
    renews: boolean,
    move: (token: string | undefined) => void,
  ) {
    const caller = (this.caller = new ApiClient(credential, options));
    this.#tokens = new Set([credential.token]);
    this.#close = () => move(undefined);
    if (!renews) return;
    const ask = async (): Promise<string> => {
      const token = await this.#ask();
      this.#tokens.add(token);
      return token;
    };
    // A client is of one user for ever. Who gave another's token, and all who
    // might have, give theirs anew.
    caller.isRenewed = true;
    caller.replace = () => {
      this.#close();
      for (const user of this.#users) user.anew();
    };
    let renewal: Promise<TokenRefresher> | undefined;
    caller.companions.push({
      around: async (call, send) => {
        renewal ??= renew(caller, ask);
        return (await renewal).around(call, send);
      },
      renewed: (session) => {
        if (session) this.#tell(session);
        // A function's late answer is none of its tokens, and who has no users is gone.
        const used = [...this.#tokens].find((it) => caller.uses(it));
        move(this.#users.size > 0 ? used : undefined);
      },
      lost: () => this.#tell(undefined),
    });
  }

  /** A page uses it until it leaves. */
  use(user: User): this {
    this.#users.add(user);
    return this;
  }

  leave(user: User): void {
    this.#users.delete(user);
    if (this.#users.size > 0) return;
    this.#close();
    this.#scope?.drop();
  }

  /** Asks the server whose it is. */
  identify(): Promise<SessionInfo> {
    return this.caller.session.get(true);
  }

  /** Asks the server what the session may; tells whose it is. */
  async scope(): Promise<SessionInfo> {
    const it = (await scope(this.caller, routeAt)) as Scope;
    this.#scope = it;
    if (this.#users.size === 0) it.drop();
    const { client_session_id, user_identity_id } = it;
    const expires_at = it.expires_at?.toISOString();
    return { client_session_id, user_identity_id, expires_at } as SessionInfo;
  }

  /** Whose it is, as far as that is known. */
  get whose(): SessionInfo | undefined {
    return this.caller.session.current;
  }

  /**
   * Resolves when what was meant to be done as `before` may be done here.
   *
   * @throws {SeamOutOfScopeError} This is another user.
   */
  async stays(route: Route, before: SessionInfo | undefined): Promise<void> {
    if (route.kind < READS) return;
    const session = await this.caller.session.get().catch((error: unknown) => {
      // What was not answered was only the question.
      throw errors.withOutcome(error, "not_sent");
    });
    if (isSameUser(before, session)) return;
    throw errors.changedSession();
  }

  /** The value without the token, to be shown to a page. */
  shown<T>(value: T): T {
    let it = value;
    for (const token of this.#tokens) it = without(it, token);
    return it;
  }

  /** The same for JSON text. */
  shownText(text: string): string {
    let it = text;
    for (const token of this.#tokens) it = textWithout(it, token);
    return it;
  }

  #tell(session: SessionInfo | undefined): void {
    for (const user of this.#users) user.session(session);
  }

  /** A token of one page's: of the first that has one. */
  async #ask(): Promise<string> {
    let why: unknown = new Error("no page is there");
    for (const user of [...this.#users]) {
      const { ask } = user;
      if (ask === undefined || !this.#users.delete(user)) continue;
      // Next time another is asked first: this one may never answer.
      this.#users.add(user);
      try {
        return await ask();
      } catch (error) {
        // The user has signed out: no other page is to sign in again.
        if (error instanceof SeamSignedOutError) throw error;
        why = error;
      }
    }
    throw why;
  }
}

/** The clients of all pages. */
export class Clients {
  readonly #clients = new Map<string, Client>();

  /** The client for these; who takes it leaves it. */
  take(
    credential: Credential,
    options: ClientOptions,
    renews: boolean,
    user: User,
  ): Client {
    const { kind, workspaceId } = credential;
    const { endpoint, maxRetries, timeout, waitForActionAttempt } = options;
    const keyOf = (token: string): string =>
      JSON.stringify(
        [
          ...[kind, token, workspaceId, endpoint, renews],
          ...[maxRetries, timeout, waitForActionAttempt],
          ...[options.dangerouslyAllowBrowser, options.userIdentityId],
        ],
        // JSON has no infinity.
        (_, it: unknown) => (typeof it === "number" ? String(it) : it),
      );
    let key = keyOf(credential.token);
    const there = this.#clients.get(key);
    if (there !== undefined) return there.use(user);
    const move = (token: string | undefined): void => {
      if (this.#clients.get(key) === client) this.#clients.delete(key);
      if (token === undefined) return;
      key = keyOf(token);
      if (!this.#clients.has(key)) this.#clients.set(key, client);
    };
    const client = new Client(credential, options, renews, move);
    this.#clients.set(key, client);
    return client.use(user);
  }
}
