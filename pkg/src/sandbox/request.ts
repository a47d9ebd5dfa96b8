import { invalidArgument } from "./errors.js";

/** Values of other types must not enter the module, where they would look like a trap. */
export function checkRequest(
  method: unknown,
  target: unknown,
  headers: unknown,
  body: unknown,
): void {
  if (typeof method !== "string" || typeof target !== "string")
    throw invalidArgument("method and target must be strings");
  if (
    !Array.isArray(headers) ||
    headers.length % 2 !== 0 ||
    !headers.every((it) => typeof it === "string")
  ) {
    throw invalidArgument("headers must be an array of names and values");
  }
  if (Object.prototype.toString.call(body) !== "[object Uint8Array]")
    throw invalidArgument("body must be a Uint8Array");
}

/** Creates the request from the arguments of `fetch`. */
export function toRequest(
  input: string | URL | Request,
  init: RequestInit | undefined,
): Request {
  try {
    return new Request(input, init);
  } catch (cause) {
    throw invalidArgument(`this is not a request: ${String(cause)}`, cause);
  }
}

export async function readBody(request: Request): Promise<Uint8Array> {
  const { signal } = request;
  // A request's signal does not end the reading of its body.
  const aborted = new Promise<never>((_, reject) =>
    signal.addEventListener("abort", () => reject(signal.reason), {
      once: true,
    }),
  );
  try {
    const body = await Promise.race([request.arrayBuffer(), aborted]);
    return new Uint8Array(body);
  } catch (cause) {
    signal.throwIfAborted();
    throw invalidArgument(
      `the request's body cannot be read: ${String(cause)}`,
      cause,
    );
  }
}
