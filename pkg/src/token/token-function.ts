/** The options of a token function. */
export interface TokenFunctionOptions {
  /** Headers for each request, such as an app's own login; a function is called before each. */
  headers?:
    HeadersInit | (() => HeadersInit | PromiseLike<HeadersInit>) | undefined;
  /** Whether cookies are sent to a back end of another origin. Default: `same-origin`. */
  credentials?: RequestCredentials | undefined;
  /** Used instead of the global `fetch`. */
  fetch?: ((url: string, init: RequestInit) => Promise<Response>) | undefined;
  /** The timeout of one attempt, in milliseconds. Default: 8,000. */
  timeout?: number | undefined;
}

/** The pauses before the second and the third attempt, in milliseconds. */
const PAUSES = [300, 1_500];
/** The longest `Retry-After` that is waited for, in seconds. */
const LONGEST_WAIT = 5;

/** Why there is no token. */
class TokenRequestError extends Error {
  /**
   * How long to wait at least before the same request is sent again, in milliseconds; `undefined` if
   * it would fail again.
   */
  readonly retryAfterMs: number | undefined;

  constructor(message: string, retryAfterMs?: number, options?: ErrorOptions) {
    super(message, options);
    this.retryAfterMs = retryAfterMs;
  }
}

/**
 * Creates the token function of a page: it gets the token of the user who is signed in from the
 * back end, whose handler is `createTokenHandler` of `seam-session/server`. It sends a POST.
 *
 * - 200 with `{ "token": "…" }` is the token.
 * - 403 and 401 mean signed out, and so does `{ "token": null }`: lists stop, and it is not called
 *   again.
 * - 5xx, 408, 429 and network errors are retried twice.
 * - Anything else, such as a page in HTML, is an error whose message says what came back.
 */
export function createTokenFunction(
  url: string | URL,
  options: TokenFunctionOptions = {},
): () => Promise<string | null> {
  const target = String(url);
  return async () => {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await askOnce(target, options);
      } catch (error) {
        const pause = PAUSES[attempt];
        const { retryAfterMs } = Object(error) as Partial<TokenRequestError>;
        if (pause === undefined || retryAfterMs === undefined) throw error;
        await sleep(Math.max(pause, retryAfterMs));
      }
    }
  };
}

async function askOnce(
  url: string,
  { headers, credentials, fetch, timeout = 8_000 }: TokenFunctionOptions,
): Promise<string | null> {
  const sent = new Headers(
    typeof headers === "function" ? await headers() : headers,
  );
  sent.set("accept", "application/json");
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), timeout);
  try {
    const response = await (fetch ?? globalThis.fetch)(url, {
      method: "POST",
      headers: sent,
      credentials: credentials ?? "same-origin",
      cache: "no-store",
      // A redirect, usually to a page for signing in, would end in HTML.
      redirect: "manual",
      signal: controller.signal,
    });
    return await tokenOf(url, response);
  } catch (cause) {
    if (cause instanceof TokenRequestError) throw cause;
    const what = controller.signal.aborted
      ? `did not respond within ${timeout} ms`
      : `cannot be reached (${String(cause)})`;
    throw new TokenRequestError(`POST ${url} ${what}`, 0, { cause });
  } finally {
    clearTimeout(timer);
  }
}

async function tokenOf(
  url: string,
  response: Response,
): Promise<string | null> {
  const { status } = response;
  if (status === 0 || (status >= 300 && status < 400)) {
    throw new TokenRequestError(
      `POST ${url} was redirected: the back end must respond itself, with 403 if nobody is signed in`,
    );
  }
  const type = response.headers.get("content-type") ?? "";
  const isPage = type.includes("html");
  // A page in HTML is a firewall's or a proxy's, which says nothing of the user.
  if ((status === 403 || status === 401) && !isPage) return null;
  const text = await response.text();
  const message = `POST ${url} responded with ${status}${messageIn(text)}`;
  if (status >= 500 || status === 429 || status === 408) {
    const seconds = Number(response.headers.get("retry-after")) || 0;
    const wait = Math.min(Math.max(seconds, 0), LONGEST_WAIT);
    throw new TokenRequestError(message, wait * 1_000);
  }
  if (isPage) {
    throw new TokenRequestError(
      `${message} and a page in HTML: is the path right, and does the development server pass it on to the back end?`,
    );
  }
  if (!response.ok) throw new TokenRequestError(message);
  const { token } = parsed(text) as { token?: unknown };
  if (typeof token === "string" || token === null) return token;
  throw new TokenRequestError(`${message}, but not with { "token": "…" }`);
}

/** Returns the message of a refusal of `createTokenHandler`. */
function messageIn(text: string): string {
  const { error } = parsed(text) as { error?: unknown };
  const { message } = Object(error) as { message?: unknown };
  return typeof message === "string" ? `: ${message}` : "";
}

function parsed(text: string): object {
  try {
    return Object(JSON.parse(text)) as object;
  } catch {
    return {};
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
