/** An error of the server itself, before the sandbox gets the request. */
export interface ServerError {
  status: number;
  type: string;
  message: string;
}

const serverError = (
  status: number,
  type: string,
  message: string,
): ServerError => ({
  status,
  type,
  message,
});

export const STARTING = serverError(503, "starting", "The sandbox is starting");
export const CRASHED = serverError(
  500,
  "internal_server_error",
  "The sandbox crashed: what it says on standard error has the remedy",
);
export const BUSY = serverError(
  503,
  "server_busy",
  "The sandbox holds as much for other requests as it may",
);
export const NOT_A_PROXY = serverError(
  405,
  "method_not_allowed",
  "Not a proxy",
);

export function tooLarge(limit: number): ServerError {
  return serverError(
    413,
    "payload_too_large",
    `The body of this request is at most ${limit} bytes`,
  );
}

/** Returns the error for a request that Node's parser rejected. */
export function unreadable(code: string | undefined): ServerError {
  switch (code) {
    case "HPE_HEADER_OVERFLOW":
      return serverError(431, "headers_too_large", "The headers are too large");
    case "HPE_CHUNK_EXTENSIONS_OVERFLOW":
      return serverError(
        413,
        "payload_too_large",
        "A chunk extension is too long",
      );
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return serverError(408, "request_timeout", "The request came too slowly");
    default:
      return serverError(400, "bad_request", "This is not an HTTP request");
  }
}

/** Returns the body of the error, in the format of the API's errors. */
export function bodyOf({ type, message }: ServerError): string {
  return JSON.stringify({ error: { type, message }, ok: false });
}

/** Returns the whole response, where there is only a socket. */
export function rawAnswer(refused: ServerError): string {
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
