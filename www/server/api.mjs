// The demo's own API. What comes in is checked before the back end sees it.

/** An answer that is no success; it tells the caller no more than this. */
export class Refusal extends Error {
  constructor(status, code, message, allow) {
    super(message);
    Object.assign(this, { status, code, allow });
  }
}

const MAX_BODY = 4_096;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const ROUTES = {
  "/api/workspace": {
    GET: (_, { backEnd }) => backEnd.workspace(),
  },
  "/api/session": {
    // No GET, which any page could have the browser send.
    async POST(request, { backEnd }) {
      const { user } = await bodyOf(request);
      return backEnd.session(userOf(backEnd, user));
    },
  },
  "/api/grants": {
    async PUT(request, { backEnd }) {
      const { user, device_id, granted } = await bodyOf(request);
      userOf(backEnd, user);
      if (typeof device_id !== "string" || !UUID.test(device_id))
        throw invalid("device_id is the id of a device");
      if (typeof granted !== "boolean")
        throw invalid("granted is true or false");
      await backEnd.grant(user, device_id, granted);
      return { user, device_id, granted };
    },
  },
  "/api/manager/session": {
    POST: (_, { property }) => property.session(),
  },
  "/api/manager/stir": {
    POST: (_, { property }) => property.stir(),
  },
};

/** The answer to a request of the API, as a value. */
export async function answerApi(request, context) {
  const methods = ROUTES[context.pathname];
  if (methods === undefined)
    throw new Refusal(404, "not_found", "there is no such route");
  const { method } = request;
  if (!Object.hasOwn(methods, method)) {
    const allow = Object.keys(methods).join(", ");
    throw new Refusal(405, "method_not_allowed", `only ${allow}`, allow);
  }
  // A page of another site may send a request here, though it cannot read the answer.
  const { origin } = request.headers;
  if (origin !== undefined ? origin !== context.address : method !== "GET")
    throw new Refusal(403, "wrong_origin", "this is for the demo's page alone");
  try {
    return await methods[method](request, context);
  } catch (error) {
    throw error instanceof Refusal ? error : fromSeam(error, context);
  }
}

/** Seam's refusals are passed on; that it cannot be reached is our failing. */
function fromSeam(error, { sandbox }) {
  if (!sandbox.alive())
    return new Refusal(502, "sandbox_gone", "the sandbox has ended");
  if (error?.code === undefined) return error;
  const status =
    error.statusCode >= 400 && error.statusCode < 500 ? error.statusCode : 502;
  return new Refusal(status, error.code, error.message);
}

function userOf(backEnd, user) {
  if (typeof user !== "string" || !backEnd.knows(user))
    throw new Refusal(404, "user_not_found", "there is no such user");
  return user;
}

async function bodyOf(request) {
  const type = request.headers["content-type"] ?? "";
  if (!/^application\/json\s*(;|$)/i.test(type))
    throw new Refusal(415, "not_json", "send application/json");
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > MAX_BODY)
      throw new Refusal(413, "too_large", "the body is too large");
    chunks.push(chunk);
  }
  let value;
  try {
    value = JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch {
    throw invalid("the body is not JSON");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw invalid("the body is no JSON object");
  return value;
}

function invalid(message) {
  return new Refusal(400, "invalid_input", message);
}
