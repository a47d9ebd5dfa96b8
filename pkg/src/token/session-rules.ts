import { latin1, swaps } from "token-bytes";
import makeImports from "token-glue";

import type { ErrorFactory } from "../core/error-factory.js";
import { compileOnce } from "../wasm/compile-embedded.js";
import { recoverFromTraps } from "../wasm/trap-recovery.js";

/** What a call must do first (`TokenAction` of src/token_refresh.rs). */
export const enum TokenAction {
  Use,
  UseAndAsk,
  Ask,
  Wait,
  GiveUp,
}

/**
 * An instance of the module, which holds the state of one refresher. Its exports take and return
 * numbers; 1 stands for true, 0 for false.
 */
export interface RefreshRules {
  need(now: number, wall: number): TokenAction;
  given(now: number): number;
  sign_out(): void;
  failed(now: number, jitter: number): number;
  taken(token: number, now: number, wall: number, expiresAt: number): number;
  unlearned(token: number, now: number, jitter: number): void;
  refused(
    token: number,
    kind: number,
    outcome: number,
    again: boolean,
    calledAt: number,
    calledWall: number,
    now: number,
    wall: number,
    jitter: number,
  ): number;
  goes(kind: number, changes: number, since: number): number;
  renew_in(now: number, wall: number): number;
}

/**
 * Compiles the module, once.
 *
 * @throws Why it cannot be compiled here; the next call tries again.
 */
export const compile = compileOnce(() => [latin1, swaps]);

/** Creates an instance of the module; after a trap, `restore` brings a new one to its state. */
export function createRefreshRules(
  module: WebAssembly.Module,
  errorFactory: ErrorFactory,
  restore: (fresh: RefreshRules) => void,
): RefreshRules {
  return recoverFromTraps(
    errorFactory,
    () =>
      new WebAssembly.Instance(module, makeImports())
        .exports as unknown as RefreshRules,
    (_, retry) => retry(restore),
  );
}
