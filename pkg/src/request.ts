import type { Caller, CallTarget } from "./call.js";
import type { RequestOptions } from "./options.js";

/**
 * A request that is made when it is first awaited, and only once however often
 * it is awaited.
 */
export class SeamHttpRequest<T> implements Promise<T> {
  readonly [Symbol.toStringTag] = "SeamHttpRequest";
  readonly #caller: Caller;
  readonly #target: CallTarget;
  readonly #options: RequestOptions | undefined;
  #promise: Promise<T> | undefined;

  /** @internal */
  constructor(caller: Caller, target: CallTarget, options?: RequestOptions) {
    this.#caller = caller;
    this.#target = target;
    this.#options = options;
  }

  /** The route's path. */
  get pathname(): string {
    return this.#target.path;
  }

  /** The parameters, as they were given. */
  get body(): unknown {
    return this.#target.params;
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
    const body = await this.#caller.call(this.#target, this.#options);
    const { responseKey } = this.#target;
    return (
      responseKey === undefined
        ? undefined
        : (body as Record<string, unknown>)[responseKey]
    ) as T;
  }
}
