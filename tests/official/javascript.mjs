// Seam's JavaScript SDKs as clients of a table of calls.

/** Both wait for action attempts, and look often. */
const OPTIONS = {
  waitForActionAttempt: { timeout: 30_000, pollingInterval: 50 },
};

/** A client of this class for a table: with the API key, or with each one's own token. */
export function javascript(Official, world, credential) {
  const { endpoint, api_key, token, walk_in_token } = world;
  const options = { endpoint, ...OPTIONS };
  const backEnd = Official.fromApiKey(api_key, options);
  const sessions = {
    ada: Official.fromClientSessionToken(token, options),
    "walk-in": Official.fromClientSessionToken(walk_in_token, options),
  };
  return async (by, path, params) => {
    const seam = credential === "API key" ? backEnd : sessions[by];
    try {
      return { result: await method(seam, path)(params) };
    } catch (error) {
      // What is not the server's refusal is a failure of the test.
      if (error.statusCode === undefined) throw error;
      return { error: { status: error.statusCode, code: error.code } };
    }
  };
}

/** The method for a route: `seam.accessCodes.createMultiple`. */
export function method(seam, path) {
  const names = path
    .slice(1)
    .split("/")
    .map((name) => name.replace(/_(.)/g, (_, letter) => letter.toUpperCase()));
  const last = names.pop();
  const space = names.reduce((inner, name) => inner[name], seam);
  return space[last].bind(space);
}
