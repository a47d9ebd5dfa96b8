/** What the server itself refuses, before the sandbox hears of it. */
export interface Refusal {
  status: number;
  type: string;
  message: string;
}

const refusal = (status: number, type: string, message: string): Refusal => ({
  status,
  type,
  message,
});

export const NOT_YET = refusal(503, "starting", "The sandbox is starting");
export const BROKEN = refusal(
  500,
  "internal_server_error",
  "The sandbox crashed: what it says on standard error has the remedy",
);
export const NO_ROOM = refusal(
  503,
  "server_busy",
  "The sandbox holds as much for other requests as it may",
);
export const NO_TUNNEL = refusal(405, "method_not_allowed", "Not a proxy");

export function tooLarge(limit: number): Refusal {
  return refusal(
    413,
    "payload_too_large",
    `The body of this request is at most ${limit} bytes`,
  );
}

/** What is wrong with a request that Node's parser gave up on. */
export function unreadable(code: string | undefined): Refusal {
  switch (code) {
    case "HPE_HEADER_OVERFLOW":
      return refusal(431, "headers_too_large", "The headers are too large");
    case "HPE_CHUNK_EXTENSIONS_OVERFLOW":
      return refusal(413, "payload_too_large", "A chunk extension is too long");
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return refusal(408, "request_timeout", "The request came too slowly");
    default:
      return refusal(400, "bad_request", "This is not an HTTP request");
  }
}

/** The body of the refusal, in the form of the API's errors. */
export function bodyOf({ type, message }: Refusal): string {
  return JSON.stringify({ error: { type, message }, ok: false });
}

/** The whole answer, where there is a socket and nothing else. */
export function rawAnswer(refused: Refusal): string {
  const body = bodyOf(refused);
  return [
    `HTTP/1.1 ${refused.status} Refused`,
    "content-type: application/json",
    `content-length: ${Buffer.byteLength(body)}`,
    "connection: close",
    "",
    body,
  ].join("\r\n");
}
