import type { Backend } from "../transport/backend.js";
import type { Interceptor } from "../core/contracts.js";
import type { SeamHttpUnauthorizedError } from "../core/errors.js";
import type { SeamEvents } from "../core/session-events.js";
import { endReasonOf, type SessionEndReason } from "../core/session-info.js";

/** Returns an interceptor that calls `listener` for one kind of event. */
export function sessionObserver<E extends keyof SeamEvents>(
  client: Backend,
  event: E,
  listener: (event: SeamEvents[E]) => void,
): Interceptor {
  let hasEnded = false;
  const emit = (
    name: keyof SeamEvents,
    detail: SeamEvents[typeof name],
  ): void => {
    if (name === event) listener(Object.freeze(detail) as SeamEvents[E]);
  };
  const end = (reason: SessionEndReason): void => {
    if (hasEnded) return;
    hasEnded = true;
    emit("sessionEnded", { reason });
  };
  return {
    onSessionLost: end,
    onTokenReplaced: (session, first, isSameUser) => {
      hasEnded = false;
      if (!first)
        emit(isSameUser ? "tokenRefreshed" : "userChanged", { session });
    },
    // Without a token function nobody else says that the token was rejected.
    onCallSettled: (_route, _params, error) => {
      const { reason } = Object(error) as SeamHttpUnauthorizedError;
      if (reason === "token_refused" && !client.refreshesToken)
        end(endReasonOf(client.sessionInfo));
    },
  };
}
