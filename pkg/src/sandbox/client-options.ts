/** The options of a back end's client: `new Seam(sandbox.backEnd())`. */
export interface SandboxBackEndOptions {
  apiKey: string;
  endpoint: string;
  /** The sandbox's own `fetch`, which needs no network. */
  fetch: typeof fetch;
}

/** The options of a user's client: `new Seam(sandbox.app("jane"))`. */
export interface SandboxAppOptions {
  clientSessionToken: string;
  endpoint: string;
  /** The sandbox's own `fetch`, which needs no network. */
  fetch: typeof fetch;
}

/** The session of `sandbox.app(user, session)`. */
export interface SandboxSessionOptions {
  /**
   * How long the session lives from now on, by the sandbox's clock, in milliseconds. Default: a
   * new session lives for a year, and an existing one keeps its end.
   */
  expiresInMs?: number | undefined;
}

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** Returns the parameter that names the user: a UUID is an id, anything else a key. */
export function userParameter(user: string): object {
  return UUID.test(user)
    ? { user_identity_id: user }
    : { user_identity_key: user };
}
