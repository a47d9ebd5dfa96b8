import type { IncomingMessage, ServerResponse } from "node:http";

import {
  errorResponse,
  NO_HOST,
  type ServerError,
  UNKNOWN_EXPECTATION,
} from "./server-errors.js";

/** Returns the error for a request that Node would refuse without a body. */
export function unacceptable({
  headers,
  httpVersion,
}: IncomingMessage): ServerError | undefined {
  if (httpVersion === "1.1" && headers.host === undefined) return NO_HOST;
  return headers.expect === undefined || expectsContinue(headers)
    ? undefined
    : UNKNOWN_EXPECTATION;
}

/** Whether the client sends the body only after it was asked for it. */
export function expectsContinue({
  expect,
}: IncomingMessage["headers"]): boolean {
  return /^100-continue$/i.test(expect ?? "");
}

/** Refuses a request, also of a page of another origin. */
export function refuse(
  response: ServerResponse,
  refused: ServerError,
  { headers: { origin } }: IncomingMessage,
): void {
  if (response.headersSent) return void response.destroy();
  const cors = {
    vary: "Origin",
    "access-control-allow-credentials": "true",
    "access-control-allow-origin": origin,
  };
  const { headers, body } = errorResponse(refused);
  response
    .writeHead(refused.status, {
      ...(origin === undefined ? {} : cors),
      ...headers,
    })
    .end(body);
}

/** Refuses a request, and closes the connection. */
export function refuseAndClose(
  response: ServerResponse,
  refused: ServerError,
  request: IncomingMessage,
): void {
  if (!response.headersSent) response.setHeader("connection", "close");
  refuse(response, refused, request);
}
