import type { ApiClient } from "../transport/api-client.js";
import type { CallContext, Next } from "../core/contracts.js";
import type { SeamError, SeamHttpUnauthorizedError } from "../core/errors.js";
import type { ClientSessionTokenFunction } from "../core/options.js";
import { ErrorClass } from "../core/error-factory.js";
import { jitter } from "../core/time.js";
import type { Timer } from "../core/time.js";
import { noToken } from "./no-token.js";
import {
  compile,
  makeRules,
  TokenAction,
  type Rules,
} from "./refresh-rules.js";

export { compile };

const SAME = new Error("it gave the same token again");

/** Renews a client's token by asking `ask`, which has been asked for the `first` already. */
export async function renew(
  caller: ApiClient,
  ask: ClientSessionTokenFunction,
  first?: Promise<string | null>,
): Promise<TokenRefresher> {
  return new TokenRefresher(caller, await compile(), ask, first);
}

/** Keeps one client authorised, as the core says (src/live/renewal.rs). */
export class TokenRefresher {
  readonly #caller: ApiClient;
  readonly #rules: Rules;
  readonly #function: ClientSessionTokenFunction;
  #first: Promise<string | null> | undefined;
  /** The number of the token in use. */
  #token = 0;
  /** Whether a call was made since it is known when the token ends. */
  #isUsed = false;
  /** Resolves when the asking has ended. */
  #asking: Promise<void> | undefined;
  #answer = (): void => {};
  /** Another one for each time that a token is asked for, or given. */
  #round = 0;
  /** Why the last asking gave none, and what was thrown: the app's own, for its own eyes. */
  #why: string | undefined;
  #cause: unknown;
  /** How long the asking that is under way may take. */
  readonly #limit: Timer;
  readonly #timer: Timer;

  constructor(
    caller: ApiClient,
    module: WebAssembly.Module,
    ask: ClientSessionTokenFunction,
    first: Promise<string | null> | undefined,
  ) {
    this.#caller = caller;
    this.#limit = new caller.Timer();
    this.#timer = new caller.Timer();
    this.#rules = makeRules(module, caller.errors, (fresh) => {
      // Its token has the same number again, if there is one, and is as good as the last one.
      if (isSignedOut(this.#cause)) return fresh.sign_out();
      const now = performance.now();
      while (this.#token > 0 && fresh.given(now) < this.#token);
      const { expires_at = "" } = caller.session.current ?? {};
      fresh.taken(this.#token, now, this.#wall, Date.parse(expires_at));
    });
    this.#function = ask;
    // One that was given by hand meanwhile is the one that counts.
    this.#first = caller.uses("") ? first : undefined;
    caller.companions.push({ renewed: () => this.#given() });
    if (!caller.uses("")) this.#given();
  }

  /** Sends a call when there is a token, and once more if that was dead. */
  async around(call: CallContext, send: Next): Promise<unknown> {
    const { route, calledAt } = call;
    const rules = this.#rules;
    const { kind } = route;
    const { errors } = this.#caller;
    /** What the server refused. */
    let refusal: unknown;
    for (;;) {
      this.#isUsed = true;
      const need = this.#need();
      if (need === TokenAction.Ask || need === TokenAction.UseAndAsk)
        this.#ask();
      if (need === TokenAction.GiveUp) throw this.#error(refusal);
      if (need === TokenAction.Ask || need === TokenAction.Wait) {
        this.#limit.ref();
        // If none came, the last token may do all the same.
        await this.#asking;
        continue;
      }
      // What was asked for as one user is not done as another.
      if (!rules.goes(kind, call.changes, this.#caller.since)) {
        throw refusal ?? errors.changedSession();
      }
      const token = this.#token;
      try {
        const body = await send();
        this.#accepted(token);
        return body;
      } catch (error) {
        const { outcome, reason } = Object(error) as SeamHttpUnauthorizedError;
        if (reason !== "token_refused") {
          // What was refused once was not done, whatever kept it from being sent again.
          const isChange = (error as SeamError).code === "session_changed";
          throw refusal !== undefined && outcome === "not_sent" && !isChange
            ? refusal
            : error;
        }
        const again = rules.refused(
          token,
          kind,
          ["not_sent", "refused"].indexOf(outcome),
          refusal !== undefined,
          calledAt.monotonic,
          calledAt.wall,
          performance.now(),
          Date.now(),
          jitter(),
        );
        this.#arm();
        if (!again) throw error;
        refusal = error;
      }
    }
  }

  /** The server has accepted a call with this token. What goes wrong here is no concern of the call's. */
  #accepted(token: number): void {
    try {
      if (this.#rules.taken(token, performance.now(), 0, 0)) this.#learnEnd();
    } catch {
      // The next call asks a new instance.
    }
  }

  /** The wall time; 0, without a look at the clock, while it is not known when the token ends. */
  get #wall(): number {
    return this.#caller.session.current ? Date.now() : 0;
  }

  #need(): TokenAction {
    return this.#rules.need(performance.now(), this.#wall);
  }

  /** Asks for a token; the rules have said so. */
  #ask(): void {
    const round = (this.#round += 1);
    const fail = (error: unknown): void => {
      if (round === this.#round) this.#failed(error);
    };
    const late = (): void => fail(new Error("it took too long"));
    this.#limit.start(this.#caller.timeout, late, true);
    const last = this.#answer;
    this.#asking = new Promise((resolve) => {
      this.#answer = () => {
        // After a trap two may have been begun.
        last();
        resolve();
      };
    });
    this.#next(round).then(
      () => fail(new Error("nobody took the token")),
      fail,
    );
  }

  /** Ends the asking that is under way, if one is. */
  #end(cause?: unknown, why?: string): void {
    this.#round += 1;
    this.#cause = cause;
    this.#why = why;
    this.#limit.stop();
    this.#answer();
  }

  /** Takes the next token in use, once it is known whose it is. */
  async #next(round: number): Promise<void> {
    const ask = this.#function;
    const caller = this.#caller;
    const first = this.#first;
    this.#first = undefined;
    const token = await (first ?? ask());
    // One that is given by hand comes first, and is the one that counts if it is accepted.
    await caller.held;
    if (round !== this.#round) return;
    if (token === null) {
      throw caller.errors.make(
        ErrorClass.SignedOut,
        "signed_out",
        "not_sent",
        "the user signed out",
      );
    }
    const next = caller.as(token);
    // Whose the first one is, is asked beside the call.
    if (caller.uses("") && caller.userIdentityId === undefined) {
      return caller.updateClientSessionToken(token);
    }
    const session = await next.session.look().catch((error: unknown) => {
      throw caller.uses(token) ? SAME : error;
    });
    const known = await caller.session.known();
    await caller.held;
    if (round !== this.#round) return;
    // The same one again is news only when its session was given more time.
    const isLonger = session.expires_at !== known?.expires_at;
    if (caller.uses(token) && !isLonger) throw SAME;
    if (caller.uses("") || caller.session.isSame(known, session)) {
      caller.updateClientSessionToken(token, session);
    } else {
      caller.replace(token, session);
    }
  }

  /** There is a token, whoever gave it: one by hand ends an asking as well. */
  #given(): void {
    this.#end();
    this.#token = this.#rules.given(performance.now());
    this.#learnEnd();
  }

  /** Asks when the token in use ends. */
  #learnEnd(): void {
    const token = this.#token;
    this.#caller.session
      .get()
      .then(
        ({ expires_at }) => {
          const now = performance.now();
          const end = Date.parse(expires_at);
          this.#rules.taken(token, now, Date.now(), end);
          this.#isUsed = false;
          this.#arm();
        },
        () => this.#rules.unlearned(token, performance.now(), jitter()),
      )
      .catch(() => {
        // Without an instance nothing is known of the end: the server judges.
      });
  }

  #failed(error: unknown): void {
    const rules = this.#rules;
    const isOver = isSignedOut(error);
    const isDead = rules.failed(performance.now(), jitter()) || isOver;
    if (isOver) rules.sign_out();
    this.#end(error, this.#caller.errors.safeCause(error)?.message ?? "");
    this.#arm();
    if (isDead) this.#caller.tell((it) => it.lost?.());
  }

  /** What a call is told that has no token to go with; `refusal` is what it was told before. */
  #error(refusal: unknown): unknown {
    const cause = this.#cause;
    const why = this.#why;
    if (refusal !== undefined && why === undefined) return refusal;
    const outcome = refusal === undefined ? "not_sent" : "refused";
    const { errors } = this.#caller;
    return isSignedOut(cause)
      ? errors.withOutcome(cause, outcome)
      : noToken(errors, cause, outcome, why);
  }

  /** Sets the timer that asks for the next token ahead of the end. */
  #arm(): void {
    this.#timer.stop();
    const ms = this.#rules.renew_in(performance.now(), this.#wall);
    if (ms < 0) return;
    // It keeps no client alive that nobody has any more.
    const self = new WeakRef(this);
    this.#timer.start(
      ms,
      () => {
        const it = self.deref();
        try {
          if (it) it.#due();
        } catch {
          // The next call asks a new instance.
        }
      },
      true,
    );
  }

  #due(): void {
    // One that nobody uses waits for its next call.
    if (!this.#isUsed) return;
    const need = this.#need();
    if (need === TokenAction.Ask || need === TokenAction.UseAndAsk) this.#ask();
    else this.#arm();
  }
}

/** Whether the function has ended the session; the error may be of another copy of the package. */
function isSignedOut(error: unknown): error is Error {
  try {
    return (Object(error) as SeamError).name === "SeamSignedOutError";
  } catch {
    // A Proxy, say, whatever it is.
    return false;
  }
}
