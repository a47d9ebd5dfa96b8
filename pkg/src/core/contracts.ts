import type { Route } from "./route.js";
import type { SessionInfo } from "./session-info.js";

/** Takes the body of a success, and gives what stands for its value. */
export type ReadBody = (response: Response) => Promise<unknown>;

/** Makes a call, with the token of now; it may be made again only where nothing came of it. */
export type Next = () => Promise<unknown>;

/** When a call was made, in milliseconds: an action has its time from here. */
export interface CalledAt {
  /** As `performance.now()` has it. */
  readonly monotonic: number;
  /** Since 1970; 0 for a read, which needs none. */
  readonly wall: number;
}

/** A call, for those who stand around it. */
export interface CallContext {
  readonly route: Route;
  readonly params: string | undefined;
  readonly calledAt: CalledAt;
  /** The client's {@link ApiClient.changes} when it was made. */
  readonly tokenGeneration: number;
}

/**
 * What live.js and renewal.js put beside a client's calls: its lists, its scope,
 * the renewal of its token. Each has of these what it needs. What one of them throws, but
 * in `around`, reaches neither the others nor the call.
 */
export interface Interceptor {
  /**
   * Stands around each call: sends it when it may go, and looks at what comes of
   * it. An abort ends the call whatever is awaited here; what would be sent after
   * that is not.
   */
  intercept?(call: CallContext, next: Next): Promise<unknown>;
  /** The server is asked for another token, which may be another user's: nothing is shown. */
  onTokenCheck?(): void;
  /** The server rejected that token with `error`: the last one is still in use. */
  onTokenRejected?(error: unknown): void;
  /**
   * There is another token, or the `first` of a client that is given them by a
   * function; with its session, if that is known, and whether that is of the same user.
   */
  onTokenReplaced?(
    session: SessionInfo | undefined,
    first: boolean,
    isSameUser?: boolean,
  ): void;
  /** The token is dead, and no other was to be had. */
  onSessionLost?(): void;
  /** A call has ended, well or with `error`; its parameters, if they are known. */
  onCallSettled?(
    route: Route,
    params: string | undefined,
    error?: unknown,
  ): void;
}
