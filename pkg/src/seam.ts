import { Caller } from "./call.js";
import { credentialOf, environment } from "./credential.js";
import { checkSeamOptions, type SeamOptions } from "./options.js";
import type { SeamRoutes } from "./resources.js";
import { addRoutes } from "./routes.js";

/** The routes stand on a client as its namespaces. */
export interface Seam extends SeamRoutes {}

/**
 * A client of Seam's API with one credential.
 *
 * The wasm module is loaded when the first request is made.
 */
export class Seam {
  /**
   * @throws {SeamHttpInvalidTokenError} The token is of the wrong kind.
   * @throws {SeamHttpInvalidOptionsError} There is none, or a key in a browser.
   */
  constructor(apiKeyOrOptions: string | SeamOptions = {}) {
    // Own properties only: nothing is taken from a prototype that somebody changed.
    const options: SeamOptions = Object.assign(
      Object.create(null),
      typeof apiKeyOrOptions === "string"
        ? { apiKey: apiKeyOrOptions }
        : apiKeyOrOptions,
    );
    checkSeamOptions(options);
    const credential = credentialOf(options);
    delete options.apiKey;
    delete options.clientSessionToken;
    const endpoint = options.endpoint ?? environment("SEAM_ENDPOINT");
    if (endpoint !== undefined) options.endpoint = endpoint;
    addRoutes(this, new Caller(credential, options));
  }

  /** A client for an app, which sees and acts on what its session may. */
  static fromClientSessionToken(
    clientSessionToken: string,
    options: Omit<SeamOptions, "apiKey" | "clientSessionToken"> = {},
  ): Seam {
    return new this({ ...options, clientSessionToken });
  }

  /** A client for a back end, which sees the whole workspace. */
  static fromApiKey(
    apiKey: string,
    options: Omit<SeamOptions, "apiKey" | "clientSessionToken"> = {},
  ): Seam {
    return new this({ ...options, apiKey });
  }
}
