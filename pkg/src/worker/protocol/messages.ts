import type { CalledAt } from "../../core/contracts.js";
import type { Credential } from "../../core/credential.js";
import type { SessionInfo } from "../../core/session-info.js";
import type { RequestOptions, SeamOptions } from "../../core/options.js";
import type { Changes, WatchStatus } from "../../core/watch-types.js";

/** What of a client's options crosses to the worker. */
export type ClientOptions = Pick<
  SeamOptions,
  | "dangerouslyAllowBrowser"
  | "endpoint"
  | "maxRetries"
  | "timeout"
  | "userIdentityId"
  | "waitForActionAttempt"
>;

/**
 * What a page says to the worker. Its clients, calls and lists have numbers that are its own.
 * `check-message.ts` says what each member may be: the worker takes nothing else.
 */
export type ToWorker = {
  /** When it was sent, as the page's `performance.now()` has it. */
  sentAt?: number;
} &
  /** The first message; the second with the name of a lock that the page holds while it lives. */
  (
    | { type: "handshake"; build: string; hidden: boolean }
    | { type: "lock"; name: string }
    /** Asks for a sign of life. */
    | { type: "ping" }
    /** The page was hidden or shown, or hears that the network went or came: not every worker does. */
    | { type: "page-state"; hidden: boolean; online: boolean }
    | { type: "close" }
    /** The browser keeps the page for going back to it; it takes another lock when it is back. */
    | { type: "frozen" }
    /** A client, or another token for it; whether the page can give others, when it is asked. */
    | {
        type: "open-client";
        client: number;
        credential: Credential;
        options: ClientOptions;
        hasTokenFunction: boolean;
      }
    /** What the page was asked for. These two are the messages that carry a token. */
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
        /** It waited for a token anew: it was meant for the user before. */
        issuedForPreviousUser: boolean;
      }
    | { type: "abort"; id: number }
    /** Asks the server for the session of a client's token. */
    | { type: "get-session"; client: number; id: number }
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

/** What the worker says to a page. None of it holds a token. */
export type ToPage =
  /** With the name of a lock that the worker holds while it lives. */
  | { type: "ready" | "pong"; lock: string | undefined }
  /** The page is of another build. */
  | { type: "version-mismatch" }
  /** The page was taken for gone, and nothing is there of it any more. */
  | { type: "detached" }
  | { type: "result"; id: number; value?: unknown }
  | { type: "error"; id: number; error: PlainError }
  | { type: "list-update"; id: number; update: ListUpdate }
  /** Asks for a token for a client. */
  | { type: "token-request"; id: number; client: number }
  /** The session of a client whose token was renewed; nothing when it is over. */
  | { type: "session"; client: number; session: SessionInfo | undefined }
  /** A client is another user's now: the page gives its token anew, if it has one. */
  | { type: "token-required"; client: number };

/** An error as it crosses: nothing but data. */
export interface PlainError {
  /** The class's name, for one of ours. */
  name: string;
  message: string;
  cause?: PlainError | undefined;
  /** Its other members. */
  more: Record<string, unknown>;
}

/** What is new of a watched list. */
export interface ListUpdate {
  /** Its status, if it is another. */
  status?: { state: WatchStatus["state"]; reason?: PlainError };
  /**
   * Whether anything may be shown: not while nobody knows whose the token is.
   * Without it more of the same news follows, and nothing counts yet.
   */
  isShown?: boolean;
  /** It is a list from its beginning: what was there before is gone. */
  isFresh?: true;
  /** The slots of the whole list, if they are others than before. */
  order?: Uint32Array;
  /** What is new or different. */
  items?: Item[];
  /** What a change has done; of a fresh list all is added. */
  changes?: Changes;
}

/** One thing of a list. `flags` are bits of `DeviceFlag`, `capabilities` the core's bits for what can be done. */
export type Item = [
  slot: number,
  id: string,
  text: string,
  flags: number,
  capabilities: number,
];
