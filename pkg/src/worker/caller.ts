import type { Caller as LocalCaller } from "../call.js";
import { checked, endpointOf, type Credential } from "../credential.js";
import { invalidOptions } from "../invalid.js";
import type {
  ClientSessionTokenFunction,
  RequestOptions,
  SeamOptions,
  WaitForActionAttempt,
} from "../options.js";
import type { Route } from "../routes.js";
import type { Facts } from "../session.js";
import { type Connection, connection, type Renewed } from "./connection.js";
import { FirstToken } from "./first-token.js";
import type { ClientOptions } from "./messages.js";

/**
 * What stands in a page for the caller that is in the worker (pkg/build.mjs puts
 * it in the place of call.ts). It gives the credential away when it is made.
 */
export class Caller
  implements
    Renewed,
    Pick<
      LocalCaller,
      Exclude<
        keyof LocalCaller,
        | "as"
        | "changes"
        | "isRenewed"
        | "session"
        | "timeout"
        | "uses"
        | "since"
        | "held"
        | "tell"
        | "changeToken"
        | "userIdentityId"
      >
    >
{
  readonly #options: ClientOptions;
  /** Gives tokens, where they come from a function; it is called in the page. */
  readonly #first: FirstToken | undefined;
  /** Whether what is called waits for a token that may be another user's. */
  #isAnew = false;

  readonly connection: Connection;
  /** Its number on the connection. */
  readonly number: number;

  readonly kind: string;
  readonly endpoint: string;
  readonly waits: boolean | WaitForActionAttempt;
  readonly companions: LocalCaller["companions"] = [];
  declare replace: LocalCaller["replace"];

  constructor(credential: Credential, options: SeamOptions) {
    if (options.fetch !== undefined) {
      throw invalidOptions(
        "a fetch cannot go to the worker, which makes the requests: use Seam of seam-session for that",
      );
    }
    const { dangerouslyAllowBrowser, maxRetries, timeout } = options;
    this.kind = credential.kind;
    this.endpoint = endpointOf(options);
    this.waits = plain(options.waitForActionAttempt ?? true);
    this.#options = {
      endpoint: this.endpoint,
      waitForActionAttempt: this.waits,
      ...(dangerouslyAllowBrowser && { dangerouslyAllowBrowser }),
      ...(maxRetries !== undefined && { maxRetries }),
      ...(timeout !== undefined && { timeout }),
    };
    this.connection = connection();
    this.number = this.connection.number();
    const { connection: it, number: client } = this;
    const { clientSessionToken: ask } = options;
    if (typeof ask === "function") {
      this.#first = new FirstToken(ask, timeout);
      it.renews(client, this);
    } else this.#open(credential);
    dropped?.register(this, () => it.letGo(client));
  }

  /**
   * Nothing when there is a token. With a function, resolves when it has given the first one;
   * it is called for this.
   */
  ready(): Promise<void> | undefined {
    return this.#first?.get((token) => {
      const credential = checked("clientSessionToken", token, this.#options);
      if (this.#isAnew) (this.replace as any)(token);
      else {
        this.#open(credential);
        for (const it of this.companions) it.renewed?.(undefined, true);
      }
    });
  }

  next(): ReturnType<ClientSessionTokenFunction> | undefined {
    return this.#first?.next();
  }

  /** The worker has been given another user's token: each page gives its own anew. */
  anew(): void {
    this.#first?.forget();
    this.#isAnew = true;
    for (const it of this.companions) it.renewed?.(undefined, false);
  }

  session(session: Facts | undefined): void {
    for (const it of this.companions) {
      if (session) it.renewed?.(session, false);
      else it.lost?.();
    }
  }

  call(
    route: Route,
    params: string | undefined,
    { signal, waitForActionAttempt: wait }: RequestOptions,
  ): Promise<unknown> {
    // Nothing else of what the caller has put there: it may be what cannot cross.
    const options =
      wait === undefined ? {} : { waitForActionAttempt: plain(wait) };
    const id = this.connection.number();
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const onAbort = (): void => {
        reject(signal?.reason);
        this.connection.forget(id);
        this.connection.say({ say: "abort", id });
      };
      signal?.addEventListener("abort", onAbort);
      const calledAt = Date.now();
      const message = {
        ...{ client: this.number, id, route, params, options, calledAt },
        ...(this.#isAnew && { before: true as const }),
      };
      const ask = (): Promise<unknown> | undefined =>
        signal?.aborted
          ? undefined
          : this.connection.ask(id, { say: "call", ...message });
      (this.ready()?.then(ask) ?? ask() ?? Promise.resolve())
        .then(resolve, reject)
        .finally(() => signal?.removeEventListener("abort", onAbort));
    });
  }

  async changeToken(token: string): Promise<void> {
    this.updateClientSessionToken(token);
  }
  since = 0;
  updateClientSessionToken(token: string): void {
    if (this.kind !== "clientSessionToken") {
      throw invalidOptions(
        "only a client that was made with a clientSessionToken takes another one",
      );
    }
    const credential = checked("clientSessionToken", token, this.#options);
    this.#first?.given();
    this.#open(credential);
    for (const it of this.companions) it.renewed?.(undefined, false);
  }

  #open(credential: Credential): void {
    this.#isAnew = false;
    this.connection.say({
      say: "open",
      client: this.number,
      credential,
      options: this.#options,
      renews: this.#first !== undefined,
    });
  }
}

/** What of it crosses to the worker. */
function plain(
  wait: boolean | WaitForActionAttempt,
): boolean | WaitForActionAttempt {
  if (typeof wait === "boolean") return wait;
  const { timeout, pollingInterval } = wait;
  return {
    ...(timeout !== undefined && { timeout }),
    ...(pollingInterval !== undefined && { pollingInterval }),
  };
}

/** A client that nobody holds any more is let go of in the worker too. */
const dropped =
  globalThis.FinalizationRegistry &&
  new FinalizationRegistry<() => void>((close) => close());
