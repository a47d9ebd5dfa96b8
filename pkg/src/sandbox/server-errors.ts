import { randomUUID } from "node:crypto";

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
export const NO_HOST = serverError(
  400,
  "bad_request",
  "A request of HTTP/1.1 needs the header Host",
);
export const UNKNOWN_EXPECTATION = serverError(
  417,
  "expectation_failed",
  "The header Expect may only be 100-continue",
);

export function tooManyConnections(limit: number): ServerError {
  return serverError(
    503,
    "too_many_connections",
    `The sandbox takes at most ${limit} connections`,
  );
}

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

/** The body of a response and the headers that describe it. */
export interface ErrorResponse {
  headers: Record<string, string>;
  body: string;
}

/** Returns an error in the format of the API's errors, with a request id of its own. */
export function errorResponse({ type, message }: ServerError): ErrorResponse {
  const requestId = randomUUID();
  const error = { type, message, request_id: requestId };
  const body = JSON.stringify({ error, ok: false });
  return {
    headers: {
      "content-type": "application/json",
      "content-length": String(Buffer.byteLength(body)),
      "seam-request-id": requestId,
    },
    body,
  };
}

/** Returns the whole response, where there is only a socket. */
export function rawResponse(refused: ServerError): string {
  const { headers, body } = errorResponse(refused);
  return [
    `HTTP/1.1 ${refused.status} Refused`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    "connection: close",
    "",
    body,
  ].join("\r\n");
}
