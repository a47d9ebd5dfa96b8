import { checked, environment, type Credential } from "./credential.js";
import { SeamWasmError } from "./errors.js";
import { Host } from "./host.js";
import { invalidOptions } from "./invalid.js";
import type {
  RequestOptions,
  SeamOptions,
  WaitForActionAttempt,
} from "./options.js";
import { safeCause, toError, type Thrown } from "./thrown.js";
import type { WasmClient } from "./wasm/glue.js";
import { instance, module, type Instance } from "./wasm/instance.js";

/** One call's route, and its parameters as JSON text. */
export interface CallTarget {
  path: string;
  responseKey: string | undefined;
  json: string | undefined;
}

const DEFAULT_ENDPOINT = "https://connect.getseam.com";

/** The wasm module's client, and what it was made of. */
interface Made {
  of: Instance;
  credential: Credential;
  client: WasmClient;
}

/** Carries calls through the wasm module for one credential and endpoint. */
export class Caller {
  readonly #options: SeamOptions;
  #credential: Credential;
  #client: Made | undefined;

  /** Where the calls go. */
  readonly endpoint: string;

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
   * Makes the call and gives the whole body, parsed.
   *
   * Settles once, with the first of: the answer, the error, the caller's abort,
   * a trap of the module.
   */
  call(target: CallTarget, options: RequestOptions): Promise<unknown> {
    const calledAt = Date.now();
    const { signal } = options;
    const defaults = this.#options;
    const credential = this.#credential;
    const { token } = credential;
    const host = new Host(
      // Looked up late, so that a page may replace it, and called without `this`.
      defaults.fetch ?? ((request) => globalThis.fetch(request)),
      defaults.timeout ?? 30_000,
    );
    const polling = pollingOf(
      options.waitForActionAttempt ?? defaults.waitForActionAttempt,
    );

    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      let calls: Instance["calls"] | undefined;
      const end = (): void => {
        signal?.removeEventListener("abort", onAbort);
        calls?.delete(onTrap);
        host.close();
      };
      const fail = (error: unknown): void => {
        end();
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

      const run = async (): Promise<unknown> => {
        const compiled = await module();
        if (host.aborted) return undefined;
        const copy = instance(compiled);
        calls = copy.calls.add(onTrap);
        await this.#clientOf(copy, credential).call(
          host,
          target.path,
          target.json,
          target.responseKey,
          polling?.timeout,
          polling?.pollingInterval ?? 0,
          calledAt,
        );
        return JSON.parse(new TextDecoder().decode(host.answer));
      };
      run().then(
        (body) => {
          end();
          resolve(body);
        },
        (error: unknown) => {
          // After an abort or a trap there is nothing to tell: the caller knows.
          if (host.aborted) return;
          // The core describes its errors; whatever else is thrown is an Error already.
          fail(
            error instanceof Error
              ? error
              : toError(error as Thrown, token, safeCause(host.cause, token)),
          );
        },
      );
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
  }

  #clientOf(of: Instance, credential: Credential): WasmClient {
    const made = this.#client;
    if (made?.of === of && made.credential === credential) return made.client;
    // Calls under way hold what they need of it.
    made?.client.free();
    const { kind, token, workspaceId } = credential;
    const client = new of.Client(
      kind,
      token,
      workspaceId,
      this.endpoint,
      this.#options.maxRetries ?? 2,
    );
    this.#client = { of, credential, client };
    return client;
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
