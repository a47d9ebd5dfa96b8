import {
  SeamHttpInvalidOptionsError,
  SeamHttpInvalidTokenError,
} from "./errors.js";

/** What cannot be used, told before anything is sent. */
export function invalidOptions(
  message: string,
  code = "invalid_options",
): SeamHttpInvalidOptionsError {
  return new SeamHttpInvalidOptionsError({
    code,
    outcome: "not_sent",
    message,
  });
}

/** A token that cannot be one. The message never repeats it. */
export function invalidToken(message: string): SeamHttpInvalidTokenError {
  return new SeamHttpInvalidTokenError({
    code: "invalid_token",
    outcome: "not_sent",
    message,
  });
}
