// Seam's JavaScript SDKs as clients of a table of calls.

/** Both wait for action attempts, and look often. */
const OPTIONS = {
  waitForActionAttempt: { timeout: 30_000, pollingInterval: 50 },
};

/** A client of this class for a table: with the API key, or with each one's own token. */
export function javascript(Official, world, credential) {
  const options = { endpoint: world.endpoint, ...OPTIONS };
  const session = (token) => Official.fromClientSessionToken(token, options);
  let clients;
  if (credential === "API key") {
    const backEnd = Official.fromApiKey(world.api_key, options);
    clients = { ada: backEnd, "walk-in": backEnd };
  } else {
    clients = {
      ada: session(world.token),
      "walk-in": session(world.walk_in_token),
    };
  }
  return async (by, path, params) => {
    try {
      return { result: await method(clients[by], path)(params) };
    } catch (error) {
      // What is not the server's refusal is a failure of the test.
      if (error.statusCode === undefined) throw error;
      return { error: { status: error.statusCode, code: error.code } };
    }
  };
}

/** The method for a route: `seam.accessCodes.createMultiple`. */
function method(seam, path) {
  const names = path
    .slice(1)
    .split("/")
    .map((name) => name.replace(/_(.)/g, (_, letter) => letter.toUpperCase()));
  const last = names.pop();
  const space = names.reduce((inner, name) => inner[name], seam);
  return space[last].bind(space);
}
