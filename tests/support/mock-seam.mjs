// A mock Seam with several users, each with their own devices, that records its requests.

/** Returns a token of a user; user `a` has the devices `a-0`, `a-1`, and so on. */
export const tokenOf = (user, nth = 1) => `seam_cst1${user}${nth}_secret`;

/** Returns the user of a token. */
const userOf = (token) => /^seam_cst1([a-z]+)\d+_/.exec(token)?.[1];

const refusal = (status, type) =>
  Response.json({ error: { type, message: type }, ok: false }, { status });

/**
 * Returns a `fetch`, its requests, and ways to change its responses: `dead` has tokens that are
 * refused, and `answer` may return a response of its own, throw, or return nothing.
 */
export function mockSeam({ size = 2, pageSize = 2 } = {}) {
  const requests = [];
  const seam = { requests, dead: new Set(), answer: undefined };
  seam.fetch = async (request) => {
    const { pathname: path } = new URL(request.url);
    const token = request.headers.get("client-session-token") ?? "";
    const params = await request.clone().json();
    const sent = { path, token, user: userOf(token), params };
    requests.push(sent);
    const answer = await seam.answer?.(sent, request);
    if (answer !== undefined) return answer;
    if (seam.dead.has(token)) return refusal(401, "client_session_revoked");
    if (path === "/client_sessions/get") {
      const client_session = {
        client_session_id: token.split("_")[1],
        user_identity_id: `user-${sent.user}`,
        expires_at: "2099-01-01T00:00:00.000Z",
      };
      return Response.json({ client_session, ok: true });
    }
    if (path === "/devices/list") {
      const from = Number(params.page_cursor ?? 0);
      const to = Math.min(from + pageSize, size);
      const devices = [];
      for (let nth = from; nth < to; nth += 1) {
        devices.push({ device_id: `${sent.user}-${nth}` });
      }
      const has_next_page = to < size;
      const pagination = {
        has_next_page,
        next_page_cursor: has_next_page ? String(to) : null,
        next_page_url: null,
      };
      return Response.json({ devices, pagination, ok: true });
    }
    if (path === "/devices/get") {
      const { device_id } = params;
      return device_id.startsWith(`${sent.user}-`)
        ? Response.json({ device: { device_id }, ok: true })
        : refusal(404, "device_not_found");
    }
    if (path === "/locks/unlock_door") {
      const action_attempt = { action_attempt_id: "x", status: "success" };
      return Response.json({ action_attempt, ok: true });
    }
    return refusal(404, "not_found");
  };
  /** Returns the paths of the requests with a user's tokens. */
  seam.sentAs = (user) =>
    requests.filter((it) => it.user === user).map(({ path }) => path);
  /** Delays the responses for which `holds(request)` is true. Returns a function that releases them. */
  seam.hold = (holds) => {
    let release;
    const released = new Promise((resolve) => (release = resolve));
    seam.answer = async (sent) => {
      if (holds(sent)) await released;
      return undefined;
    };
    return () => {
      seam.answer = undefined;
      release();
    };
  };
  return seam;
}
