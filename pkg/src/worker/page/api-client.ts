import type { ApiClient as LocalClient } from "../../transport/api-client.js";
import type { Interceptor } from "../../core/contracts.js";
import { checked, endpointOf, type Credential } from "../../core/credential.js";
import { READS } from "../../generated/routes.js";
import { invalidOptions, errors } from "../../core/error-factory.js";
import {
  SINCE,
  type RequestOptions,
  type SeamOptions,
  type WaitForActionAttempt,
} from "../../core/options.js";
import type { Route } from "../../core/route.js";
import { type SessionInfo, isSameUser } from "../../core/session-info.js";
import { onAborted } from "../../core/signal.js";
import { type Connection, connection, type TokenSource } from "./connection.js";
import { FirstToken } from "./token-function.js";
import type { ClientOptions } from "../protocol/messages.js";
import { plainWait } from "../protocol/wait-option.js";

/** What a call may take beside its requests, in milliseconds: a worker that starts, and its modules. */
const SLACK = 20_000;
/** The longest that a request is put off between two tries. */
const LONGEST_BACKOFF = 60_000;
/** So many requests may be made for a call: whose the token is, the call, and that again with the next token. */
const REQUESTS = 3;
/** So many pages one look at a scope or a list may take. */
const PAGES = 20;

/**
 * What stands in a page for the caller that is in the worker (pkg/build.mjs puts
 * it in the place of transport/api-client.ts). It gives the credential away when it is made.
 */
export class ApiClient
  implements
    TokenSource,
    Pick<
      LocalClient,
      | "call"
      | "changeToken"
      | "companions"
      | "endpoint"
      | "held"
      | "isRenewed"
      | "kind"
      | "since"
      | "userIdentityId"
      | "waits"
    >
{
  readonly #options: ClientOptions;
  /** Gives tokens, where they come from a function; it is called in the page. */
  readonly #first: FirstToken | undefined;
  /** Whether what is called waits for a token that may be another user's. */
  #isAnew = false;
  #hasToken = false;
  /** Whose the token is, as far as the worker has said so. */
  #whose: SessionInfo | undefined;
  /** While another token is being checked: resolves when that has ended. */
  held: Promise<void> | undefined;
  #release = (): void => {};
  /** The check of a token that began last, and the last one that ended well. */
  #checking: unknown;
  #accepted: unknown;

  readonly connection: Connection;
  /** Its number on the connection. */
  readonly number: number;

  readonly kind: string;
  readonly endpoint: string;
  readonly userIdentityId: string | undefined;
  readonly waits: boolean | WaitForActionAttempt;
  readonly companions: Interceptor[] = [];
  isRenewed = false;
  /** Another one for each user. */
  since = 0;

  constructor(credential: Credential, options: SeamOptions) {
    if (options.fetch !== undefined) {
      throw invalidOptions(
        "a fetch cannot go to the worker, which makes the requests: use Seam of seam-session for that",
      );
    }
    const { dangerouslyAllowBrowser, maxRetries, timeout } = options;
    this.kind = credential.kind;
    this.endpoint = endpointOf(options);
    this.userIdentityId = options.userIdentityId ?? undefined;
    this.waits = plainWait(options.waitForActionAttempt ?? true);
    const { userIdentityId } = this;
    this.#options = {
      endpoint: this.endpoint,
      waitForActionAttempt: this.waits,
      ...(dangerouslyAllowBrowser === true && { dangerouslyAllowBrowser }),
      ...(maxRetries !== undefined && { maxRetries }),
      ...(timeout !== undefined && { timeout }),
      ...(userIdentityId !== undefined && { userIdentityId }),
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
   * Nothing when there is a token, and no other is being checked. With a function, resolves when it
   * has given the first one; it is called for this.
   */
  ready(): Promise<void> | undefined {
    if (this.held) return this.held.then(() => this.ready());
    return this.#first?.get((token) => {
      if (this.#isAnew) return this.changeToken(token);
      this.#open(checked("clientSessionToken", token, this.#options));
      this.#tell((it) => it.renewed?.(undefined, true));
      return undefined;
    });
  }

  /** How long whoever looks at a scope or a list anew waits at most. */
  get patience(): number {
    return PAGES * this.#limit(false);
  }

  next(): Promise<string> | undefined {
    return this.#first?.next();
  }

  /** The worker has been given another user's token: each page gives its own anew. */
  anew(): void {
    this.#first?.forget();
    this.#isAnew = true;
    this.since += 1;
    this.#whose = undefined;
    this.#tell((it) => it.renewed?.(undefined, false));
  }

  session(session: SessionInfo | undefined): void {
    if (session) this.#whose = session;
    this.#tell((it) => {
      if (session) it.renewed?.(session, false, true);
      else it.lost?.();
    });
  }

  call(
    { path, kind }: Route,
    params: string | undefined,
    { signal, [SINCE]: since, waitForActionAttempt: wait }: RequestOptions,
  ): Promise<unknown> {
    // Nothing else of what the caller has put there: it may be what cannot cross.
    const options =
      wait === undefined ? {} : { waitForActionAttempt: plainWait(wait) };
    const { connection, number: client } = this;
    const id = connection.number();
    const calledAt = {
      monotonic: performance.now(),
      wall: kind < READS ? 0 : Date.now(),
    };
    const before = this.#isAnew;
    const meant = this.held && this.#checking;
    // What is called before there is a token is meant for the function's user.
    const isFirst = !this.#hasToken && !before;
    const accepted = this.#accepted;
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const onAbort = (): void => {
        reject(signal?.reason);
        connection.forget(id);
        connection.say({ say: "abort", id });
      };
      const stopListening = signal && onAborted(signal, onAbort);
      const ask = (): Promise<unknown> | undefined => {
        if (signal?.aborted) return undefined;
        const ready = this.ready();
        // Another token may have come while it was waited for this one.
        if (ready !== undefined) return ready.then(ask);
        // What was meant for the user of one token is not done as another.
        const isOther =
          meant !== undefined
            ? meant !== this.#accepted
            : isFirst && accepted !== this.#accepted;
        if (isOther && kind >= READS) throw errors.changedSession();
        if (since !== undefined && since !== this.since)
          throw errors.changedSession();
        return connection.ask(
          id,
          {
            say: "call",
            ...{ client, id, path, params, options, calledAt, before },
          },
          this.#limit(options.waitForActionAttempt),
        );
      };
      new Promise((done) => done(ask()))
        .then(resolve, (error: unknown) => {
          reject(this.#first ? this.#first.explained(error) : error);
        })
        .finally(() => stopListening?.());
    });
  }

  /**
   * Asks the server about another token, and takes it if it is accepted. Meanwhile calls wait,
   * and nothing of the last user is shown. Until then it is the token of another client of the
   * worker's.
   *
   * @throws {SeamHttpInvalidTokenError} It cannot be a token; nothing has changed.
   * @throws As `client_sessions/get`; the last token is still in use.
   */
  async changeToken(token: string): Promise<void> {
    if (this.kind !== "clientSessionToken") {
      throw invalidOptions("this client has no clientSessionToken");
    }
    const credential = checked("clientSessionToken", token, this.#options);
    const { connection } = this;
    const client = connection.number();
    const checking = (this.#checking = {});
    this.held ??= new Promise((resolve) => (this.#release = resolve));
    this.#tell((it) => it.checking?.());
    this.#open(credential, client);
    const end = (then: () => void): void => {
      // The later one counts.
      if (checking !== this.#checking) throw errors.changedSession();
      const release = this.#release;
      this.held = undefined;
      try {
        then();
      } finally {
        // Not another one, which whoever hears of this may have begun.
        release();
      }
    };
    try {
      await Promise.all([this.#identify(client), this.#known()]).then(
        ([session]) =>
          end(() => {
            this.#accepted = checking;
            this.#accept(credential, session as SessionInfo);
          }),
        (error: unknown) => {
          end(() => this.#tell((it) => it.restored?.(error)));
          throw error;
        },
      );
    } finally {
      connection.say({ say: "close", client });
    }
  }

  /** Whose the token of a client of the worker's is: that takes one request. */
  #identify(client: number, limit?: number): Promise<unknown> {
    const { connection } = this;
    const id = connection.number();
    const { maxRetries = 2, timeout = 30_000 } = this.#options;
    const all = (maxRetries + 1) * timeout + SLACK;
    return connection.ask(id, { say: "identify", client, id }, limit ?? all);
  }

  /** Not to know whose the last token is does not make it another user's. */
  async #known(): Promise<void> {
    if (this.#whose || !this.#hasToken) return;
    const session = await this.#identify(this.number, 5_000).catch(
      () => undefined,
    );
    this.#whose ??= session as SessionInfo | undefined;
  }

  #accept(credential: Credential, session: SessionInfo): void {
    const same = isSameUser(this.#whose, session);
    if (!same) this.since += 1;
    this.#whose = session;
    this.#isAnew = false;
    this.#first?.given();
    this.#open(credential);
    // The list of another client of the worker's: it comes anew.
    this.#tell((it) => it.renewed?.(undefined, false, same));
  }

  /** The client itself renews its token; one that only asks whose a token is does not. */
  #open(credential: Credential, client = this.number): void {
    const renews = client === this.number && this.#first !== undefined;
    const options = this.#options;
    this.connection.say({ say: "open", client, credential, options, renews });
    if (client !== this.number) return;
    this.#isAnew = false;
    this.#hasToken = true;
  }

  /** How long a call may take in all: whatever it waits for, its promise settles. */
  #limit(wait = this.waits): number {
    const { maxRetries = 2, timeout = 30_000 } = this.#options;
    const { timeout: polling = 10_000 } = Object(wait) as WaitForActionAttempt;
    const one = (maxRetries + 1) * timeout + maxRetries * LONGEST_BACKOFF;
    return REQUESTS * one + (wait === false ? 0 : Number(polling) || 0) + SLACK;
  }

  /** Tells each companion; one that throws keeps nothing from the others. */
  #tell(tell: (it: Interceptor) => void): void {
    for (const it of [...this.companions]) {
      try {
        tell(it);
      } catch {
        // What it makes of it is its own.
      }
    }
  }
}

/** A client that nobody holds any more is let go of in the worker too. */
const dropped =
  globalThis.FinalizationRegistry &&
  new FinalizationRegistry<() => void>((close) => close());
