import type { Seam } from "../client/seam.js";
import {
  checkErrors,
  type SeamHttpErrorClasses,
  requireClass,
  isVersion2Error,
} from "./http-errors.js";
import { seamHttpTransport } from "./transport.js";

/** As much of TanStack's `QueryClient` as is used here. */
export interface QueryClientLike {
  clear(): void;
}

/** What the host's packages have, and this one does not depend on. */
export interface SeamComponentsModules<
  Http,
  Query extends QueryClientLike,
> extends SeamHttpErrorClasses {
  /** Of `@seamapi/http`, from 1.95 on and below 2: `npm install @seamapi/http@1`. */
  SeamHttp: {
    /** Version 1 has it, version 2 does not. */
    readonly ltsVersion: string;
    fromClient(client: any): Http;
  };
  /** Makes a `QueryClient` of `@tanstack/react-query`: called once a session. */
  queryClient(): Query;
}

/** What belongs to one session, and goes with it. */
export interface SeamComponentsProviders<Http, Query> {
  /** The `value` for `seamContext.Provider`. */
  readonly context: {
    readonly client: Http;
    readonly endpointClient: null;
    /** No other session has it: the `key` for all that shows this one. */
    readonly queryKeyPrefix: string;
    /** Empty, so that the components do not make up and keep a fingerprint. */
    readonly userIdentifierKey: "";
  };
  /** The `client` for `QueryClientProvider`; holds nothing of another session. */
  readonly queryClient: Query;
}

/**
 * The sessions of a page that shows Seam's components, one after the other.
 *
 * The components keep what they were answered under keys that do not say whose
 * it is. So each session gets a cache and a prefix of its own, and the one
 * before it ends: its cache is emptied, its requests are let go of, and it sends
 * nothing more, for that would go out with the next user's token.
 *
 * `subscribe` and `current` are made for React's `useSyncExternalStore`, which
 * has the new session on the page before the browser paints again.
 */
export class SeamComponentsSession<Http, Query extends QueryClientLike> {
  readonly #modules: SeamComponentsModules<Http, Query>;
  readonly #listeners = new Set<() => void>();
  #client: Seam;
  #stopObserving: (() => void) | undefined;
  #requestsController = new AbortController();
  #providers: SeamComponentsProviders<Http, Query> | undefined;
  /** Whether nothing may be shown: another token is being checked, or it is disposed of. */
  #isHidden = false;

  /**
   * Begins the first session, of `seam`'s token.
   *
   * @throws {SeamHttpInvalidOptionsError} A class is missing, or of `@seamapi/http` 2.
   */
  constructor(seam: Seam, modules: SeamComponentsModules<Http, Query>) {
    checkErrors(modules);
    requireClass(modules, "SeamHttp");
    if (modules.SeamHttp.ltsVersion === undefined) throw isVersion2Error();
    this.#modules = modules;
    this.#client = seam;
    this.#observe();
  }

  /**
   * The session of now; another object for another session, and only then. `undefined` while the
   * server is asked about another token: show nothing, for it may be another user's. A token that
   * is rejected brings the same session back.
   */
  readonly current = (): SeamComponentsProviders<Http, Query> | undefined =>
    this.#isHidden ? undefined : (this.#providers ??= this.#createProviders());

  /** Calls `listener` whenever `current` is another; the result ends that. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** @internal Vue leaves it as it is: behind a proxy of Vue's it could not read its private members. */
  get __v_skip(): true {
    return true;
  }

  /** Begins a session of another client's token, or of the same client anew. */
  use(seam: Seam): void {
    this.#stopObserving?.();
    this.#stopObserving = undefined;
    this.#client = seam;
    this.#observe();
    this.#isHidden = false;
    this.#startNext();
  }

  /** Ends the session, and follows the client no longer. */
  dispose(): void {
    this.#stopObserving?.();
    this.#stopObserving = undefined;
    this.#isHidden = true;
    this.#startNext();
    this.#listeners.clear();
  }

  /**
   * The client tells of each other token, whoever gave it. If that had to be told here as well,
   * one place that forgets it would show a user the devices of the one before.
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
        // The next token of the same user is nothing that the components need to know.
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
        // The others must hear of it too: it may be another user.
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
