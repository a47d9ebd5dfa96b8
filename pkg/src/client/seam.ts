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
import { loadClientSession, loadLists } from "./lazy-modules.js";
import { SeamPaginator } from "./paginator.js";
import type { ClientSession, InitialToken } from "../token/client-session.js";
import { SeamHttpRequest } from "./request.js";
import type { SeamRoutes } from "../generated/namespaces/index.js";
import { addNamespaces } from "./namespaces.js";
import { sessionObserver } from "./session-observer.js";
import type { SeamEvents } from "../core/session-events.js";
import { log } from "../core/log.js";
import { routeAt } from "../core/route.js";
import type { DisposableIfKnown } from "../core/utility-types.js";
import type { Scope } from "../core/scope-types.js";
import { setStackOf } from "../core/error-factory.js";

/** The routes, as namespaces of the client. */
export interface Seam extends SeamRoutes, DisposableIfKnown {}

/** The options of a client except its credential. */
export type SeamClientOptions = Omit<
  SeamOptions,
  "apiKey" | "clientSessionToken" | "personalAccessToken" | "workspaceId"
>;

/**
 * A client of Seam's API with one credential.
 *
 * The wasm module is loaded with the first request.
 */
export class Seam {
  readonly #client: ApiClient;

  /**
   * @throws {SeamHttpInvalidTokenError} The token is of the wrong kind.
   * @throws {SeamHttpInvalidOptionsError} There is no credential, or a key is used in a browser.
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
    if (Symbol.dispose) this[Symbol.dispose] = this.close;
    if (client.kind === "clientSessionToken")
      this.#manageToken(options.clientSessionToken);
  }

  /** @internal See {@link SeamHttpRequest}. */
  get __v_skip(): true {
    return true;
  }

  /**
   * Installs token changes and token refresh. In a method of its own, so that its closures do not
   * keep the options alive.
   */
  #manageToken(token: SeamOptions["clientSessionToken"]): void {
    const client = this.#client;
    const tokenFunction = typeof token === "function" ? token : undefined;
    let session: Promise<ClientSession<ApiClient>> | undefined;
    let first: InitialToken | undefined;
    const takeFirst = (): InitialToken | undefined => {
      const it = first;
      first = undefined;
      return it;
    };
    const load = (): Promise<ClientSession<ApiClient>> =>
      (session ??= loadClientSession()
        .then(({ createClientSession: create }) =>
          create(client, tokenFunction, takeFirst),
        )
        .catch((error: unknown) => {
          session = undefined;
          throw error;
        }));
    client.loadSession = load;
    if (!tokenFunction) return;
    client.refreshesToken = true;
    let isAsked = false;
    client.interceptors.push({
      intercept: async (call, send) => {
        // The token function is called while the file loads. If loading failed, the next attempt
        // does not call it again.
        if (!isAsked && client.hasToken("")) {
          const controller = new AbortController();
          const { signal } = controller;
          const token = Promise.resolve().then(() =>
            tokenFunction({ signal, reason: "initial" }),
          );
          token.catch(() => {});
          first = { token, controller };
        }
        isAsked = true;
        return (await load()).intercept(call, send);
      },
    });
  }

  /**
   * Notifies `observer` of token changes until the returned function is called.
   *
   * @internal For seam-session/seam-components, which is a separate file.
   */
  observeToken(observer: Interceptor): () => void {
    const { interceptors } = this.#client;
    interceptors.push(observer);
    return () => {
      const at = interceptors.indexOf(observer);
      if (at >= 0) interceptors.splice(at, 1);
    };
  }

  /**
   * Signs out: drops the credential, aborts the calls and the token function, and empties the lists
   * and the scope. Every later call rejects with `signed_out`; for the next session create another
   * client.
   */
  close(): void {
    this.#client.close();
  }

  /**
   * Calls `listener` for each event of the session until the returned function is called.
   *
   * - `sessionEnded`: the server rejects the token and there is no other, the token function has
   *   ended the session, or the client was closed.
   * - `tokenRefreshed`: another token of the same user is in use.
   * - `userChanged`: a token of another user, or of one that is not known, is in use. Lists and the
   *   scope show nothing of the previous user.
   */
  on<E extends keyof SeamEvents>(
    event: E,
    listener: (event: SeamEvents[E]) => void,
  ): () => void {
    return this.observeToken(sessionObserver(this.#client, event, listener));
  }

  /** Creates a client for an app, limited to what its client session allows. */
  static fromClientSessionToken(
    clientSessionToken: string | ClientSessionTokenFunction,
    options: SeamClientOptions = {},
  ): Seam {
    return new (this ?? Seam)({ ...copyOptions(options), clientSessionToken });
  }

  /** Creates a client for a back end, with access to the whole workspace. */
  static fromApiKey(apiKey: string, options: SeamClientOptions = {}): Seam {
    return new (this ?? Seam)({ ...copyOptions(options), apiKey });
  }

  /** Creates a client for a developer's tool, in one workspace. */
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
   * Creates a client for an app without a back end: gets or creates the client session that
   * `userIdentifierKey` names. Anyone who knows both keys gets that session, so `userIdentifierKey`
   * must be a secret of the user.
   */
  static async fromPublishableKey(
    publishableKey: string,
    userIdentifierKey: string,
    options: SeamClientOptions = {},
  ): Promise<Seam> {
    const checkedOptions = copyOptions(options);
    if (`${userIdentifierKey}`.includes("@")) {
      log(
        checkedOptions.logger,
        "warn",
        "userIdentifierKey must be a secret, not an email address",
      );
    }
    const credential: Credential = checkCredential(
      "publishableKey",
      publishableKey,
      checkedOptions,
    );
    const path = "/client_sessions/get_or_create";
    const session = await request(
      new ApiClient(credential, checkedOptions),
      path,
      {
        user_identifier_key: userIdentifierKey,
      },
    );
    const { client_session } = session as { client_session: unknown };
    const { token } = Object(client_session) as { token: string };
    return new (this ?? Seam)({ ...checkedOptions, clientSessionToken: token });
  }

  /**
   * Changes to another client session token once the server has accepted it. Until then, calls
   * wait, and lists and the scope show nothing. A client with a token function calls it again when
   * this token expires.
   *
   * @throws {SeamHttpUnauthorizedError} The server rejected the token; the last one stays in use.
   * @throws {SeamHttpInvalidTokenError} It cannot be a token, or does not belong to
   *   `userIdentityId`.
   * @throws {SeamOutOfScopeError} Another token was set before the server responded.
   */
  updateClientSessionToken(clientSessionToken: string): Promise<void> {
    return traced(this.#client.changeToken(clientSessionToken));
  }

  /**
   * Fetches what the client session may do: its user, its expiry, its devices and the capabilities
   * of each. From then on, a write or action for a device that is not in the scope is sent only if
   * the server says that the device is in scope.
   *
   * @throws {SeamHttpInvalidOptionsError} The credential is not a client session token.
   */
  scope(): Promise<Scope> {
    return traced(
      loadLists().then(({ scope }) => scope(this.#client, routeAt)),
    );
  }

  /** Creates a paginator for a paginated list. */
  createPaginator<T>(
    list: SeamHttpRequest<readonly T[], unknown, true>,
  ): SeamPaginator<T> {
    return new SeamPaginator(list);
  }

  /**
   * Calls a route by its path, including routes that this version does not know: those count as
   * actions and are never sent twice. Resolves to the whole response.
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
 * A client without a workspace, for listing and creating workspaces. Takes a personal access token.
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
    const checkedOptions = copyOptions(options);
    for (const name of [
      ...["apiKey", "clientSessionToken"],
      ...["userIdentityId", "workspaceId"],
    ]) {
      if (checkedOptions[name as "apiKey"] !== undefined) {
        throw invalidOptions(
          `${name} belongs to one workspace: give a personalAccessToken alone, or use Seam`,
        );
      }
    }
    // An API key belongs to one workspace, so the environment's is not used.
    const { kind, token } = credentialOf(
      Object.assign(copyOptions(checkedOptions), {
        apiKey: undefined,
        workspaceId: undefined,
      }),
    );
    this.#client = new ApiClient({ kind, token }, checkedOptions);
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

  /** Creates a client for a developer's tool, without a workspace. */
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

/** Returns the same promise, whose error has the stack of the caller. */
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
    // 255 is not in the core's list of kinds: an action that accepts every credential.
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
