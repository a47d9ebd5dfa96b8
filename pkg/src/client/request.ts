import type { Backend } from "../transport/backend.js";
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
import type {
  ActionAttempt,
  ActionAttemptOf,
} from "../generated/resources/index.js";

/** Linters that report promises nobody awaits look for an interface that extends Promise. */
export interface SeamHttpRequest<T, R, P extends boolean> extends Promise<T> {}

/**
 * A request that is sent when it is first awaited, and only once however often it is awaited. It
 * resolves to `T`, a member of the response `R`; `P` says whether the response is paginated.
 */
export class SeamHttpRequest<
  T,
  R = Record<string, unknown>,
  P extends boolean = boolean,
> implements Promise<T> {
  readonly [Symbol.toStringTag] = "SeamHttpRequest";
  readonly #client: Backend;
  readonly #route: Route;
  readonly #params: unknown;
  readonly #toJson: () => string | undefined;
  readonly #options: RequestOptions;
  /** Selects the result from the response body; the whole body for an unknown route. */
  readonly #pick: (body: Record<string, unknown>) => unknown;
  #response: Promise<Record<string, unknown>> | undefined;
  /** The user generation in which the request was sent. */
  #userGeneration: number | undefined;
  #promise: Promise<T> | undefined;
  #isUsed = false;
  /** Its stack leads to the line that created the request. */
  readonly #created = new Error();

  /** @internal */
  constructor(
    client: Backend,
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
    try {
      // Bundlers replace this expression; where there is no `process`, nothing is checked.
      if (process.env.NODE_ENV !== "production") this.#warnIfUnused();
    } catch {
      // There is none.
    }
  }

  /** Warns if the request is not used by the next macrotask: an action is not carried out then. */
  #warnIfUnused(): void {
    setTimeout(() => {
      if (!this.#isUsed)
        this.#client.log(
          "warn",
          `${this.pathname} was not sent, because its request was not awaited`,
        );
    }, 0);
  }

  /** @internal The request is sent later, or its pages are. */
  markUsed(): this {
    this.#isUsed = true;
    return this;
  }

  /**
   * @internal Tells Vue not to proxy this object: through a proxy its private members are not
   *   accessible.
   */
  get __v_skip(): true {
    return true;
  }

  /** The URL that the request is sent to. */
  get url(): URL {
    try {
      return new URL(this.#client.endpoint.replace(/\/+$/, "") + this.pathname);
    } catch {
      throw invalidOptions("endpoint is no URL", "invalid_endpoint");
    }
  }

  /** The HTTP method: POST with JSON, or PUT for the one route that needs it. */
  get method(): "POST" | "PUT" {
    return this.#route.method;
  }

  /** Always `undefined`: parameters are sent in the body. */
  get params(): undefined {
    return undefined;
  }

  /** Whether the response is paginated, for `createPaginator`. */
  get hasPagination(): P {
    return this.#route.hasPagination as P;
  }

  /** The path of the route. */
  get pathname(): string {
    return this.#route.path;
  }

  /** The parameters as they were given. */
  get body(): unknown {
    return this.#params;
  }

  /** The member of the response that the request resolves to. */
  get responseKey(): string | undefined {
    return this.#route.responseKey;
  }

  /** Sends the request, waits for an action attempt, and resolves to the result. */
  execute(): Promise<T> {
    this.#isUsed = true;
    return (this.#promise ??= this.#execute());
  }

  /**
   * Sends the request and resolves to the whole response body, without waiting for an action
   * attempt. If the request was awaited before, the body has the attempt as it ended.
   */
  fetchResponse(): Promise<R> {
    this.#isUsed = true;
    this.#response ??= this.#call(this.#toJson, false);
    return this.#response as Promise<R>;
  }

  /**
   * Returns the client's user generation, which changes with each user: all pages of a list must be
   * of one user.
   *
   * @internal
   */
  async userGeneration(): Promise<number> {
    // The token that is being checked may belong to another user.
    while (this.#client.tokenCheck) await this.#client.tokenCheck;
    return this.#client.userGeneration;
  }

  /** The same request for the page that starts at `cursor`. */
  withPageCursor(cursor?: string): SeamHttpRequest<T, R, P>;
  /** @internal Sent only while this is the client's user generation. */
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
    warnIfTruncated(this.#client, this.#route, this.#params, body);
    return this.#pick(body) as T;
  }

  /** Waits for the action attempt of a request that was sent without waiting. */
  async #followAttempt(
    body: Record<string, unknown>,
  ): Promise<Record<string, unknown>> {
    const waits =
      this.#options.waitForActionAttempt ?? this.#client.waitForActionAttempt;
    if (this.responseKey !== "action_attempt" || waits === false) return body;
    const actionAttempt = body["action_attempt"];
    const { action_attempt_id, status } = Object(actionAttempt);
    if (status === "success") return body;
    // Sending the request itself again would carry out the action twice.
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
      if (!signal?.aborted) setStackOf(this.#created, error, this.pathname);
      throw error;
    }
  }
}

const warned = new Set<string>();

/** Warns once per route when a list without a `limit` was cut off at the server's own limit. */
function warnIfTruncated(
  client: Backend,
  { path, hasPagination }: Route,
  params: unknown,
  body: Record<string, unknown>,
): void {
  const { limit, page_cursor } = Object(params);
  const { has_next_page } = Object(body["pagination"]);
  if (!hasPagination || has_next_page !== true) return;
  if (limit !== undefined || page_cursor != null || warned.has(path)) return;
  warned.add(path);
  client.log(
    "warn",
    `${path} has more than was given; createPaginator gives all of it`,
  );
}

/**
 * Copies the parameters, to be shown and to request further pages. Parameters that cannot be copied
 * are not sent either: see `serializeParams`.
 */
function copyParams(params: unknown): unknown {
  const flat = (it: unknown): unknown => Object.assign({}, it);
  for (const copy of [
    (it: unknown) =>
      // Cloning takes longer than the rest of the call, and is rarely needed.
      Object.values(it as object).every((value) => Object(value) !== value)
        ? flat(it)
        : structuredClone(it),
    flat,
  ]) {
    try {
      return copy(params);
    } catch {
      // Functions cannot be cloned, and a getter that throws cannot be copied.
    }
  }
  return params;
}

/**
 * Serializes the parameters when the request is created, so that a later change of the object
 * cannot unlock another door. Errors are reported when the request is awaited.
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

/** Whether the error says what became of the call, as this package's own errors do. */
function hasOutcome(error: unknown): boolean {
  return error instanceof Error && "outcome" in error;
}

/** A request that resolves to member `K` of the response `R`, or to nothing. */
export type RouteRequest<
  R,
  K extends keyof R | undefined,
  P extends boolean = false,
> = SeamHttpRequest<K extends keyof R ? R[K] : void, R, P>;

/** The status of an action attempt. */
export type ActionStatus = ActionAttempt["status"];

/** A request that resolves to an action attempt, by default once that has succeeded. */
export type ActionRequest<
  Type extends ActionAttempt["action_type"],
  Status extends ActionStatus = "success",
> = SeamHttpRequest<
  ActionAttemptOf<Type, Status>,
  { action_attempt: ActionAttempt },
  false
>;
