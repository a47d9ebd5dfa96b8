import { latin1, swaps } from "token-bytes";
import makeImports from "token-glue";

import type { ErrorFactory } from "../core/error-factory.js";
import { compileOnce } from "../wasm/compile-embedded.js";
import { recoverFromTraps } from "../wasm/trap-recovery.js";

/** What a call must do first (`CallAction` of src/session.rs, and `TokenAction`). */
export const enum CallAction {
  Use,
  UseAndRefresh,
  Refresh,
  AwaitRefresh,
  Backoff,
  SessionChanged,
}

/** What has become of a token (`TokenChange` of src/session.rs). */
export const enum TokenChange {
  Superseded,
  SameUser,
  OtherUser,
}

/** What to do with a token that the token function has returned (`RefreshStep`). */
export const enum RefreshStep {
  Ignore,
  AwaitCheck,
  Identify,
  Adopt,
  SameToken,
  OtherUser,
}

/** How a refresh that failed has left the session (`SessionStatus`). */
export const enum SessionStatus {
  Unchanged,
  Alive,
  Lost,
}

/** How a token compares with the one in use (`TokenMatch`). */
export const enum TokenMatch {
  Other,
  Same,
  Extended,
}

/** The bits of the options of a session (wasm/token/src/lib.rs). */
export const enum SessionOption {
  Refreshes = 1,
  IsPinned = 2,
  KeepsUser = 4,
  IsChecking = 8,
}

/** The numbers of a client session and of its user identity; 0 if they are not known. */
export type Identity = readonly [session: number, user: number];

/**
 * An instance of the module, which holds the state of one session (wasm/token/src/lib.rs). Its
 * exports take and return numbers; 1 stands for true, 0 for false.
 */
export interface SessionRules {
  open_session(
    options: number,
    token: number,
    generation: number,
    userGeneration: number,
    check: number,
    acceptedCheck: number,
    refresh: number,
    now: number,
  ): void;
  token_number(): number;
  token_generation(): number;
  user_generation(): number;
  refresh_number(): number;
  /** 0 if there was no token yet, 1 if it expires, 2 if the server has rejected it. */
  refresh_reason(): number;
  poll_call(
    kind: number,
    check: number,
    generation: number,
    now: number,
    wall: number,
  ): CallAction;
  poll_token(now: number, wall: number): CallAction;
  may_send(kind: number, check: number, generation: number): number;
  handle_check(check: number): void;
  handle_check_accepted(
    check: number,
    ...identitiesAndNow: [...Identity, ...Identity, number]
  ): TokenChange;
  handle_check_rejected(check: number): number;
  poll_refresh(
    refresh: number,
    ...identitiesAndMatch: [...Identity, ...Identity, TokenMatch]
  ): RefreshStep;
  handle_token(
    ...identitiesAndNow: [...Identity, ...Identity, number]
  ): TokenChange;
  handle_refresh_failed(
    refresh: number,
    signedOut: boolean,
    now: number,
    jitter: number,
  ): SessionStatus;
  handle_token_accepted(
    token: number,
    now: number,
    wall: number,
    expiresAt: number,
  ): number;
  handle_expiry_unknown(token: number, now: number, jitter: number): void;
  handle_unauthorized(
    token: number,
    kind: number,
    outcome: number,
    isResend: boolean,
    calledAt: number,
    calledWall: number,
    now: number,
    wall: number,
    jitter: number,
  ): number;
  poll_timer(now: number, wall: number): number;
}

/**
 * Compiles the module, once.
 *
 * @throws Why it cannot be compiled here; the next call tries again.
 */
export const compile = compileOnce(() => [latin1, swaps]);

/** Creates an instance of the module; after a trap, `restore` brings a new one to its state. */
export function createSessionRules(
  module: WebAssembly.Module,
  errorFactory: ErrorFactory,
  restore: (fresh: SessionRules) => void,
): SessionRules {
  return recoverFromTraps(
    errorFactory,
    () =>
      new WebAssembly.Instance(module, makeImports())
        .exports as unknown as SessionRules,
    (_, retry) => retry(restore),
  );
}
