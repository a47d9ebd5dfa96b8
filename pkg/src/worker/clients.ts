import { Caller } from "../call.js";
import type { Credential } from "../credential.js";
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
    if (this.#users === 0) this.#close();
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
