import { Caller } from "../call.js";
import type { Credential } from "../credential.js";
import { type Scope, scope } from "../live/scope.js";
import type { Facts } from "../live/session.js";
import { routeAt } from "../routes.js";
import type { ClientOptions } from "./messages.js";
import { textWithout, without } from "./secret.js";

/**
 * A client of the worker's, which all pages share that gave the same token, the
 * same endpoint and the same options: so it is of one session, and no page comes
 * to another's by anything but its token.
 */
export class Client {
  readonly caller: Caller;
  readonly #token: string;
  readonly #close: () => void;
  #scope: Scope | undefined;
  #users = 1;

  constructor(
    credential: Credential,
    options: ClientOptions,
    close: () => void,
  ) {
    this.caller = new Caller(credential, options);
    this.#token = credential.token;
    this.#close = close;
  }

  use(): this {
    this.#users += 1;
    return this;
  }

  /** To be called once by each who uses it. */
  leave(): void {
    this.#users -= 1;
    if (this.#users > 0) return;
    this.#close();
    this.#scope?.drop();
  }

  /** Asks the server what the session may; tells whose it is. */
  async scope(): Promise<Facts> {
    const it = (await scope(this.caller, routeAt)) as Scope;
    this.#scope = it;
    if (this.#users === 0) it.drop();
    const { client_session_id, user_identity_id } = it;
    const expires_at = it.expires_at?.toISOString();
    return { client_session_id, user_identity_id, expires_at } as Facts;
  }

  /** The value without the token, to be shown to a page. */
  shown<T>(value: T): T {
    return without(value, this.#token);
  }

  /** The same for JSON text. */
  shownText(text: string): string {
    return textWithout(text, this.#token);
  }
}

/** The clients of all pages. */
export class Clients {
  readonly #clients = new Map<string, Client>();

  /** The client for these; who takes it leaves it. */
  take(credential: Credential, options: ClientOptions): Client {
    const { kind, token, workspaceId } = credential;
    const { endpoint, maxRetries, timeout, waitForActionAttempt } = options;
    const key = JSON.stringify([
      ...[kind, token, workspaceId, endpoint],
      ...[maxRetries, timeout, waitForActionAttempt],
      options.dangerouslyAllowBrowser,
    ]);
    const there = this.#clients.get(key);
    if (there !== undefined) return there.use();
    const client = new Client(credential, options, () =>
      this.#clients.delete(key),
    );
    this.#clients.set(key, client);
    return client;
  }
}
