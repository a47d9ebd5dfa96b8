import type { TokenSession } from "../../transport/api-client.js";
import type { Credential } from "../../core/credential.js";
import { errorFactory } from "../../core/error-factory.js";
import type { SessionInfo } from "../../core/session-info.js";
import { Timer } from "../../core/time.js";
import {
  createClientSession,
  type NextToken,
  type SessionHost,
} from "../../token/client-session.js";
import type { ClientOptions, TokenChanged } from "../protocol/messages.js";
import type { AttachedPage, SharedClient } from "./shared-clients.js";

/** The client that a page's token leads to. */
interface Attachment {
  readonly client: SharedClient;
  readonly page: AttachedPage;
}

/** A token that a page wants to change to. */
export interface CheckedToken extends NextToken {
  readonly credential: Credential;
  readonly options: ClientOptions;
  readonly hasTokenFunction: boolean;
}

/**
 * A client of one page. Its token leads to a client that pages share; when it is changed, the page
 * goes on with another one, by the same rules as without a worker.
 */
export class PageClient implements SessionHost<CheckedToken> {
  readonly errorFactory = errorFactory;
  readonly Timer = Timer;
  // The shared client refreshes the token, and checks whose it must be.
  readonly timeout = 0;
  readonly userIdentityId = undefined;
  readonly onOtherUser = undefined;
  // The page itself holds calls during a check.
  readonly tokenCheck = undefined;

  readonly #attach: (token: CheckedToken) => void;
  attachment: Attachment | undefined;
  /** The user of the client before its token was requested again. */
  previousUser: SessionInfo | undefined;

  tokenSession: TokenSession<CheckedToken> | undefined;
  #loading: Promise<TokenSession<CheckedToken>> | undefined;
  tokenGeneration = 0;
  userGeneration = 0;
  checkNumber = 0;
  #changed: TokenChanged | undefined;

  /** `attach` makes the shared client of a token this client's own. */
  constructor(attach: (token: CheckedToken) => void) {
    this.#attach = attach;
  }

  get sessionCache(): SessionHost<CheckedToken>["sessionCache"] {
    return this.attachment?.client.client.sessionCache ?? NO_SESSION;
  }

  /** Changes to another token, once the server has accepted it. Returns what the page needs. */
  async changeToken(check: number, next: CheckedToken): Promise<TokenChanged> {
    this.checkNumber = Math.max(this.checkNumber, check);
    this.#loading ??= createClientSession(this);
    const session = await this.#loading;
    await session.changeToken(next, check);
    return this.#changed as TokenChanged;
  }

  /**
   * @throws {SeamOutOfScopeError} The call was made for another user than that of the current
   *   token.
   */
  assertMaySend(kind: number, check: number, generation: number): void {
    if (this.tokenSession?.maySend(kind, check, generation) === false)
      throw errorFactory.sessionChangedError();
  }

  hasToken(): boolean {
    // It is asked only whether there is no token.
    return this.attachment === undefined;
  }

  withToken(): never {
    throw new Error("a page's own token function calls changeToken");
  }

  endCheck(then: () => void): void {
    then();
  }

  notifyInterceptors(): void {
    // The page notifies its own.
  }

  setToken(
    next: CheckedToken,
    session: SessionInfo | undefined,
    isSameUser = false,
    tokenGeneration: number,
    userGeneration: number,
  ): void {
    this.tokenGeneration = tokenGeneration;
    this.userGeneration = userGeneration;
    this.#attach(next);
    this.#changed = { session, isSameUser, tokenGeneration };
  }
}

/** Before a page's client has a token. */
const NO_SESSION: SessionHost<CheckedToken>["sessionCache"] = {
  sessionInfo: undefined,
  getInfo: () => Promise.reject(new Error("there is no token")),
  resolveInfo: () => Promise.resolve(undefined),
};
