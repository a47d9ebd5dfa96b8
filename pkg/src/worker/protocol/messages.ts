import type { CalledAt } from "../../core/contracts.js";
import type { Credential } from "../../core/credential.js";
import type { SessionEndReason, SessionInfo } from "../../core/session-info.js";
import type {
  RequestOptions,
  SeamOptions,
  TokenRequest,
} from "../../core/options.js";
import type { Changes, WatchStatus } from "../../core/watch-types.js";

/** The options of a client that are sent to the worker. */
export type ClientOptions = Pick<
  SeamOptions,
  | "checkScope"
  | "dangerouslyAllowBrowser"
  | "endpoint"
  | "headers"
  | "maxRetries"
  | "timeout"
  | "userIdentityId"
  | "waitForActionAttempt"
>;

/**
 * A message from a page to the worker. The ids of clients, calls and lists are the page's own. The
 * worker accepts only what `check-message.ts` allows.
 */
export type ToWorker = {
  /** When the message was sent, by the page's `performance.now()`. */
  sentAt?: number;
} &
  /** The first message, and the name of a lock that the page holds while it lives. */
  (
    | { type: "handshake"; build: string; hidden: boolean }
    | { type: "lock"; name: string }
    /** Asks for a `pong`. */
    | { type: "ping" }
    /** The page was hidden or shown, or the network changed, which not every worker notices. */
    | { type: "page-state"; hidden: boolean; online: boolean }
    | { type: "close" }
    /**
     * The browser freezes the page for going back to it; the page takes another lock when it is
     * back.
     */
    | { type: "frozen" }
    /** A client and its token, and whether the page has a token function for it. */
    | {
        type: "open-client";
        client: number;
        credential: Credential;
        options: ClientOptions;
        hasTokenFunction: boolean;
      }
    /**
     * Changes to another token once the server has accepted it. `check` counts such messages of a
     * client. The result is `TokenChanged`.
     */
    | {
        type: "change-token";
        client: number;
        id: number;
        check: number;
        credential: Credential;
        options: ClientOptions;
        hasTokenFunction: boolean;
      }
    /**
     * The result of a `token-request`. These messages and `open-client` carry a token or its error.
     */
    | { type: "token"; id: number; token: string }
    | { type: "token-error"; id: number; error: PlainError }
    | { type: "close-client"; client: number }
    | {
        type: "call";
        client: number;
        id: number;
        path: string;
        params: string | undefined;
        options: Omit<RequestOptions, "signal">;
        /** The monotonic time is the page's. */
        calledAt: CalledAt;
        /** The check that was in progress when the call was made; 0 if there was none. */
        check: number;
        /** The token generation when it was made or, if it was held, when the check ended. */
        generation: number;
        /** The call waited for a new token: it was meant for the previous user. */
        issuedForPreviousUser: boolean;
      }
    | { type: "abort"; id: number }
    | { type: "load-scope"; client: number; id: number }
    | {
        type: "watch";
        client: number;
        id: number;
        path: string;
        json: string;
        interval: number;
      }
    | { type: "set-interval"; id: number; interval: number }
    | { type: "refresh"; id: number; list: number }
    | { type: "unwatch"; id: number }
  );

/** A message from the worker to a page. None has a token. */
export type ToPage =
  /** With the name of a lock that the worker holds while it lives. */
  | { type: "ready" | "pong"; lock: string | undefined }
  /** The page is of another build. */
  | { type: "version-mismatch" }
  /** The worker has detached the page and holds nothing of it any more. */
  | { type: "detached" }
  | { type: "result"; id: number; value?: unknown }
  | { type: "error"; id: number; error: PlainError }
  | { type: "list-update"; id: number; update: ListUpdate }
  /** Asks for a token for a client. */
  | {
      type: "token-request";
      id: number;
      client: number;
      reason: TokenRequest["reason"];
    }
  /** The new session of a client whose token was refreshed, or why it has ended. */
  | {
      type: "session";
      client: number;
      session: SessionInfo | SessionEndReason;
    }
  /** A client is another user's now: the page supplies its token again, if it has one. */
  | { type: "token-required"; client: number };

/** How a token was changed. */
export interface TokenChanged {
  session: SessionInfo | undefined;
  isSameUser: boolean;
  tokenGeneration: number;
}

/** An error as plain data. */
export interface PlainError {
  /** The name of its class. */
  name: string;
  message: string;
  cause?: PlainError | undefined;
  /** Its other members. */
  more: Record<string, unknown>;
}

/** An update of a watched list. */
export interface ListUpdate {
  /** The status, if it has changed. */
  status?: { state: WatchStatus["state"]; reason?: PlainError };
  /**
   * Whether the list may be shown: false while its user is not known. If this member is missing,
   * more parts of the same update follow, and the update is not applied yet.
   */
  isShown?: boolean;
  /** The list starts again: earlier data is discarded. */
  isFresh?: true;
  /** The slots of the whole list, if they have changed. */
  order?: Uint32Array;
  /** New and changed items. */
  items?: Item[];
  /** The ids that have changed. With `isFresh`, all ids are in `added`. */
  changes?: Changes;
}

/** An item of a list. `flags` are bits of `DeviceFlag`; `capabilities` are the core's bits. */
export type Item = [
  slot: number,
  id: string,
  text: string,
  flags: number,
  capabilities: number,
];
