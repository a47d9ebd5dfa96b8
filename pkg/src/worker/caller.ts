import type { Caller as LocalCaller } from "../call.js";
import { checked, endpointOf, type Credential } from "../credential.js";
import { invalidOptions } from "../invalid.js";
import type {
  RequestOptions,
  SeamOptions,
  WaitForActionAttempt,
} from "../options.js";
import type { Route } from "../routes.js";
import { type Connection, connection } from "./connection.js";
import type { ClientOptions } from "./messages.js";

/**
 * What stands in a page for the caller that is in the worker (pkg/build.mjs puts
 * it in the place of call.ts). It gives the credential away when it is made.
 */
export class Caller implements Pick<
  LocalCaller,
  Exclude<keyof LocalCaller, "as" | "timeout" | "uses">
> {
  readonly #options: ClientOptions;

  readonly connection: Connection;
  /** Its number on the connection. */
  readonly number: number;

  readonly kind: string;
  readonly endpoint: string;
  readonly waits: boolean | WaitForActionAttempt;
  readonly companions: LocalCaller["companions"] = [];

  constructor(credential: Credential, options: SeamOptions) {
    if (options.fetch !== undefined) {
      throw invalidOptions(
        "a fetch cannot go to the worker, which makes the requests: use Seam of seam-session for that",
      );
    }
    if (typeof options.clientSessionToken === "function") {
      throw invalidOptions(
        "a clientSessionToken function cannot go to the worker: give a string, and later " +
          "updateClientSessionToken, or use Seam of seam-session",
      );
    }
    const { dangerouslyAllowBrowser, maxRetries, timeout } = options;
    this.kind = credential.kind;
    this.endpoint = endpointOf(options);
    this.waits = options.waitForActionAttempt ?? true;
    this.#options = {
      endpoint: this.endpoint,
      waitForActionAttempt: this.waits,
      ...(dangerouslyAllowBrowser && { dangerouslyAllowBrowser }),
      ...(maxRetries !== undefined && { maxRetries }),
      ...(timeout !== undefined && { timeout }),
    };
    this.connection = connection();
    this.number = this.connection.number();
    this.#open(credential);
    const [it, client] = [this.connection, this.number];
    dropped?.register(this, () => it.say({ say: "close", client }));
  }

  call(
    route: Route,
    params: string | undefined,
    { signal, ...options }: RequestOptions,
  ): Promise<unknown> {
    const id = this.connection.number();
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const onAbort = (): void => {
        reject(signal?.reason);
        this.connection.forget(id);
        this.connection.say({ say: "abort", id });
      };
      signal?.addEventListener("abort", onAbort);
      this.connection
        .ask(id, {
          say: "call",
          client: this.number,
          id,
          route,
          params,
          options,
          calledAt: Date.now(),
        })
        .then(resolve, reject)
        .finally(() => signal?.removeEventListener("abort", onAbort));
    });
  }

  updateClientSessionToken(token: string): void {
    if (this.kind !== "clientSessionToken") {
      throw invalidOptions(
        "only a client that was made with a clientSessionToken takes another one",
      );
    }
    this.#open(checked("clientSessionToken", token, this.#options));
    for (const it of this.companions) it.renewed?.(undefined, false);
  }

  #open(credential: Credential): void {
    this.connection.say({
      say: "open",
      client: this.number,
      credential,
      options: this.#options,
    });
  }
}

/** A client that nobody holds any more is let go of in the worker too. */
const dropped =
  globalThis.FinalizationRegistry &&
  new FinalizationRegistry<() => void>((close) => close());
