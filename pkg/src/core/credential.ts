import { invalidOptions, invalidToken } from "./error-factory.js";
import type { SeamOptions } from "./options.js";

/** The options that take a credential, and `publishableKey` of `fromPublishableKey`. */
export type CredentialKind =
  "apiKey" | "clientSessionToken" | "personalAccessToken" | "publishableKey";

/** A token or key, the option it was given in, and the workspace if there is one. */
export interface Credential {
  kind: CredentialKind;
  token: string;
  workspaceId?: string | undefined;
}

const KINDS = ["apiKey", "clientSessionToken", "personalAccessToken"] as const;

/**
 * Returns the one credential among the options. If the options name none, takes it from the
 * environment, where there is one (Node): `SEAM_API_KEY`, or `SEAM_PERSONAL_ACCESS_TOKEN` with
 * `SEAM_WORKSPACE_ID`.
 *
 * A missing client session token is never replaced by a key from the environment: one user's page
 * would get the whole workspace.
 *
 * A token of the wrong kind must be refused before the module is loaded, so the core's rule is
 * repeated here. A test keeps the two equal.
 */
export function credentialOf(options: SeamOptions): Credential {
  const [kind, second] = KINDS.filter((name) => options[name] != null);
  if (kind !== undefined && second !== undefined) {
    throw invalidOptions(
      `the ${second} option cannot be used with the ${kind} option`,
    );
  }
  if (kind === "clientSessionToken" && typeof options[kind] === "function") {
    // The function is called on the first call (token/client-session.ts).
    return { kind, token: "" };
  }
  if (kind !== undefined) return checkCredential(kind, options[kind], options);
  if ("clientSessionToken" in options) {
    return checkCredential("clientSessionToken", undefined, options);
  }
  // As in the official SDK, the variable is ignored if the option is present, even if its value is
  // undefined.
  const variable = (
    name: keyof SeamOptions,
    key: string,
  ): string | undefined => (name in options ? undefined : environment(key));
  const key = variable("apiKey", "SEAM_API_KEY");
  const token = variable("personalAccessToken", "SEAM_PERSONAL_ACCESS_TOKEN");
  if (key !== undefined && token !== undefined) {
    throw invalidOptions(
      "both SEAM_API_KEY and SEAM_PERSONAL_ACCESS_TOKEN are set: use one of them",
    );
  }
  if (key !== undefined) return checkCredential("apiKey", key, options);
  if (token !== undefined) {
    return checkCredential("personalAccessToken", token, options);
  }
  throw invalidOptions(
    "give a clientSessionToken, apiKey or personalAccessToken, or set SEAM_API_KEY",
  );
}

/**
 * Returns the variable, or `undefined` if it is empty, not set, or may not be read, as in Deno
 * without that permission.
 */
export function environment(name: string): string | undefined {
  try {
    return globalThis.process?.env?.[name] || undefined;
  } catch {
    return undefined;
  }
}

/**
 * Returns the endpoint for these options. A path is resolved against the page; the core then checks
 * that the result is https or loopback.
 */
export function endpointOf({ endpoint }: SeamOptions): string {
  let url = endpoint ?? environment("SEAM_ENDPOINT");
  // The official SDK reads it too, with the same advice.
  if (url == null && (url = environment("SEAM_API_URL"))) {
    console.warn("seam-session: SEAM_API_URL is deprecated: use SEAM_ENDPOINT");
  }
  url ??= "https://connect.getseam.com";
  try {
    // A second slash would lead to another host, also after white space, which URLs drop.
    return /^\.{0,2}\/(?![/\\\s])/.test(url)
      ? new URL(url, globalThis.document?.baseURI ?? location.href).href
      : url;
  } catch {
    return url;
  }
}

/** Whether this is a page or a page's worker; servers have neither of the two. */
function isBrowser(): boolean {
  return (
    (typeof window !== "undefined" && typeof document !== "undefined") ||
    typeof (globalThis as { importScripts?: unknown }).importScripts ===
      "function"
  );
}

/** Checks `token` as a credential of `kind`. */
export function checkCredential(
  kind: CredentialKind,
  token: unknown,
  options: SeamOptions,
): Credential {
  if (typeof token !== "string" || token === "") {
    throw invalidToken(`${kind} is empty or not a string`);
  }
  // The characters of a Bearer token (RFC 6750, 2.1).
  if (/[^A-Za-z0-9\-._~+/=]/.test(token)) {
    throw invalidToken(
      `${kind} has white space or a character that no token has`,
    );
  }
  const found = kindOf(token);
  if (found !== kind) {
    throw invalidToken(
      found === undefined
        ? `${kind} does not begin as Seam's tokens do (seam_...)`
        : `${kind} was given a token of another kind (${found})`,
    );
  }
  const opensAll = kind === "apiKey" || kind === "personalAccessToken";
  if (opensAll && isBrowser() && options.dangerouslyAllowBrowser !== true) {
    throw invalidOptions(
      `${kind} in a browser gives every visitor the whole workspace: ` +
        "use a client session token (or dangerouslyAllowBrowser)",
      "key_in_browser",
    );
  }
  if (kind !== "personalAccessToken") return { kind, token };
  const workspaceId =
    "workspaceId" in options
      ? options.workspaceId
      : environment("SEAM_WORKSPACE_ID");
  return { kind, token, workspaceId };
}

function kindOf(token: string): string | undefined {
  if (token.startsWith("ey")) return "JWT; console sessions are not supported";
  if (token.startsWith("seam_cst")) return "clientSessionToken";
  if (token.startsWith("seam_pk")) return "publishableKey";
  if (token.startsWith("seam_at")) return "personalAccessToken";
  return token.startsWith("seam_") ? "apiKey" : undefined;
}

/** Whether `token` has the prefix of an API key. */
export const isApiKey = (token: string): boolean => kindOf(token) === "apiKey";

/** Whether `token` has the prefix of a client session token. */
export const isClientSessionToken = (token: string): boolean =>
  kindOf(token) === "clientSessionToken";

/** Whether `token` has the prefix of a console session's JWT. */
export const isConsoleSessionToken = (token: string): boolean =>
  token.startsWith("ey");

/** Whether `token` has the prefix of a personal access token. */
export const isPersonalAccessToken = (token: string): boolean =>
  kindOf(token) === "personalAccessToken";

/** Whether `token` has the prefix of a publishable key. */
export const isPublishableKey = (token: string): boolean =>
  kindOf(token) === "publishableKey";
