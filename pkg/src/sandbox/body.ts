import type { IncomingMessage } from "node:http";

/** So many bytes beyond the limit nobody reads on, and the connection ends. */
const MAX_DRAINED_BYTES = 67_108_864;

/** Whether a body follows the request's head. */
export function hasBody({ headers }: IncomingMessage): boolean {
  const length = headers["content-length"];
  return (
    headers["transfer-encoding"] !== undefined ||
    (length !== undefined && length !== "0")
  );
}

/** How much may be held for all requests together. */
export interface ByteBudget {
  /** Takes so many bytes of it; whether they were there. */
  reserve(bytes: number): boolean;
  release(bytes: number): void;
}

/** Why a body was not taken. */
export type BodyRefusal = "too large" | "no room";

/**
 * The body, which holds its bytes of the room until the caller gives them
 * back. What is refused is read on for a while and dropped, so that the client
 * is there to hear of it.
 *
 * @throws The client went away.
 */
export async function readBody(
  request: IncomingMessage,
  limit: number,
  room: ByteBudget,
): Promise<Uint8Array | BodyRefusal> {
  let chunks: Buffer[] = [];
  let size = 0;
  let held = 0;
  let refused: BodyRefusal | undefined;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > limit + MAX_DRAINED_BYTES) break;
      if (refused === undefined && size > limit) refused = "too large";
      if (refused === undefined && !room.reserve(chunk.length))
        refused = "no room";
      if (refused !== undefined) {
        chunks = [];
        continue;
      }
      held += chunk.length;
      chunks.push(chunk);
    }
  } catch (gone) {
    room.release(held);
    throw gone;
  }
  if (refused === undefined) return Buffer.concat(chunks);
  room.release(held);
  return refused;
}
