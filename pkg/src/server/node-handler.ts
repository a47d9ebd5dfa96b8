import type { TokenHandler } from "./token-handler.js";

/** What is read of the request of Node, Express, Fastify's `raw` or Connect. */
export interface NodeRequest {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  /** Express: the URL before a router removed its own path. */
  readonly originalUrl?: string | undefined;
  readonly headers: Readonly<
    Record<string, string | readonly string[] | undefined>
  >;
}

/** What is called of the response of Node or Express. */
export interface NodeResponse {
  statusCode: number;
  setHeader(name: string, value: string): unknown;
  end(body: string): unknown;
}

/**
 * Converts a token handler to one of Node and Express, which gets the request as its context:
 * `userIdentity: (_, request) => request.session.userIdentityId`. The body is not read.
 *
 * What `userIdentity` throws goes to `next`; without one, the response is 500.
 */
export function toNodeHandler<Request extends NodeRequest = NodeRequest>(
  handler: TokenHandler<Request>,
): (
  request: Request,
  response: NodeResponse,
  next?: (error: unknown) => void,
) => Promise<void> {
  const handle = handler as TokenHandler;
  return async (incoming, outgoing, next) => {
    let response: Response;
    try {
      response = await handle(toRequest(incoming), incoming);
    } catch (error) {
      if (next !== undefined) return next(error);
      outgoing.statusCode = 500;
      outgoing.setHeader("cache-control", "no-store");
      outgoing.end("");
      return;
    }
    outgoing.statusCode = response.status;
    response.headers.forEach((value, name) => outgoing.setHeader(name, value));
    outgoing.end(await response.text());
  };
}

/** Returns the request without its body, which the handler does not need. */
function toRequest(incoming: NodeRequest): Request {
  const { method = "GET", url = "/", originalUrl = url } = incoming;
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers)) {
    // HTTP/2 has pseudo-headers such as `:path`.
    if (value === undefined || name.startsWith(":")) continue;
    for (const one of typeof value === "string" ? [value] : value)
      headers.append(name, one);
  }
  // A body that is announced and missing would be a contradiction.
  for (const name of ["content-length", "transfer-encoding"])
    headers.delete(name);
  const host = headers.get("host") ?? "localhost";
  // Only for its host: the scheme is not known behind a proxy.
  const at = new URL(originalUrl.replace(/^\/+/, "/"), `http://${host}`);
  return new Request(at, { method, headers });
}
