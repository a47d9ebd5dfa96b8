import { ApiClient } from "../transport/api-client.js";
import { type Interceptor } from "../core/contracts.js";
import {
  checkCredential,
  credentialOf,
  type Credential,
} from "../core/credential.js";
import { invalidOptions } from "../core/error-factory.js";
import {
  copyOptions,
  type ClientSessionTokenFunction,
  type RequestOptions,
  type SeamOptions,
} from "../core/options.js";
import { loadLists, loadRefresher } from "./lazy-modules.js";
import { SeamPaginator } from "./paginator.js";
import type { TokenRefresher } from "../token/refresher.js";
import { SeamHttpRequest } from "./request.js";
import type { SeamRoutes } from "../generated/namespaces/index.js";
import { addNamespaces } from "./namespaces.js";
import { routeAt } from "../core/route.js";
import type { Scope } from "../core/scope-types.js";
import { setStackOf } from "../core/error-factory.js";

/** The routes stand on a client as its namespaces. */
export interface Seam extends SeamRoutes {}

/** A client's options beside its credential. */
export type SeamClientOptions = Omit<
  SeamOptions,
  "apiKey" | "clientSessionToken" | "personalAccessToken" | "workspaceId"
>;

/**
 * A client of Seam's API with one credential.
 *
 * The wasm module is loaded when the first request is made.
 */
export class Seam {
  readonly #client: ApiClient;

  /**
   * @throws {SeamHttpInvalidTokenError} The token is of the wrong kind.
   * @throws {SeamHttpInvalidOptionsError} There is none, or a key in a browser.
   */
  constructor(apiKeyOrOptions: string | SeamOptions = {}) {
    const options = copyOptions(
      typeof apiKeyOrOptions === "string"
        ? { apiKey: apiKeyOrOptions }
        : apiKeyOrOptions,
    );
    const client = new ApiClient(credentialOf(options), options);
    if (options.userIdentityId && client.kind !== "clientSessionToken") {
      throw invalidOptions("userIdentityId needs a clientSessionToken");
    }
    this.#client = client;
    addNamespaces(this, client);
    const { clientSessionToken: ask } = options;
    if (typeof ask === "function") this.#refreshToken(ask);
  }

  /** @internal See {@link SeamHttpRequest}. */
  get __v_skip(): true {
    return true;
  }

  /** Has the token renewed; in a method of its own, whose closures hold nothing of the options. */
  #refreshToken(ask: ClientSessionTokenFunction): void {
    const client = this.#client;
    client.refreshesToken = true;
    let refresher: Promise<TokenRefresher> | undefined;
    let isAsked = false;
    const begin = (): Promise<TokenRefresher> => {
      // While it loads, the back end makes the first token; not again when it cannot be loaded.
      const first =
        isAsked || !client.hasToken("")
          ? undefined
          : Promise.resolve().then(() => ask());
      isAsked = true;
      first?.catch(() => {});
      return loadRefresher().then(({ createRefresher: renew }) =>
        renew(client, ask, first),
      );
    };
    client.interceptors.push({
      intercept: async (call, send) => {
        refresher ??= begin().catch((error: unknown) => {
          refresher = undefined;
          throw error;
        });
        return (await refresher).intercept(call, send);
      },
    });
  }

  /**
   * Tells `observer` what becomes of the token, until what it gives is called.
   *
   * @internal For seam-session/seam-components, which is a file of its own.
   */
  observeToken(observer: Interceptor): () => void {
    const { interceptors } = this.#client;
    interceptors.push(observer);
    return () => {
      const at = interceptors.indexOf(observer);
      if (at >= 0) interceptors.splice(at, 1);
    };
  }

  /** A client for an app, which sees and acts on what its session may. */
  static fromClientSessionToken(
    clientSessionToken: string | ClientSessionTokenFunction,
    options: SeamClientOptions = {},
  ): Seam {
    return new (this ?? Seam)({ ...copyOptions(options), clientSessionToken });
  }

  /** A client for a back end, which sees the whole workspace. */
  static fromApiKey(apiKey: string, options: SeamClientOptions = {}): Seam {
    return new (this ?? Seam)({ ...copyOptions(options), apiKey });
  }

  /** A client for a developer's tool, in one workspace. */
  static fromPersonalAccessToken(
    personalAccessToken: string,
    workspaceId: string,
    options: SeamClientOptions = {},
  ): Seam {
    return new (this ?? Seam)({
      ...copyOptions(options),
      personalAccessToken,
      workspaceId,
    });
  }

  /**
   * A client for an app without a back end: gets or creates the client session
   * that `userIdentifierKey` names. Whoever knows both keys has that session,
   * so the second must be a secret of the user's.
   */
  static async fromPublishableKey(
    publishableKey: string,
    userIdentifierKey: string,
    options: SeamClientOptions = {},
  ): Promise<Seam> {
    const given = copyOptions(options);
    if (`${userIdentifierKey}`.includes("@")) {
      console.warn(
        "seam-session: userIdentifierKey must be a secret, not an email address",
      );
    }
    const credential: Credential = checkCredential(
      "publishableKey",
      publishableKey,
      given,
    );
    const path = "/client_sessions/get_or_create";
    const session = await request(new ApiClient(credential, given), path, {
      user_identifier_key: userIdentifierKey,
    });
    const { client_session } = session as { client_session: unknown };
    const { token } = Object(client_session) as { token: string };
    return new (this ?? Seam)({ ...given, clientSessionToken: token });
  }

  /**
   * Changes to another client session token, once the server has accepted it. Meanwhile calls
   * wait, and lists and the scope show nothing. A client that was made with a function asks that
   * again when this token ends.
   *
   * @throws {SeamHttpUnauthorizedError} The server rejected it; the last token is still in use.
   * @throws {SeamHttpInvalidTokenError} It cannot be a token, or is not of `userIdentityId`.
   * @throws {SeamOutOfScopeError} Another token was given before the server had answered.
   */
  updateClientSessionToken(clientSessionToken: string): Promise<void> {
    return traced(this.#client.changeToken(clientSessionToken));
  }

  /**
   * Asks the server what the client session may, and gives it: who it is, when it ends, the
   * devices, and what can be done to each. From then on, what is done to a device that was
   * not seen there is sent only if the server says that the device is in scope.
   *
   * @throws {SeamHttpInvalidOptionsError} The credential is no client session's.
   */
  scope(): Promise<Scope> {
    return traced(
      loadLists().then(({ scope }) => scope(this.#client, routeAt)),
    );
  }

  /** Walks through the pages of a list that pages. */
  createPaginator<T>(
    list: SeamHttpRequest<readonly T[], unknown, true>,
  ): SeamPaginator<T> {
    return new SeamPaginator(list);
  }

  /**
   * Calls a route by its path, also one that this version does not know: that
   * counts as one that acts, and is never sent twice. Gives the whole answer.
   */
  request(
    path: string,
    params?: Record<string, unknown>,
    options?: RequestOptions,
  ): SeamHttpRequest<unknown> {
    return request(this.#client, path, params, options);
  }
}

/**
 * A client that works in no workspace, for what needs none: listing and
 * creating workspaces. Takes a personal access token.
 */
export interface SeamWithoutWorkspace extends Pick<SeamRoutes, "workspaces"> {}

export class SeamWithoutWorkspace {
  readonly #client: ApiClient;

  /** @throws As {@link Seam}'s constructor. */
  constructor(
    options: SeamClientOptions & {
      personalAccessToken?: string | undefined;
    } = {},
  ) {
    const given = copyOptions(options);
    for (const name of [
      ...["apiKey", "clientSessionToken"],
      ...["userIdentityId", "workspaceId"],
    ]) {
      if (given[name as "apiKey"] !== undefined) {
        throw invalidOptions(
          `${name} belongs to one workspace: give a personalAccessToken alone, or use Seam`,
        );
      }
    }
    // An API key is of one workspace: the environment's is not looked for.
    const { kind, token } = credentialOf(
      Object.assign(copyOptions(given), {
        apiKey: undefined,
        workspaceId: undefined,
      }),
    );
    this.#client = new ApiClient({ kind, token }, given);
    addNamespaces(this, this.#client, ["workspaces"]);
  }

  /** @internal See {@link SeamHttpRequest}. */
  get __v_skip(): true {
    return true;
  }

  /** As {@link Seam.request}. */
  request(
    path: string,
    params?: Record<string, unknown>,
    options?: RequestOptions,
  ): SeamHttpRequest<unknown> {
    return request(this.#client, path, params, options);
  }

  /** A client for a developer's tool, in no workspace. */
  static fromPersonalAccessToken(
    personalAccessToken: string,
    options: SeamClientOptions = {},
  ): SeamWithoutWorkspace {
    return new (this ?? SeamWithoutWorkspace)({
      ...copyOptions(options),
      personalAccessToken,
    });
  }
}

/** The same promise, whose error has the stack of the app's call. */
function traced<T>(result: Promise<T>): Promise<T> {
  const at = new Error();
  return result.catch((error: unknown) => {
    setStackOf(at, error);
    throw error;
  });
}

function request(
  client: ApiClient,
  path: string,
  params?: unknown,
  options?: RequestOptions,
): SeamHttpRequest<unknown> {
  if (typeof path !== "string") {
    throw invalidOptions("path must be a string", "invalid_path");
  }
  const route = routeAt(path) ?? {
    path,
    // None of the core's list: a route that acts, and may be called by anyone.
    kind: 255,
    method: "POST",
    responseKey: undefined,
    hasPagination: false,
    inQuery: false,
    required: [],
    atLeastOne: [],
  };
  return new SeamHttpRequest(client, route, params, options, (body) => body);
}
