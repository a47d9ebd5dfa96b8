/**
 * Returns why the request is refused as one of another origin's page, or `undefined`. Without this,
 * any page could have the user's browser call the handler with the user's cookies (CSRF).
 *
 * `Sec-Fetch-Site` is set by every current browser on https and localhost. Without it, the origin's
 * host must be the one that was called. A request without both headers is not from a page.
 */
export function checkOrigin(
  request: Request,
  allowed: readonly string[],
): string | undefined {
  const { headers } = request;
  const origin = headers.get("origin");
  if (origin !== null && allowed.includes(origin)) return undefined;
  const site = headers.get("sec-fetch-site");
  const isOwn =
    site === null
      ? origin === null || isCalledHost(request, hostOf(origin))
      : site === "same-origin" || site === "none";
  return isOwn
    ? undefined
    : `A page of ${origin ?? "another origin"} called: add it to allowedOrigins, or serve the handler from the page's origin`;
}

/** Returns the headers with which an allowed page of another origin may read the response. */
export function corsHeaders(
  request: Request,
  allowed: readonly string[],
): Record<string, string> {
  if (allowed.length === 0) return {};
  const origin = request.headers.get("origin");
  if (origin === null || !allowed.includes(origin)) return { vary: "Origin" };
  return {
    vary: "Origin",
    "access-control-allow-origin": origin,
    "access-control-allow-credentials": "true",
    "access-control-allow-headers":
      request.headers.get("access-control-request-headers") ?? "content-type",
    "access-control-allow-methods": "POST",
  };
}

/** Whether a browser may send this origin: with a scheme and a host, in lower case, and no more. */
export function isOrigin(value: unknown): boolean {
  return (
    typeof value === "string" &&
    /^[a-z][a-z\d+.-]*:\/\/[^/?#@\sA-Z]+$/.test(value)
  );
}

/**
 * Whether this host was called, which a proxy may have replaced by its own. A page cannot set these
 * headers without a preflight.
 */
function isCalledHost({ url, headers }: Request, host: string): boolean {
  const forwarded = headers.get("x-forwarded-host")?.split(/\s*,\s*/) ?? [];
  return (
    // An empty header is no host, and neither has the origin "null" one.
    host !== "" &&
    [hostOf(url), headers.get("host"), ...forwarded].includes(host)
  );
}

/** Returns the empty string if there is no host: a sandboxed frame has the origin "null". */
function hostOf(url: string): string {
  try {
    return new URL(url).host;
  } catch {
    return "";
  }
}
