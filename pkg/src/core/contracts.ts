import type { Route } from "./route.js";
import type { SessionEndReason, SessionInfo } from "./session-info.js";

/** Reads the body of a successful response and returns the value that the call resolves to. */
export type ReadBody = (response: Response) => Promise<unknown>;

/**
 * Sends the call with the current token. May be called again only if the first call had no effect.
 */
export type Next = () => Promise<unknown>;

/** The time of a call, in milliseconds: an action's ten seconds start here. */
export interface CalledAt {
  /** As `performance.now()` returns it. */
  readonly monotonic: number;
  /** Milliseconds since 1970; 0 for a read, which does not need it. */
  readonly wall: number;
}

/** What an interceptor gets of a call. */
export interface CallContext {
  readonly route: Route;
  readonly params: string | undefined;
  readonly calledAt: CalledAt;
  /** The client's token generation when the call was made. */
  readonly tokenGeneration: number;
}

/**
 * Wraps the calls of a client and is notified of token changes. Installed by lists, the scope,
 * token refresh and the bridge for Seam's components. All members are optional. An error thrown by
 * one, except by `intercept`, reaches neither the others nor the call.
 */
export interface Interceptor {
  /**
   * Wraps a call: decides when it is sent, and receives its result. An abort ends the call even
   * while this waits, and nothing is sent after that.
   */
  intercept?(call: CallContext, next: Next): Promise<unknown>;
  /** A check of another token has started. It may be another user's: show nothing. */
  onTokenCheck?(): void;
  /** The server rejected that token with `error`: the last one stays in use. */
  onTokenRejected?(error: unknown): void;
  /**
   * The token was replaced, or is the `first` of a client with a token function. `session` is its
   * session, if known; `isSameUser` whether that is of the same user.
   */
  onTokenReplaced?(
    session: SessionInfo | undefined,
    first: boolean,
    isSameUser?: boolean,
  ): void;
  /**
   * The server rejected the token, and the token function returned no other; or the client was
   * closed.
   */
  onSessionLost?(reason: SessionEndReason): void;
  /** A call has ended, successfully or with `error`. `params` are its parameters, if known. */
  onCallSettled?(
    route: Route,
    params: string | undefined,
    error?: unknown,
  ): void;
}
