import type { IncomingMessage } from "node:http";

/**
 * How much of a body is read before its request is checked. More than almost every request to
 * Seam's API has, so that one call of the sandbox is enough for these.
 */
const UNCHECKED_BYTES = 16_384;
/** How much of a refused body is read on and dropped before the connection is closed. */
const MAX_DROPPED_BYTES = 67_108_864;

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

/** How a body is read. */
export interface BodyRules {
  /** The number of bytes that it may have. */
  limit: number;
  /**
   * Called once for a body of more than `UNCHECKED_BYTES`, before more of it is read: returns
   * whether the request is refused by its headers.
   */
  isRefused: () => boolean;
  /** Called once, when the body is read. */
  onRead: () => void;
  budget: ByteBudget;
}

/** Why a body was not read to its end. */
export type BodyRefusal = "refused" | "too large" | "no room";

/**
 * Reads the body. Its bytes stay reserved until the caller releases them. The rest of a body that is
 * not read to its end is left to `dropBody`.
 *
 * @throws The client has closed the connection.
 */
export async function readBody(
  request: IncomingMessage,
  { limit, isRefused, onRead, budget }: BodyRules,
): Promise<Uint8Array | BodyRefusal> {
  let isChecked = false;
  const refusal = (size: number): BodyRefusal | undefined => {
    if (!isChecked && size > UNCHECKED_BYTES) {
      isChecked = true;
      if (isRefused()) return "refused";
    }
    return size > limit ? "too large" : undefined;
  };
  const announced = refusal(Number(request.headers["content-length"] ?? 0));
  if (announced !== undefined) return announced;
  onRead();
  const chunks: Buffer[] = [];
  let size = 0;
  let held = 0;
  const refuse = (why: BodyRefusal): BodyRefusal => {
    budget.release(held);
    return why;
  };
  try {
    const bytes = request.iterator({ destroyOnReturn: false });
    for await (const chunk of bytes as AsyncIterable<Buffer>) {
      size += chunk.length;
      const why = refusal(size);
      if (why !== undefined) return refuse(why);
      if (!budget.reserve(chunk.length)) return refuse("no room");
      held += chunk.length;
      chunks.push(chunk);
    }
  } catch (gone) {
    budget.release(held);
    throw gone;
  }
  return Buffer.concat(chunks);
}

/**
 * Reads what a refused request still sends and drops it, so that the client receives the response
 * instead of a reset connection.
 */
export function dropBody(request: IncomingMessage): void {
  let dropped = 0;
  request.on("error", () => {});
  request.on("data", (chunk: Buffer) => {
    dropped += chunk.length;
    if (dropped > MAX_DROPPED_BYTES) request.destroy();
  });
}
