import { checked, environment, type Credential } from "./credential.js";
import { SeamWasmError } from "./errors.js";
import { Host } from "./host.js";
import { invalidOptions } from "./invalid.js";
import type {
  RequestOptions,
  SeamOptions,
  WaitForActionAttempt,
} from "./options.js";
import type { Route } from "./routes.js";
import { safeCause, toError } from "./thrown.js";
import { instance, module, type Instance } from "./wasm/instance.js";

const DEFAULT_ENDPOINT = "https://connect.getseam.com";

/** Takes the body of a success, and gives what stands for its value. */
export type ReadBody = (response: Response) => Promise<unknown>;

/** Is told what bears on lists that are watched. */
export interface CallerWatcher {
  /** There is another token. */
  renewed(): void;
  /** A call has ended, well or with `error`; its parameters, if they are known. */
  ended(route: Route, params: string | undefined, error?: unknown): void;
}

/** Carries calls through the wasm module with one credential, to one endpoint. */
export class Caller {
  readonly #options: SeamOptions;
  #credential: Credential;

  /** Where the calls go. */
  readonly endpoint: string;

  /** Who watches what is called, once anything is watched. */
  watcher: CallerWatcher | undefined;

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
    this.endpoint =
      options.endpoint ?? environment("SEAM_ENDPOINT") ?? DEFAULT_ENDPOINT;
  }

  /**
   * Makes the call with `params`, the text of a JSON object, and gives the whole body, parsed.
   *
   * Settles once, with the first of: the answer, the error, the caller's abort,
   * a trap of the module.
   */
  call(
    of: Route,
    params: string | undefined,
    options: RequestOptions,
    read?: ReadBody,
  ): Promise<unknown> {
    const { path, kind: route, responseKey } = of;
    const calledAt = Date.now();
    const { signal } = options;
    const defaults = this.#options;
    const { kind, token, workspaceId } = this.#credential;
    const { endpoint } = this;
    const host = new Host(
      { kind, token, workspaceId, endpoint, path, params, responseKey },
      // Looked up late, so that a page may replace it, and called without `this`.
      defaults.fetch ?? ((request) => globalThis.fetch(request)),
      defaults.timeout ?? 30_000,
      read,
    );
    const polling = pollingOf(
      options.waitForActionAttempt ?? defaults.waitForActionAttempt,
    );

    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      let calls: Instance["calls"] | undefined;
      const end = (error?: unknown): void => {
        this.watcher?.ended(of, params, error);
        signal?.removeEventListener("abort", onAbort);
        calls?.delete(onTrap);
        host.close();
      };
      const fail = (error: unknown): void => {
        end(error);
        reject(error);
      };
      const onAbort = (): void => {
        fail(signal?.reason);
        host.abort(signal?.reason);
      };
      const onTrap = (trap: unknown): void => {
        fail(crashed(host, safeCause(trap, token)));
        host.abort();
      };
      signal?.addEventListener("abort", onAbort);

      const run = async (): Promise<void> => {
        const compiled = await module();
        if (host.aborted) return;
        const copy = instance(compiled);
        calls = copy.calls.add(onTrap);
        copy.call(
          host,
          route,
          defaults.maxRetries ?? 2,
          polling?.timeout,
          polling?.pollingInterval ?? 0,
          calledAt,
        );
        const thrown = await host.ended;
        if (thrown) throw toError(thrown, token, safeCause(host.cause, token));
        end();
        resolve(host.answer?.body);
      };
      run().catch((error: unknown) => {
        // After an abort or a trap there is nothing to tell: the caller knows.
        if (!host.aborted) fail(error);
      });
    });
  }

  /** Takes another token for the calls that begin from now on. */
  updateClientSessionToken(token: string): void {
    if (this.#credential.kind !== "clientSessionToken") {
      throw invalidOptions(
        "only a client that was made with a clientSessionToken takes another one",
      );
    }
    this.#credential = checked("clientSessionToken", token, this.#options);
    this.watcher?.renewed();
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
