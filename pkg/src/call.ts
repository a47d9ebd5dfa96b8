import type { Credential } from "./credential.js";
import { SeamWasmError } from "./errors.js";
import { Host } from "./host.js";
import type {
  RequestOptions,
  SeamOptions,
  WaitForActionAttempt,
} from "./options.js";
import { safeCause, toError, type Thrown } from "./thrown.js";
import { instance, module, type Instance } from "./wasm/instance.js";

/** One call's route, and its parameters as JSON text. */
export interface CallTarget {
  path: string;
  responseKey: string | undefined;
  json: string | undefined;
}

/** Carries calls through the wasm module for one credential and endpoint. */
export class Caller {
  readonly #credential: Credential;
  readonly #options: SeamOptions;
  #client:
    { of: Instance; client: InstanceType<Instance["Client"]> } | undefined;

  constructor(credential: Credential, options: SeamOptions) {
    this.#credential = credential;
    this.#options = options;
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
    const { token } = this.#credential;
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
        await this.#clientOf(copy).call(
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

  #clientOf(copy: Instance): InstanceType<Instance["Client"]> {
    if (this.#client?.of !== copy) {
      const { kind, token } = this.#credential;
      const { endpoint, maxRetries } = this.#options;
      this.#client = {
        of: copy,
        client: new copy.Client(
          kind,
          token,
          undefined,
          endpoint,
          maxRetries ?? 2,
        ),
      };
    }
    return this.#client.client;
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
