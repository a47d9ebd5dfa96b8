import type { Caller } from "./call.js";
import { invalidOptions } from "./invalid.js";
import { checkRequestOptions, type RequestOptions } from "./options.js";
import { prepare } from "./parameters.js";
import type { Route } from "./routes.js";

/**
 * A request that is made when it is first awaited, and only once however often
 * it is awaited.
 */
export class SeamHttpRequest<T> implements Promise<T> {
  readonly [Symbol.toStringTag] = "SeamHttpRequest";
  readonly #caller: Caller;
  readonly #target: Route;
  readonly #params: unknown;
  readonly #json: () => string | undefined;
  readonly #options: RequestOptions;
  #promise: Promise<T> | undefined;

  /** @internal */
  constructor(
    caller: Caller,
    target: Route,
    params?: unknown,
    options: RequestOptions = {},
  ) {
    this.#caller = caller;
    this.#target = target;
    this.#params = params;
    this.#json = written(target, params);
    this.#options = options;
  }

  /** The route's path. */
  get pathname(): string {
    return this.#target.path;
  }

  /** The parameters, as they were given. */
  get body(): unknown {
    return this.#params;
  }

  /** The member of the answer that the request resolves to. */
  get responseKey(): string | undefined {
    return this.#target.responseKey;
  }

  /** Makes the request. */
  execute(): Promise<T> {
    return (this.#promise ??= this.#run());
  }

  then<A = T, B = never>(
    onfulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onrejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.execute().then(onfulfilled, onrejected);
  }

  catch<B = never>(
    onrejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<T | B> {
    return this.execute().catch(onrejected);
  }

  finally(onfinally?: (() => void) | null): Promise<T> {
    return this.execute().finally(onfinally);
  }

  async #run(): Promise<T> {
    checkRequestOptions(this.#options);
    const { path, responseKey } = this.#target;
    const json = this.#json();
    const body = await this.#caller.call(
      { path, responseKey, json },
      this.#options,
    );
    return (
      responseKey === undefined
        ? undefined
        : (body as Record<string, unknown>)[responseKey]
    ) as T;
  }
}

/**
 * The parameters as JSON text, taken when the request is made up, so that a
 * later change of the object cannot unlock another door; what is wrong with
 * them is told when it is awaited.
 */
function written(route: Route, params: unknown): () => string | undefined {
  try {
    const json = JSON.stringify(prepare(route, params));
    return () => json;
  } catch (error) {
    return () => {
      throw known(error)
        ? error
        : invalidOptions(
            `the parameters of ${route.path} cannot be written as JSON`,
            "invalid_parameters",
          );
    };
  }
}

/** Whether it says what became of the call, as our own errors do. */
function known(error: unknown): boolean {
  return error instanceof Error && "outcome" in error;
}
