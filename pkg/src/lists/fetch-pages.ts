import type { ApiClient } from "../transport/api-client.js";
import type { SeamError } from "../core/errors.js";
import type { Route } from "../core/route.js";
import { ErrorClass } from "../core/error-factory.js";
import type { Timer } from "../core/time.js";
import type { Store } from "./store.js";

/** A limit for a server that returns new cursors for ever. */
const MAX_PAGES = 10_000;

/** The number of bytes that are read at once, and the longest task in milliseconds. */
const CHUNK_BYTES = 262_144;
const MAX_TASK_MS = 5;

/**
 * Fetches the whole list into the store, page by page. The bytes of the bodies are written into the
 * store directly. The list does not change before the caller commits it.
 *
 * @throws As the call; the store then has no list that could be committed.
 */
export async function fetchPages(
  store: Store,
  client: ApiClient,
  route: Route,
  json: string,
  signal: AbortSignal,
): Promise<void> {
  const responseKey = route.responseKey ?? "";
  const params = JSON.parse(json) as object;
  // The cursors of all pages so far; one that is not a string is empty, like the first page's.
  const seen = new Set([""]);
  let cursor: string | undefined;
  store.begin(responseKey);
  do {
    let tries = 0;
    let next: string | undefined;
    const read = async (response: Response): Promise<unknown> => {
      const nth = ++tries;
      // A late body must not get into the list of a later fetch.
      const check = (): void => {
        if (signal.aborted || nth !== tries) throw new Error("too late");
      };
      check();
      // The data of an earlier attempt is in the store: only the first page can start again.
      if (nth > 1) {
        if (cursor !== undefined) throw new Error("the list broke off");
        store.begin(responseKey);
      }
      try {
        for await (const piece of readChunks(response, new client.Timer())) {
          check();
          store.feed(piece);
        }
        check();
        next = store.endPage();
      } catch (error) {
        if ((error as SeamError).code !== "invalid_response") throw error;
        return "no list";
      }
      return { [responseKey]: [] };
    };
    const body =
      cursor === undefined
        ? json
        : JSON.stringify({ ...params, page_cursor: cursor });
    await client.call(route, body, { signal }, read);
    const wrong = seen.has(next as string)
      ? "gave no new page_cursor"
      : next && seen.size >= MAX_PAGES && `has over ${MAX_PAGES} pages`;
    if (wrong) {
      throw client.errorFactory.createError(
        ErrorClass.InvalidResponse,
        "invalid_response",
        "unknown",
        `${route.path} ${wrong}`,
      );
    }
    cursor = next;
    seen.add(cursor as string);
  } while (cursor !== undefined);
}

/** Yields the body in chunks, with pauses, so that the page never has a long task. */
async function* readChunks(
  response: Response,
  timer: Timer,
): AsyncGenerator<Uint8Array> {
  let since = performance.now();
  for await (const chunk of readBody(response)) {
    for (let at = 0; at < chunk.length; at += CHUNK_BYTES) {
      yield chunk.subarray(at, at + CHUNK_BYTES);
      if (performance.now() - since > MAX_TASK_MS) {
        // A mocked clock never fires a timer without a delay.
        await new Promise<void>((resolve) => timer.start(0, resolve));
        since = performance.now();
      }
    }
  }
}

async function* readBody(response: Response): AsyncGenerator<Uint8Array> {
  // A body of Node's own streams, as node-fetch returns it, has no reader.
  const reader = response.body?.getReader?.();
  if (reader === undefined) {
    yield new TextEncoder().encode(await response.text());
    return;
  }
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    // The rest of the body is not needed.
    reader.cancel().catch(() => {});
  }
}
