import type { Seam } from "../client/seam.js";
import {
  checkErrors,
  type SeamHttpErrorClasses,
  requireClass,
  version2Error,
} from "./http-errors.js";
import { seamHttpTransport } from "./transport.js";

/** The part of TanStack's `QueryClient` that is used here. */
export interface QueryClientLike {
  clear(): void;
}

/** Modules of the app, on which this package does not depend. */
export interface SeamComponentsModules<
  Http,
  Query extends QueryClientLike,
> extends SeamHttpErrorClasses {
  /** From `@seamapi/http`, version 1.95 or later but below 2: `npm install @seamapi/http@1`. */
  SeamHttp: {
    /** Version 1 has it, version 2 does not. */
    readonly ltsVersion: string;
    fromClient(client: any): Http;
  };
  /** Creates a `QueryClient` of `@tanstack/react-query`; called once per session. */
  queryClient(): Query;
}

/** The values for the providers of Seam's components; they belong to one session. */
export interface SeamComponentsProviders<Http, Query> {
  /** The `value` for `seamContext.Provider`. */
  readonly context: {
    readonly client: Http;
    readonly endpointClient: null;
    /** Unique per session: the `key` for everything that shows this session. */
    readonly queryKeyPrefix: string;
    /** Empty, so that the components do not create and store a fingerprint. */
    readonly userIdentifierKey: "";
  };
  /** The `client` for `QueryClientProvider`; it has no data of another session. */
  readonly queryClient: Query;
}

/**
 * The current session of a page that shows Seam's components.
 *
 * The components cache responses under keys that do not name the user. So each session gets a cache
 * and a key prefix of its own, and the previous one ends: its cache is emptied, its requests are
 * aborted, and it sends nothing more, because that would go out with the next user's token.
 *
 * `subscribe` and `current` fit React's `useSyncExternalStore`, which renders the new session
 * before the browser paints again.
 */
export class SeamComponentsSession<Http, Query extends QueryClientLike> {
  readonly #modules: SeamComponentsModules<Http, Query>;
  readonly #listeners = new Set<() => void>();
  #client: Seam;
  #stopObserving: (() => void) | undefined;
  #requestsController = new AbortController();
  #providers: SeamComponentsProviders<Http, Query> | undefined;
  /**
   * Whether nothing may be shown: another token is being checked, or the object was disposed of.
   */
  #isHidden = false;

  /**
   * Starts the first session, with the current token of `seam`.
   *
   * @throws {SeamHttpInvalidOptionsError} A class is missing, or is of `@seamapi/http` 2.
   */
  constructor(seam: Seam, modules: SeamComponentsModules<Http, Query>) {
    checkErrors(modules);
    requireClass(modules, "SeamHttp");
    if (modules.SeamHttp.ltsVersion === undefined) throw version2Error();
    this.#modules = modules;
    this.#client = seam;
    this.#observe();
  }

  /**
   * Returns the values for the providers; another object only for another session. `undefined`
   * while the server checks another token: show nothing, because it may be another user's. If the
   * server rejects the token, the same object comes back.
   */
  readonly current = (): SeamComponentsProviders<Http, Query> | undefined =>
    this.#isHidden ? undefined : (this.#providers ??= this.#createProviders());

  /** Calls `listener` whenever `current` changes, until the returned function is called. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /**
   * @internal Tells Vue not to proxy this object: through a proxy its private members are not
   *   accessible.
   */
  get __v_skip(): true {
    return true;
  }

  /** Starts a new session, with the token of this client. */
  use(seam: Seam): void {
    this.#stopObserving?.();
    this.#stopObserving = undefined;
    this.#client = seam;
    this.#observe();
    this.#isHidden = false;
    this.#startNext();
  }

  /** Ends the session and stops observing the client. */
  dispose(): void {
    this.#stopObserving?.();
    this.#stopObserving = undefined;
    this.#isHidden = true;
    this.#startNext();
    this.#listeners.clear();
  }

  /**
   * Observes the client's token. If the app had to report token changes here as well, one place
   * that forgot it would show a user the devices of the previous one.
   */
  #observe(): void {
    this.#stopObserving = this.#client.observeToken({
      onTokenCheck: () => {
        this.#isHidden = true;
        this.#notify();
      },
      onTokenRejected: () => {
        this.#isHidden = false;
        this.#notify();
      },
      onTokenReplaced: (_, first, isSameUser) => {
        // A token of the same user changes nothing for the components.
        if (!this.#isHidden && (first || isSameUser)) return;
        this.#isHidden = false;
        this.#startNext();
      },
    });
  }

  #startNext(): void {
    this.#requestsController.abort(
      new DOMException("The session has ended", "AbortError"),
    );
    const last = this.#providers;
    this.#providers = undefined;
    this.#requestsController = new AbortController();
    try {
      last?.queryClient.clear();
    } finally {
      this.#notify();
    }
  }

  #notify(): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener();
      } catch (error) {
        // The other listeners must still be called: the user may have changed.
        globalThis.reportError?.(error);
      }
    }
  }

  #createProviders(): SeamComponentsProviders<Http, Query> {
    const { SeamHttp, queryClient, ...errors } = this.#modules;
    const transport = seamHttpTransport(this.#client, errors, {
      signal: this.#requestsController.signal,
    });
    return {
      context: {
        client: SeamHttp.fromClient(transport),
        endpointClient: null,
        queryKeyPrefix: crypto.getRandomValues(new Uint32Array(4)).join("-"),
        userIdentifierKey: "",
      },
      queryClient: queryClient(),
    };
  }
}
