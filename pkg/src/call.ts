import { checked, endpointOf, type Credential } from "./credential.js";
import { SeamWasmError } from "./errors.js";
import { Host } from "./host.js";
import { invalidOptions } from "./invalid.js";
import type {
  RequestOptions,
  SeamOptions,
  WaitForActionAttempt,
} from "./options.js";
import type { Route } from "./routes.js";
import type { Facts, Session } from "./session.js";
import { safeCause, toError } from "./thrown.js";
import { instance, module, type Instance } from "./wasm/instance.js";

/** Takes the body of a success, and gives what stands for its value. */
export type ReadBody = (response: Response) => Promise<unknown>;

/** Makes a call, with the token of now; it may be made again only where nothing came of it. */
export type Send = () => Promise<unknown>;

/** A call, for those who stand around it. */
export interface Calling {
  readonly route: Route;
  readonly params: string | undefined;
  /** When it was made, in milliseconds since 1970: an act has its time from here. */
  readonly calledAt: number;
  /** The client's {@link Caller.changes} when it was made. */
  readonly changes: number;
}

/**
 * What live.js and renewal.js put beside a client's calls: its lists, its scope,
 * the renewal of its token. Each has of these what it needs.
 */
export interface Companion {
  /**
   * Stands around each call: sends it when it may go, and looks at what comes of
   * it. An abort ends the call whatever is awaited here; what would be sent after
   * that is not.
   */
  around?(call: Calling, send: Send): Promise<unknown>;
  /**
   * There is another token, or the `first` of a client that is given them by a
   * function; with a session, it is known to be of the same user.
   */
  renewed?(session: Facts | undefined, first: boolean): void;
  /** The token is dead, and no other was to be had. */
  lost?(): void;
  /** A call has ended, well or with `error`; its parameters, if they are known. */
  ended?(route: Route, params: string | undefined, error?: unknown): void;
}

/** Carries calls through the wasm module with one credential, to one endpoint. */
export class Caller {
  readonly #options: SeamOptions;
  #credential: Credential;

  /** How often a token has taken another's place: by it a call's own is known. */
  changes = 0;

  /** Where the calls go. */
  readonly endpoint: string;
  /** How long one try of a call may take, in milliseconds. */
  readonly timeout: number;

  /** The first stands closest to what is sent: it is the renewal, if there is one. */
  readonly companions: Companion[] = [];

  /**
   * Takes a token that may be another user's, through the client that people have in hand: whoever
   * guards what is kept of a user has replaced its method.
   */
  declare replace: (token: string) => void;

  /** Whose its token is: here, for what is loaded later is several files. */
  declare session: Session | undefined;

  /** Whether its token is renewed. */
  get isRenewed(): boolean {
    return this.replace !== undefined;
  }

  /** The kind of its credential. */
  get kind(): string {
    return this.#credential.kind;
  }

  /** Whether calls wait for action attempts, if they do not say otherwise. */
  get waits(): boolean | WaitForActionAttempt {
    return this.#options.waitForActionAttempt ?? true;
  }

  constructor(credential: Credential, options: SeamOptions) {
    this.#credential = credential;
    this.#options = options;
    this.endpoint = endpointOf(options);
    this.timeout = options.timeout ?? 30_000;
  }

  /**
   * Makes the call with `params`, the text of a JSON object, and gives the whole body, parsed.
   * `calledAt` is when the user wanted it: what acts is not sent long after that.
   *
   * Settles once, with the first of: the answer, the error, the caller's abort,
   * a trap of the module.
   */
  call(
    of: Route,
    params: string | undefined,
    options: RequestOptions,
    read?: ReadBody,
    calledAt = Date.now(),
  ): Promise<unknown> {
    const { path, kind: route, responseKey } = of;
    const { signal } = options;
    const defaults = this.#options;
    const { endpoint } = this;
    const polling = pollingOf(
      options.waitForActionAttempt ?? defaults.waitForActionAttempt,
    );

    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      let over = false;
      let host: Host | undefined;
      let calls: Instance["calls"] | undefined;
      let onTrap: (trap: unknown) => void;
      const end = (error?: unknown): void => {
        over = true;
        for (const it of this.companions) it.ended?.(of, params, error);
        signal?.removeEventListener("abort", onAbort);
        calls?.delete(onTrap);
        host?.close();
      };
      // After an abort or a trap there is nothing to tell: the caller knows.
      const fail = (error: unknown): void => {
        if (over) return;
        end(error);
        reject(error);
      };
      const onAbort = (): void => {
        fail(signal?.reason);
        host?.abort(signal?.reason);
      };
      signal?.addEventListener("abort", onAbort);

      const send = async (): Promise<unknown> => {
        const { kind, token, workspaceId } = this.#credential;
        const tried = (host = new Host(
          { kind, token, workspaceId, endpoint, path, params, responseKey },
          defaults.fetch,
          this.timeout,
          read,
        ));
        const compiled = await module();
        if (over) throw signal?.reason;
        const copy = instance(compiled);
        onTrap = (trap) => {
          fail(crashed(tried, safeCause(trap, token)));
          tried.abort();
        };
        calls = copy.calls.add(onTrap);
        copy.call(
          tried,
          route,
          defaults.maxRetries ?? 2,
          polling?.timeout,
          polling?.pollingInterval ?? 0,
          calledAt,
        );
        const thrown = await tried.ended;
        calls.delete(onTrap);
        if (thrown) throw toError(thrown, token, safeCause(tried.cause, token));
        return tried.answer?.body;
      };
      const call = { route: of, params, calledAt, changes: this.changes };
      this.companions
        .reduce<Send>(
          (send, it) =>
            it.around ? async () => it.around?.(call, send) : send,
          send,
        )()
        .then((body) => {
          if (over) return;
          end();
          resolve(body);
        }, fail);
    });
  }

  /** Whether this is the token in use; the empty text, whether there is none yet. */
  uses(token: string): boolean {
    return this.#credential.token === token;
  }

  /**
   * The same for another client session token, with nothing beside its calls.
   *
   * @throws {SeamHttpInvalidTokenError} It cannot be one.
   */
  as(token: string): Caller {
    const options = this.#options;
    return new Caller(checked("clientSessionToken", token, options), options);
  }

  /** Takes another token for the calls that begin from now on. */
  updateClientSessionToken(token: string, session?: Facts): void {
    if (this.kind !== "clientSessionToken") {
      throw invalidOptions(
        "only a client that was made with a clientSessionToken takes another one",
      );
    }
    const first = this.uses("");
    this.#credential = checked("clientSessionToken", token, this.#options);
    if (!first) this.changes += 1;
    for (const it of this.companions) it.renewed?.(session, first);
  }
}

function pollingOf(
  wait: boolean | WaitForActionAttempt = true,
): Required<WaitForActionAttempt> | undefined {
  if (wait === false) return undefined;
  const { timeout = 10_000, pollingInterval = 1_000 } =
    wait === true ? {} : wait;
  return { timeout, pollingInterval };
}

function crashed(host: Host, cause: Error | undefined): SeamWasmError {
  return new SeamWasmError(
    {
      code: "client_crashed",
      outcome: host.sent ? "unknown" : "not_sent",
      message:
        "the WebAssembly module broke during this call; the next call starts it afresh",
    },
    { cause },
  );
}
