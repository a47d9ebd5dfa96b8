import type { ApiClient } from "../transport/api-client.js";
import type { SeamError } from "../core/errors.js";
import type { Route } from "../core/route.js";
import { ErrorClass } from "../core/error-factory.js";
import type { Timer } from "../core/time.js";
import type { Store } from "./store.js";

/** The most pages of one list: a server may hand out cursors for ever. */
const MAX_PAGES = 10_000;

/** So many bytes are read at once, and so many milliseconds before others have their turn. */
const CHUNK_BYTES = 262_144;
const MAX_TASK_MS = 5;

/**
 * Takes the whole list into the store, page by page; nothing of it counts before
 * the last page is there. The bodies go straight into the store.
 *
 * @throws As the call; the store has no list under way then that could be committed.
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
  // The cursors of all pages so far; one that is no string is empty, as the first page's.
  const seen = new Set([""]);
  let cursor: string | undefined;
  store.begin(responseKey);
  do {
    let tries = 0;
    let next: string | undefined;
    const read = async (response: Response): Promise<unknown> => {
      const nth = ++tries;
      // What comes after its time must not get into the list that came after it.
      const check = (): void => {
        if (signal.aborted || nth !== tries) throw new Error("too late");
      };
      check();
      // What came of an earlier try is in the store: only the first page can begin anew.
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

/** The body in pieces, with pauses, so that the page never waits long for them. */
async function* readChunks(
  response: Response,
  timer: Timer,
): AsyncGenerator<Uint8Array> {
  let since = performance.now();
  for await (const chunk of readBody(response)) {
    for (let at = 0; at < chunk.length; at += CHUNK_BYTES) {
      yield chunk.subarray(at, at + CHUNK_BYTES);
      if (performance.now() - since > MAX_TASK_MS) {
        // A test's mocked clock never ends a timer that names no time.
        await new Promise<void>((resolve) => timer.start(0, resolve));
        since = performance.now();
      }
    }
  }
}

async function* readBody(response: Response): AsyncGenerator<Uint8Array> {
  // A body of Node's own streams, as node-fetch gives it, has no reader.
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
    // Who stopped reading wants no more of it.
    reader.cancel().catch(() => {});
  }
}
