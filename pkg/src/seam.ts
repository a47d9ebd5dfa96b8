import { Caller } from "./call.js";
import { credentialOf, environment } from "./credential.js";
import { SeamHttpInvalidOptionsError } from "./errors.js";
import type { SeamOptions } from "./options.js";
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
    const given =
      typeof apiKeyOrOptions === "string"
        ? { apiKey: apiKeyOrOptions }
        : apiKeyOrOptions;
    const endpoint = given.endpoint ?? environment("SEAM_ENDPOINT");
    const { clientSessionToken: _, apiKey: __, ...options } = given;
    const { timeout = 1 } = given;
    if (typeof timeout !== "number" || !(timeout > 0)) {
      throw new SeamHttpInvalidOptionsError({
        name: "",
        code: "invalid_options",
        outcome: "not_sent",
        message: "timeout must be a number of milliseconds above zero",
      });
    }
    const caller = new Caller(
      credentialOf(given),
      endpoint === undefined ? options : { ...options, endpoint },
    );
    addRoutes(this, caller);
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
