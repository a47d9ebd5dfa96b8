import { invalidOptions, invalidToken } from "./invalid.js";
import type { SeamOptions } from "./options.js";

/** The options that take a credential. */
export type CredentialKind = "apiKey" | "clientSessionToken";

/** A token or key, and the option that it came in. */
export interface Credential {
  kind: CredentialKind;
  token: string;
}

const LATER = [
  "publishableKey",
  "personalAccessToken",
  "consoleSessionToken",
] as const;

/**
 * The one credential among the options, or `SEAM_API_KEY` where the options
 * name none and there is an environment, as in Node.
 *
 * A client session token that is missing is never made up for by the
 * environment's key: one user's page would get the whole workspace.
 *
 * A token of the wrong kind must be refused before there is a module, so the
 * core's rule stands here once more; a test holds the two equal.
 */
export function credentialOf(options: SeamOptions): Credential {
  const given = options as Record<string, unknown>;
  for (const name of LATER) {
    if (given[name] != null) {
      throw invalidOptions(
        `${name} is not supported yet: use clientSessionToken or apiKey`,
      );
    }
  }
  const { apiKey, clientSessionToken } = options;
  if (apiKey != null && clientSessionToken != null) {
    throw invalidOptions("give either apiKey or clientSessionToken, not both");
  }
  if (apiKey == null && "clientSessionToken" in options) {
    return check("clientSessionToken", clientSessionToken);
  }
  const key = apiKey ?? environment("SEAM_API_KEY");
  if (key === undefined) {
    throw invalidOptions(
      "give a clientSessionToken or an apiKey, or set SEAM_API_KEY",
    );
  }
  if (isBrowser() && options.dangerouslyAllowBrowser !== true) {
    throw invalidOptions(
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

/** A page, or a page's worker; servers have neither of the two. */
function isBrowser(): boolean {
  return (
    (typeof window !== "undefined" && typeof document !== "undefined") ||
    typeof (globalThis as { importScripts?: unknown }).importScripts ===
      "function"
  );
}

function check(kind: CredentialKind, token: unknown): Credential {
  if (typeof token !== "string" || token === "") {
    throw invalidToken(`${kind} is empty or no string`);
  }
  if (/\s/.test(token)) {
    throw invalidToken(
      `${kind} holds white space: was it copied with a line break or a space?`,
    );
  }
  // What a Bearer token may be made of (RFC 6750, 2.1).
  if (/[^A-Za-z0-9\-._~+/=]/.test(token)) {
    throw invalidToken(`${kind} holds a character that no token has`);
  }
  const found = kindOf(token);
  if (found !== kind) {
    throw invalidToken(
      found === undefined
        ? `${kind} does not begin as Seam's tokens do (seam_...)`
        : `${kind} was given what looks like a ${found}`,
    );
  }
  return { kind, token };
}

function kindOf(token: string): string | undefined {
  if (token.startsWith("ey")) return "JWT; console sessions are not supported";
  if (token.startsWith("seam_cst")) return "clientSessionToken";
  if (token.startsWith("seam_pk")) return "publishableKey";
  if (token.startsWith("seam_at")) return "personalAccessToken";
  return token.startsWith("seam_") ? "apiKey" : undefined;
}
