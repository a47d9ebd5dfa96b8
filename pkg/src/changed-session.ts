import { SeamOutOfScopeError } from "./errors.js";

/** What was asked for as one user is not done as another. */
export const changedSession = (): SeamOutOfScopeError =>
  new SeamOutOfScopeError({
    code: "session_changed",
    outcome: "not_sent",
    message: "another token came before it was sent, so it was not",
  });
