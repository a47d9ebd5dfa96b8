import type { Interceptor } from "../core/contracts.js";
import type {
  Logger,
  RequestOptions,
  WaitForActionAttempt,
} from "../core/options.js";
import type { Route } from "../core/route.js";
import type { SessionInfo } from "../core/session-info.js";

/**
 * What requests and clients need: an `ApiClient` of this page (transport/api-client.ts), or one of
 * a worker (worker/page/api-client.ts), which pkg/build.mjs puts in its place.
 */
export interface Backend {
  /** The URL of the API. */
  readonly endpoint: string;
  /** The kind of the credential. */
  readonly kind: string;
  readonly userIdentityId: string | undefined;
  /** Whether calls wait for action attempts by default. */
  readonly waitForActionAttempt: boolean | WaitForActionAttempt;
  readonly interceptors: Interceptor[];
  /** Whether the client has a token function. */
  refreshesToken: boolean;
  /** Changes with each user. */
  readonly userGeneration: number;
  /** Resolves when the check of another token has ended; `undefined` if none is in progress. */
  readonly tokenCheck: Promise<void> | undefined;
  /** The session of the token, if it is known. */
  readonly sessionInfo: SessionInfo | undefined;
  /** Whether the client was closed. */
  readonly isClosed: boolean;
  /** Makes a call with `params`, the text of a JSON object, and returns the response body. */
  call(
    route: Route,
    params: string | undefined,
    options: RequestOptions,
  ): Promise<unknown>;
  /**
   * Asks the server about another token, and makes it the current one if the server accepts it.
   * Until then, calls wait, and nothing of the last user is shown. If the server rejects it, reads
   * go on as the last user; writes and actions were meant for another user and are not sent.
   *
   * @throws {SeamHttpInvalidTokenError} It cannot be a token; nothing has changed.
   * @throws As `client_sessions/get`; the last token stays in use.
   */
  changeToken(token: string): Promise<void>;
  /** Ends the session: drops the credential, and rejects the calls of now and later. */
  close(): void;
  /** Passes a message to the app's logger. */
  log(level: keyof Logger, message: string): void;
}
