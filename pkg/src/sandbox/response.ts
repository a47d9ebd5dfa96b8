import { typeError } from "./errors.js";

/** A response of the sandbox, before it becomes a `Response`. */
export interface SandboxAnswer {
  status: number;
  headers: [string, string][];
  body: Uint8Array;
  /** How long to wait before the response, in milliseconds. */
  delay_ms: number;
  /** Where the response breaks off; `null` if it is complete. */
  cut: SandboxCut | null;
  /** Whether the request may have changed the state. */
  changed: boolean;
  /** The path, if it is a route of the API or of the sandbox. */
  route: string | null;
  /** A description of the caller with ids, for the log; never a credential. */
  caller: string;
}

/** How a response is broken off. */
export interface SandboxCut {
  /** The number of bytes of the body that are sent; `null` if nothing is sent. */
  after_bytes: number | null;
  /** With a TCP reset, where there is a connection. */
  reset: boolean;
}

/** Joins what the module returned of a response, as JSON text, and its body. */
export function toAnswer(
  wasm: { body(): Uint8Array },
  text: string,
): SandboxAnswer {
  const answer = JSON.parse(text) as SandboxAnswer;
  answer.body = wasm.body();
  return answer;
}

/**
 * Converts the response to a `Response`, delayed or cut off if a fault requires it.
 *
 * @throws {TypeError} The connection was dropped; with `code` and `outcome`.
 */
export async function toResponse(
  answer: SandboxAnswer,
  signal: AbortSignal,
): Promise<Response> {
  await delay(answer.delay_ms, signal);
  const { status, headers, body, cut } = answer;
  if (cut === null) {
    return new Response(body.length === 0 ? null : asResponseBody(body), {
      status,
      headers,
    });
  }
  const broken = (what: string): TypeError =>
    typeError(`the sandbox ${what}`, "network_error", "unknown");
  if (cut.after_bytes === null) throw broken("dropped the connection");
  const part = body.subarray(0, cut.after_bytes);
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (part.length > 0) controller.enqueue(part);
      controller.error(broken("cut the answer off"));
    },
  });
  return new Response(stream, { status, headers });
}

/** For the types only: the bytes are never in shared memory. */
function asResponseBody(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes as Uint8Array<ArrayBuffer>;
}

/** Waits `ms` milliseconds; rejects with the signal's reason. */
export function delay(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    if (ms <= 0) return resolve();
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", onAbort);
      resolve();
    }, ms);
    signal.addEventListener("abort", onAbort, { once: true });
  });
}
