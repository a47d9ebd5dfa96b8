// Clients with a mock fetch or a server of the test, and mock responses.
import { Seam } from "./installed.mjs";

export const TOKEN = "seam_cst1abcdefgh_hunter2hunter2hunter2hun";

/** The response to an action whose attempt is not finished. */
export const PENDING = {
  action_attempt: { action_attempt_id: "a-1", status: "pending" },
  ok: true,
};

/** The response to an action whose attempt has succeeded. */
export const SUCCESS = {
  action_attempt: { action_attempt_id: "a-1", status: "success" },
  ok: true,
};

export const seamAt = (endpoint, options = {}) =>
  Seam.fromClientSessionToken(TOKEN, { endpoint, maxRetries: 0, ...options });

export const withFetch = (fetch, options = {}) =>
  seamAt("https://seam.test", { fetch, ...options });

export const never = () => new Promise(() => {});

/** Returns an object like a Response, with these parts replaced. */
export const fakeResponse = (parts) => ({
  status: 200,
  headers: new Headers(),
  text: async () => '{"devices":[],"ok":true}',
  ...parts,
});
