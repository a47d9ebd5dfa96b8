import type { IncomingMessage } from "node:http";

/** The number of bytes beyond the limit after which the connection is closed. */
const MAX_DRAINED_BYTES = 67_108_864;

/** Whether the request has a body. */
export function hasBody({ headers }: IncomingMessage): boolean {
  const length = headers["content-length"];
  return (
    headers["transfer-encoding"] !== undefined ||
    (length !== undefined && length !== "0")
  );
}

/** A limit for the bytes that are held for all requests together. */
export interface ByteBudget {
  /** Reserves bytes; returns whether there were enough. */
  reserve(bytes: number): boolean;
  release(bytes: number): void;
}

/** Why a body was refused. */
export type BodyRefusal = "too large" | "no room";

/**
 * Reads the body. Its bytes stay reserved until the caller releases them. A body that is refused is
 * read on for a while and dropped, so that the client receives the response.
 *
 * @throws The client has closed the connection.
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
