import {
  SeamHttpInvalidOptionsError,
  SeamHttpInvalidTokenError,
} from "./errors.js";
import type { SeamOptions } from "./options.js";

/** The options that take a credential. */
export type CredentialKind = "apiKey" | "clientSessionToken";

/** A token or key, and the option that it came in. */
export interface Credential {
  kind: CredentialKind;
  token: string;
}

const later = ["publishableKey", "personalAccessToken", "consoleSessionToken"];

/**
 * The one credential among the options, or `SEAM_API_KEY` where the options
 * have none and there is an environment, as in Node.
 *
 * A token of the wrong kind must be refused before there is a module, so the
 * core's rule stands here once more; a test holds the two equal.
 */
export function credentialOf(options: SeamOptions): Credential {
  for (const name of later) {
    if (name in options)
      invalid(`${name} is not supported yet: use clientSessionToken or apiKey`);
  }
  // As with the official SDK, null is as good as nothing.
  const { apiKey, clientSessionToken } = options;
  if (apiKey != null && clientSessionToken != null) {
    invalid("give either apiKey or clientSessionToken, not both");
  }
  if (clientSessionToken != null) {
    return check("clientSessionToken", clientSessionToken);
  }
  const key = apiKey ?? environment("SEAM_API_KEY");
  if (key === undefined) {
    return invalid(
      "give a clientSessionToken or an apiKey, or set SEAM_API_KEY",
    );
  }
  if (isBrowser() && options.dangerouslyAllowBrowser !== true) {
    invalid(
      "an API key in a browser gives everyone who opens the page the whole workspace: " +
        "use a client session token (or set dangerouslyAllowBrowser)",
      "key_in_browser",
    );
  }
  return check("apiKey", key);
}

/** The variable, where there is an environment; an empty one counts as not set. */
export function environment(name: string): string | undefined {
  return globalThis.process?.env?.[name] || undefined;
}

function isBrowser(): boolean {
  return typeof window !== "undefined" && typeof document !== "undefined";
}

function check(kind: CredentialKind, token: unknown): Credential {
  if (typeof token !== "string" || token === "")
    bad(kind, "is empty or no string");
  const text = token as string;
  if (/[^!-~]/.test(text)) {
    bad(
      kind,
      "holds white space or a character that no token has: was it copied with a line break?",
    );
  }
  const found = kindOf(text);
  if (found !== kind)
    bad(
      kind,
      found === undefined
        ? "does not begin as Seam's tokens do"
        : `was given a ${found}`,
    );
  return { kind, token: text };
}

function kindOf(token: string): string | undefined {
  if (token.startsWith("ey")) return "JWT; console sessions are not supported";
  if (token.startsWith("seam_cst")) return "clientSessionToken";
  if (token.startsWith("seam_pk")) return "publishableKey";
  if (token.startsWith("seam_at")) return "personalAccessToken";
  return token.startsWith("seam_") ? "apiKey" : undefined;
}

function bad(kind: CredentialKind, what: string): never {
  throw new SeamHttpInvalidTokenError({
    name: "",
    code: "invalid_token",
    outcome: "not_sent",
    message: `${kind} ${what}`,
  });
}

function invalid(message: string, code = "invalid_options"): never {
  throw new SeamHttpInvalidOptionsError({
    name: "",
    code,
    outcome: "not_sent",
    message,
  });
}
