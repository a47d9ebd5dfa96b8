import type { Credential } from "./credential.js";
import { SeamWasmError } from "./errors.js";
import { Host } from "./host.js";
import type {
  RequestOptions,
  SeamOptions,
  WaitForActionAttempt,
} from "./options.js";
import { prepare } from "./parameters.js";
import type { Route } from "./routes.js";
import { safeCause, toError, type Thrown } from "./thrown.js";
import { instance, module, type Instance } from "./wasm/instance.js";

/** One call's route and parameters. */
export interface CallTarget extends Route {
  readonly params: unknown;
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
  call(target: CallTarget, options: RequestOptions = {}): Promise<unknown> {
    const calledAt = Date.now();
    const { signal } = options;
    const defaults = this.#options;
    const host = new Host(
      // Looked up late, so that a page may replace it, and called without `this`.
      defaults.fetch ?? ((request) => globalThis.fetch(request)),
      defaults.timeout ?? 30_000,
    );
    const polling = pollingOf(
      options.waitForActionAttempt ?? defaults.waitForActionAttempt,
    );
    let calls: Instance["calls"] | undefined;
    let onAbort: (() => void) | undefined;
    let onTrap: ((trap: unknown) => void) | undefined;

    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      onAbort = () => {
        reject(signal?.reason);
        host.abort(signal?.reason);
      };
      signal?.addEventListener("abort", onAbort, { once: true });
      onTrap = (trap) => {
        reject(crashed(host, trap, this.#credential.token));
        host.abort(undefined);
      };

      const run = async (): Promise<unknown> => {
        const compiled = await module();
        if (signal?.aborted) return undefined;
        const copy = instance(compiled);
        calls = copy.calls.add(onTrap as (trap: unknown) => void);
        await this.#clientOf(copy).call(
          host,
          target.path,
          text(prepare(target, target.params)),
          target.responseKey,
          polling?.timeout,
          polling?.pollingInterval ?? 0,
          calledAt,
        );
        return JSON.parse(new TextDecoder().decode(host.answer));
      };
      run().then(resolve, (error: unknown) => {
        // After an abort there is nothing to tell, and the caller knows.
        if (error === undefined) return;
        // The core describes its errors; whatever else is thrown is an Error already.
        reject(
          error instanceof Error
            ? error
            : toError(
                error as Thrown,
                safeCause(host.cause, this.#credential.token),
              ),
        );
      });
    }).finally(() => {
      if (onAbort !== undefined) signal?.removeEventListener("abort", onAbort);
      if (onTrap !== undefined) calls?.delete(onTrap);
      host.close();
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

/** JSON as the wire has it: what is no object the core refuses. */
function text(params: unknown): string | undefined {
  return params === undefined ? undefined : (JSON.stringify(params) ?? "");
}

function pollingOf(
  wait: boolean | WaitForActionAttempt = true,
): Required<WaitForActionAttempt> | undefined {
  if (wait === false) return undefined;
  const { timeout = 10_000, pollingInterval = 1_000 } =
    wait === true ? {} : wait;
  return { timeout, pollingInterval };
}

function crashed(host: Host, trap: unknown, secret: string): SeamWasmError {
  return new SeamWasmError(
    {
      name: "",
      code: "client_crashed",
      outcome: host.sent ? "unknown" : "not_sent",
      message:
        "the WebAssembly module broke during this call; the next call starts it afresh",
    },
    { cause: safeCause(trap, secret) },
  );
}
