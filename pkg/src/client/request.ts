import type { ApiClient } from "../transport/api-client.js";
import {
  invalidOptions,
  setStackOf,
  withOutcome,
} from "../core/error-factory.js";
import {
  checkRequestOptions,
  USER_GENERATION,
  type RequestOptions,
} from "../core/options.js";
import { prepareParameters } from "../core/parameters.js";
import { routeAt, type Route } from "../core/route.js";

/** Linters that look for promises that nobody awaits look for an interface that extends Promise. */
export interface SeamHttpRequest<T, R, P extends boolean> extends Promise<T> {}

/**
 * A request that is made when it is first awaited, and only once however often
 * it is awaited. It gives `T`, which stands in an answer `R`; `P` says whether
 * that tells of further pages.
 */
export class SeamHttpRequest<
  T,
  R = Record<string, unknown>,
  P extends boolean = boolean,
> implements Promise<T> {
  readonly [Symbol.toStringTag] = "SeamHttpRequest";
  readonly #client: ApiClient;
  readonly #route: Route;
  readonly #params: unknown;
  readonly #toJson: () => string | undefined;
  readonly #options: RequestOptions;
  /** What the answer is to be reduced to; the whole of it for an unknown route. */
  readonly #pick: (body: Record<string, unknown>) => unknown;
  #response: Promise<Record<string, unknown>> | undefined;
  /** Whose attempt is in it. */
  #userGeneration: number | undefined;
  #promise: Promise<T> | undefined;
  /** Its stack leads to the line that made the request. */
  readonly #created = new Error();

  /** @internal */
  constructor(
    client: ApiClient,
    target: Route,
    params?: unknown,
    options: RequestOptions = {},
    pick: (body: Record<string, unknown>) => unknown = (body) =>
      target.responseKey === undefined ? undefined : body[target.responseKey],
  ) {
    this.#client = client;
    this.#route = target;
    this.#params = params && copyParams(params);
    this.#toJson = serializeParams(target, params);
    this.#options = options;
    this.#pick = pick;
  }

  /** @internal Vue leaves it as it is: behind a proxy of Vue's it could not read its private members. */
  get __v_skip(): true {
    return true;
  }

  /** Where it goes. */
  get url(): URL {
    try {
      return new URL(this.#client.endpoint.replace(/\/+$/, "") + this.pathname);
    } catch {
      throw invalidOptions("endpoint is no URL", "invalid_endpoint");
    }
  }

  /** What it is sent as: JSON in a POST, or a PUT for the one route that needs it. */
  get method(): "POST" | "PUT" {
    return this.#route.method;
  }

  /** Nothing: parameters always stand in the body. */
  get params(): undefined {
    return undefined;
  }

  /** Whether the answer tells of further pages, for `createPaginator`. */
  get hasPagination(): P {
    return this.#route.hasPagination as P;
  }

  /** The route's path. */
  get pathname(): string {
    return this.#route.path;
  }

  /** The parameters, as they were given. */
  get body(): unknown {
    return this.#params;
  }

  /** The member of the answer that the request resolves to. */
  get responseKey(): string | undefined {
    return this.#route.responseKey;
  }

  /** Makes the request, waits for an action attempt, and gives what it is about. */
  execute(): Promise<T> {
    return (this.#promise ??= this.#execute());
  }

  /**
   * Makes the request and gives the whole body of its answer, without waiting
   * for an action attempt; the one that it ended with, if it was awaited before.
   */
  fetchResponse(): Promise<R> {
    this.#response ??= this.#call(this.#toJson, false);
    return this.#response as Promise<R>;
  }

  /**
   * The client's user, as a number that is another for each user: pages of one list are of one.
   *
   * @internal
   */
  async userGeneration(): Promise<number> {
    // It is another's, perhaps, when the token is accepted that is being checked.
    while (this.#client.tokenCheck) await this.#client.tokenCheck;
    return this.#client.userGeneration;
  }

  /** The same request for the page that begins at `cursor`. */
  withPageCursor(cursor?: string): SeamHttpRequest<T, R, P>;
  /** @internal Sent only as this user. */
  withPageCursor(cursor?: string, since?: number): SeamHttpRequest<T, R, P>;
  withPageCursor(cursor?: string, since?: number): SeamHttpRequest<T, R, P> {
    return new SeamHttpRequest(
      this.#client,
      this.#route,
      { ...(this.#params as object | undefined), page_cursor: cursor },
      since === undefined
        ? this.#options
        : { ...this.#options, [USER_GENERATION]: since },
      this.#pick,
    );
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

  async #execute(): Promise<T> {
    const sent = this.#response;
    this.#response ??= this.#call(this.#toJson);
    let body = await this.#response;
    if (sent !== undefined) body = await this.#followAttempt(body);
    warnIfTruncated(this.#route, this.#params, body);
    return this.#pick(body) as T;
  }

  /** The answer with its attempt as it ends, for one that was sent and not waited for. */
  async #followAttempt(
    body: Record<string, unknown>,
  ): Promise<Record<string, unknown>> {
    const waits =
      this.#options.waitForActionAttempt ?? this.#client.waitForActionAttempt;
    if (this.responseKey !== "action_attempt" || waits === false) return body;
    const actionAttempt = body["action_attempt"];
    const { action_attempt_id, status } = Object(actionAttempt);
    if (status === "success") return body;
    // To send the request itself again would act twice.
    const json = JSON.stringify({ action_attempt_id });
    const route = routeAt("/action_attempts/get") as Route;
    const options = {
      ...this.#options,
      [USER_GENERATION]: this.#userGeneration as number,
    };
    try {
      return {
        ...body,
        ...((await this.#client.call(route, json, options)) as object),
      };
    } catch (error) {
      throw withOutcome(error, "unknown", { actionAttempt });
    }
  }

  async #call(
    json: () => string | undefined,
    waitForActionAttempt = this.#options?.waitForActionAttempt,
  ): Promise<Record<string, unknown>> {
    try {
      checkRequestOptions(this.#options);
      this.#userGeneration = this.#client.userGeneration;
      const body = await this.#client.call(
        this.#route,
        json(),
        waitForActionAttempt === undefined
          ? this.#options
          : { ...this.#options, waitForActionAttempt },
      );
      return body as Record<string, unknown>;
    } catch (error) {
      const { signal } = Object(this.#options) as RequestOptions;
      if (!signal?.aborted) setStackOf(this.#created, error);
      throw error;
    }
  }
}

const warned = new Set<string>();

/** Tells once a route that a list ended at the server's own limit, unasked. */
function warnIfTruncated(
  { path, hasPagination }: Route,
  params: unknown,
  body: Record<string, unknown>,
): void {
  const { limit, page_cursor } = Object(params);
  const { has_next_page } = Object(body["pagination"]);
  if (!hasPagination || has_next_page !== true) return;
  if (limit !== undefined || page_cursor != null || warned.has(path)) return;
  warned.add(path);
  console.warn(
    `seam-session: ${path} has more than was given; createPaginator gives all of it`,
  );
}

/**
 * The parameters as they are now, to be shown, and to ask for further pages.
 * What cannot be copied is not sent either: `written` says so.
 */
function copyParams(params: unknown): unknown {
  const flat = (it: unknown): unknown => Object.assign({}, it);
  for (const copy of [
    (it: unknown) =>
      // A clone takes longer than the making of the call, and is seldom needed.
      Object.values(it as object).every((value) => Object(value) !== value)
        ? flat(it)
        : structuredClone(it),
    flat,
  ]) {
    try {
      return copy(params);
    } catch {
      // A function within has no clone; a getter that throws has no copy.
    }
  }
  return params;
}

/**
 * The parameters as JSON text, taken when the request is made up, so that a
 * later change of the object cannot unlock another door; what is wrong with
 * them is told when it is awaited.
 */
function serializeParams(
  route: Route,
  params: unknown,
): () => string | undefined {
  try {
    const json = JSON.stringify(prepareParameters(route, params));
    return () => json;
  } catch (error) {
    return () => {
      throw hasOutcome(error)
        ? error
        : invalidOptions(
            `the parameters of ${route.path} cannot be written as JSON`,
            "invalid_parameters",
          );
    };
  }
}

/** Whether it says what became of the call, as our own errors do. */
function hasOutcome(error: unknown): boolean {
  return error instanceof Error && "outcome" in error;
}

/** A request for what the answer `R` has at `K`, or for nothing. */
export type RouteRequest<
  R,
  K extends keyof R | undefined,
  P extends boolean = false,
> = SeamHttpRequest<K extends keyof R ? R[K] : void, R, P>;
