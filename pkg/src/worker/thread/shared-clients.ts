import { ApiClient } from "../../transport/api-client.js";
import type { Credential } from "../../core/credential.js";
import { SeamSignedOutError } from "../../core/errors.js";
import { READS } from "../../generated/routes.js";
import {
  type ClientSession,
  createClientSession,
} from "../../token/client-session.js";
import { type ClientScope, scope } from "../../lists/client-scope.js";
import {
  isSameUser,
  type SessionEndReason,
  type SessionInfo,
} from "../../core/session-info.js";
import { errorFactory } from "../../core/error-factory.js";
import { type Route, routeAt } from "../../core/route.js";
import type { TokenRequest } from "../../core/options.js";
import type { ClientOptions } from "../protocol/messages.js";
import { redactJson, redact } from "./redact.js";

/** A page that uses a client. */
export interface AttachedPage {
  /** Requests a token from the page, if it has a token function. */
  readonly askForToken?:
    ((reason: TokenRequest["reason"]) => Promise<string>) | undefined;
  /** The client has another token of the same user, with this session; or its session has ended. */
  onSession(session: SessionInfo | SessionEndReason): void;
  /** The client has another user now, so the page must stop using it. */
  onTokenRequired(): void;
}

/**
 * A client in the worker, shared by all pages that gave the same token, endpoint and options. It
 * has one session, and a page reaches it only with its token.
 */
export class SharedClient {
  readonly client: ApiClient;
  readonly #pages = new Set<AttachedPage>();
  readonly #unregister: () => void;
  /** The current token and those before it: none of them is sent to a page. */
  readonly #tokens: Set<string>;
  #scope: ClientScope | undefined;

  /** `move` is called with each new token, and with `undefined` when pages can no longer join. */
  constructor(
    credential: Credential,
    options: ClientOptions,
    hasTokenFunction: boolean,
    move: (token: string | undefined) => void,
  ) {
    const client = (this.client = new ApiClient(credential, options));
    this.#tokens = new Set([credential.token]);
    this.#unregister = () => move(undefined);
    if (!hasTokenFunction) return;
    const askForToken = async ({ reason }: TokenRequest): Promise<string> => {
      const token = await this.#askForToken(reason);
      this.#tokens.add(token);
      return token;
    };
    // A client never changes its user. When a page returns another user's token, all pages supply
    // their own tokens again.
    client.refreshesToken = true;
    client.onOtherUser = () => {
      this.#unregister();
      for (const page of this.#pages) page.onTokenRequired();
    };
    let session: Promise<ClientSession<ApiClient>> | undefined;
    client.interceptors.push({
      intercept: async (call, send) => {
        session ??= createClientSession(client, askForToken, undefined, true);
        return (await session).intercept(call, send);
      },
      onTokenReplaced: (session) => {
        if (session) this.#notifyPages(session);
        // The token may have been replaced since, and a client without pages is closed.
        const used = [...this.#tokens].find((it) => client.hasToken(it));
        move(this.#pages.size > 0 ? used : undefined);
      },
      onSessionLost: (reason) => this.#notifyPages(reason),
    });
  }

  /** Adds a page, until it detaches. */
  attach(page: AttachedPage): this {
    this.#pages.add(page);
    return this;
  }

  detach(page: AttachedPage): void {
    this.#pages.delete(page);
    if (this.#pages.size > 0) return;
    this.#unregister();
    this.#scope?.discard();
  }

  /** Fetches the session. */
  fetchSession(): Promise<SessionInfo> {
    return this.client.sessionCache.getInfo(true);
  }

  /** Fetches the scope; returns its session. */
  async loadScope(): Promise<SessionInfo> {
    const it = (await scope(this.client, routeAt)) as ClientScope;
    this.#scope = it;
    if (this.#pages.size === 0) it.discard();
    const { client_session_id, user_identity_id } = it;
    const expires_at = it.expires_at?.toISOString();
    return { client_session_id, user_identity_id, expires_at } as SessionInfo;
  }

  /** The session, if it is known. */
  get sessionInfo(): SessionInfo | undefined {
    return this.client.sessionCache.sessionInfo;
  }

  /**
   * Resolves if a call that was meant for the user `before` may be sent here.
   *
   * @throws {SeamOutOfScopeError} This is another user.
   */
  async assertSameUser(
    route: Route,
    before: SessionInfo | undefined,
  ): Promise<void> {
    if (route.kind < READS) return;
    const session = await this.client.sessionCache
      .getInfo()
      .catch((error: unknown) => {
        // Only the lookup has failed.
        throw errorFactory.withOutcome(error, "not_sent");
      });
    if (isSameUser(before, session)) return;
    throw errorFactory.sessionChangedError();
  }

  /** Removes all tokens from a value that is sent to a page. */
  redact<T>(value: T): T {
    let it = value;
    for (const token of this.#tokens) it = redact(it, token);
    return it;
  }

  /** The same for JSON text. */
  redactJson(text: string): string {
    let it = text;
    for (const token of this.#tokens) it = redactJson(it, token);
    return it;
  }

  #notifyPages(session: SessionInfo | SessionEndReason): void {
    for (const page of this.#pages) page.onSession(session);
  }

  /** Requests a token from the first page that has a function. */
  async #askForToken(reason: TokenRequest["reason"]): Promise<string> {
    let why: unknown = new Error("no page is there");
    for (const page of [...this.#pages]) {
      const { askForToken } = page;
      if (askForToken === undefined || !this.#pages.delete(page)) continue;
      // Next time another page is asked first, because this one may never respond.
      this.#pages.add(page);
      try {
        return await askForToken(reason);
      } catch (error) {
        // The user has signed out: no other page may sign in again.
        if (error instanceof SeamSignedOutError) throw error;
        why = error;
      }
    }
    throw why;
  }
}

/** All shared clients of the worker. */
export class SharedClients {
  readonly #clientsByKey = new Map<string, SharedClient>();

  /** Returns the client for these, with the page attached. */
  attach(
    credential: Credential,
    options: ClientOptions,
    hasTokenFunction: boolean,
    page: AttachedPage,
  ): SharedClient {
    const { kind, workspaceId } = credential;
    const { endpoint, maxRetries, timeout, waitForActionAttempt } = options;
    const headers = Object.entries(options.headers ?? {}).sort();
    const keyOf = (token: string): string =>
      JSON.stringify(
        [
          ...[kind, token, workspaceId, endpoint, hasTokenFunction],
          ...[maxRetries, timeout, waitForActionAttempt],
          ...[options.dangerouslyAllowBrowser, options.userIdentityId],
          ...[options.checkScope === true, headers],
        ],
        // JSON has no infinity.
        (_, it: unknown) => (typeof it === "number" ? String(it) : it),
      );
    let key = keyOf(credential.token);
    const there = this.#clientsByKey.get(key);
    if (there !== undefined) return there.attach(page);
    const move = (token: string | undefined): void => {
      if (this.#clientsByKey.get(key) === client)
        this.#clientsByKey.delete(key);
      if (token === undefined) return;
      key = keyOf(token);
      if (!this.#clientsByKey.has(key)) this.#clientsByKey.set(key, client);
    };
    const client = new SharedClient(
      credential,
      options,
      hasTokenFunction,
      move,
    );
    this.#clientsByKey.set(key, client);
    return client.attach(page);
  }
}
