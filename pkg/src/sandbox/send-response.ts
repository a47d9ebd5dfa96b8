import { isAscii } from "node:buffer";
import type { ServerResponse } from "node:http";

import { delay, type SandboxAnswer, type SandboxCut } from "./response.js";

/**
 * How long a client may read nothing of its response before it is cut off, in milliseconds. Node
 * notices at the end of the first period in which nothing was read, so this is half of that.
 */
const STALL_CHECK_MS = 7_500;

/** Sends the response, delayed or cut off if a fault requires it. */
export async function sendResponse(
  answer: SandboxAnswer,
  response: ServerResponse,
): Promise<void> {
  const { status, headers, body, delay_ms, cut } = answer;
  if (delay_ms > 0) await delay(delay_ms, closedSignal(response));
  if (cut?.after_bytes === null) return hangUp(response, cut);
  // A 204 has no content, and so no length of it.
  const flat = status === 204 ? [] : ["content-length", String(body.length)];
  for (const [name, value] of headers) flat.push(name, value);
  response.writeHead(status, flat);
  if (cut === null) {
    // As a string it is sent in one piece with its head.
    if (isAscii(body))
      response.end(asBuffer(body).toString("latin1"), "latin1");
    else response.end(body);
    if (response.writableLength > 0) response.setTimeout(STALL_CHECK_MS);
    return;
  }
  const part = body.subarray(0, cut.after_bytes);
  // An empty write would leave the head unsent.
  if (part.length === 0) response.flushHeaders();
  response.write(part, () => hangUp(response, cut));
}

function asBuffer({ buffer, byteOffset, length }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, length);
}

function hangUp({ socket }: ServerResponse, { reset }: SandboxCut): void {
  if (reset) socket?.resetAndDestroy();
  else socket?.destroy();
}

/** Returns a signal that aborts when the client closes the connection. */
function closedSignal(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  if (response.destroyed) controller.abort();
  response.once("close", () => controller.abort());
  return controller.signal;
}
