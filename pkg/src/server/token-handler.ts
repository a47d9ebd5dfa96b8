import { safeCause, TOKENS } from "../core/redact.js";
import { checkOrigin, corsHeaders, isOrigin } from "./origin.js";

/** What the handler calls: a `Seam` of this package, or of the official SDK, with an API key. */
export interface TokenIssuer {
  readonly clientSessions: {
    getOrCreate(params: {
      user_identity_id: string;
      expires_at: string;
    }): PromiseLike<{ readonly token: string; readonly expires_at: string }>;
  };
}

/** A user identity or its id; `null` if nobody is signed in. */
export type SignedInUser =
  string | { readonly user_identity_id: string } | null | undefined;

/** The options of a token handler. */
export interface TokenHandlerOptions<Context = unknown> {
  /** The client with which the back end opens sessions. */
  seam: TokenIssuer;
  /**
   * Returns the user identity of the user who is signed in to your app, or `null`. `context` is the
   * second argument of the handler. What it throws is not caught.
   */
  userIdentity: (
    request: Request,
    context: Context,
  ) => SignedInUser | PromiseLike<SignedInUser>;
  /** How long a session lives from now on, in milliseconds. Default: one hour. */
  lifetime?: number | undefined;
  /**
   * The origins of pages on other hosts that may call the handler with the user's cookies, such as
   * `https://app.example.com`. Default: only pages of the handler's own origin.
   */
  allowedOrigins?: readonly string[] | undefined;
  /**
   * Called when Seam cannot be reached or has rejected the call. Default: writes the error's name
   * and message to the console. The error of another SDK may contain the API key.
   */
  onError?: ((error: unknown, request: Request) => void) | undefined;
  /** Returns the time from which the session's end is computed. Default: `Date.now`. */
  now?: (() => number | Date) | undefined;
}

/** Handles a request for a token. It never rejects, unless `userIdentity` or `onError` throws. */
export type TokenHandler<Context = unknown> = (
  request: Request,
  ...context: unknown extends Context ? [context?: unknown] : [context: Context]
) => Promise<Response>;

const HOUR = 3_600_000;
/** How long a caller should wait after a failure that may pass, in seconds. */
const RETRY_AFTER = "2";

/**
 * Creates the handler that gives a page the token of the user who is signed in: it gets the user's
 * client session, or opens one. `createTokenFunction` of `seam-session/token-function` calls it.
 *
 * It accepts POST. It responds with 200 and `{ token, expires_at }`, 403 if nobody is signed in,
 * 400 to a page of another origin, 503 if Seam cannot be reached now, and 500 if Seam rejected the
 * call. No response may be cached.
 *
 * @throws {TypeError} An option is missing or invalid.
 */
export function createTokenHandler<Context = unknown>(
  options: TokenHandlerOptions<Context>,
): TokenHandler<Context> {
  const {
    seam,
    userIdentity,
    lifetime = HOUR,
    allowedOrigins = [],
    onError = logError,
    now = Date.now,
  } = Object(options) as TokenHandlerOptions<Context>;
  if (typeof seam?.clientSessions?.getOrCreate !== "function")
    throw new TypeError("seam must be a client with clientSessions");
  if (typeof userIdentity !== "function")
    throw new TypeError("userIdentity must be a function");
  if (!(lifetime > 0 && Number.isFinite(lifetime)))
    throw new TypeError("lifetime must be a number of milliseconds");
  // Of a string, `includes` would accept each part.
  if (!Array.isArray(allowedOrigins) || !allowedOrigins.every(isOrigin)) {
    throw new TypeError(
      'allowedOrigins must be an array of origins such as "https://app.example.com"',
    );
  }

  /** The calls in flight, by user: concurrent requests of one user open one session. */
  const calls = new Map<string, Promise<string>>();
  const sharedCall = (user_identity_id: string): Promise<string> => {
    const running = calls.get(user_identity_id);
    if (running !== undefined) return running;
    const call = tokenOf(user_identity_id).finally(() =>
      calls.delete(user_identity_id),
    );
    calls.set(user_identity_id, call);
    return call;
  };
  const tokenOf = async (user_identity_id: string): Promise<string> => {
    const { token, expires_at } = await seam.clientSessions.getOrCreate({
      user_identity_id,
      expires_at: new Date(Number(now()) + lifetime).toISOString(),
    });
    if (typeof token !== "string")
      throw new TypeError("clientSessions.getOrCreate returned no token");
    return JSON.stringify({ token, expires_at });
  };

  return async (request, ...[context]) => {
    const cors = corsHeaders(request, allowedOrigins);
    if (request.method === "OPTIONS" && cors["access-control-allow-origin"]) {
      return new Response(null, { status: 204, headers: cors });
    }
    if (request.method !== "POST") {
      const headers = { ...cors, allow: "POST" };
      return refusal(405, "method_not_allowed", "Use POST", headers);
    }
    const wrong = checkOrigin(request, allowedOrigins);
    if (wrong !== undefined) return refusal(400, "cross_origin", wrong, cors);
    const id = idOf(await userIdentity(request, context as Context));
    if (id === null)
      return refusal(403, "signed_out", "Nobody is signed in", cors);
    try {
      return respond(200, await sharedCall(id), cors);
    } catch (error) {
      onError(error, request);
      return mayPass(error)
        ? refusal(503, "unavailable", "Seam cannot be reached now", {
            ...cors,
            "retry-after": RETRY_AFTER,
          })
        : refusal(500, "rejected", "Seam rejected the call", cors);
    }
  };
}

/** @throws {TypeError} It is neither a user identity nor `null`. */
function idOf(user: SignedInUser): string | null {
  if (user === null || user === undefined) return null;
  const id = typeof user === "string" ? user : user.user_identity_id;
  if (typeof id !== "string" || id === "") {
    throw new TypeError(
      "userIdentity must return a user identity, its id, or null",
    );
  }
  return id;
}

/** Whether the same call may succeed a moment later. */
function mayPass(error: unknown): boolean {
  const { statusCode } = Object(error) as { statusCode?: unknown };
  return (
    typeof statusCode !== "number" ||
    statusCode === 408 ||
    statusCode === 429 ||
    statusCode >= 500
  );
}

/** Never the error itself: that of the official SDK contains the request, with the API key. */
function logError(error: unknown): void {
  const { name, message } = safeCause(error, TOKENS) ?? new Error();
  const { statusCode } = Object(error) as { statusCode?: unknown };
  const status = typeof statusCode === "number" ? ` (${statusCode})` : "";
  console.error(
    `seam-session: no client session was opened: ${name}${status}: ${message}`,
  );
}

function refusal(
  status: number,
  type: string,
  message: string,
  headers: Record<string, string>,
): Response {
  return respond(status, JSON.stringify({ error: { type, message } }), headers);
}

function respond(
  status: number,
  body: string,
  headers: Record<string, string>,
): Response {
  return new Response(body, {
    status,
    headers: {
      ...headers,
      "cache-control": "no-store",
      "content-type": "application/json",
    },
  });
}
