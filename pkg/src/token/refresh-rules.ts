import { latin1, swaps } from "renewal-bytes";
import takes from "renewal-glue";

import type { Errors } from "../core/error-factory.js";
import { compiled } from "../wasm/compile-embedded.js";
import { guarded } from "../wasm/trap-recovery.js";

/** What a call has to do first (src/live/renewal.rs). */
export const enum TokenAction {
  Use,
  UseAndAsk,
  Ask,
  Wait,
  GiveUp,
}

/**
 * A copy of the module: it holds one renewal. What it exports (renewal/src/lib.rs)
 * takes and gives numbers: 1 for what is so, 0 for what is not.
 */
export interface Rules {
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
export const compile = compiled(() => [latin1, swaps]);

/** A copy of the module of its own; when it breaks, `restore` brings another one to its state. */
export function makeRules(
  module: WebAssembly.Module,
  errors: Errors,
  restore: (fresh: Rules) => void,
): Rules {
  return guarded(
    errors,
    () => new WebAssembly.Instance(module, takes()).exports as unknown as Rules,
    (_, retry) => retry(restore),
  );
}
