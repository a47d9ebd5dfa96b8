import { SeamHttpInvalidResponseError } from "../core/errors.js";
import { invalidOptions } from "../core/error-factory.js";
import type { SeamHttpRequest } from "./request.js";

declare const brand: unique symbol;

/** The start of a page. It can be stored and used later with the same parameters. */
export type SeamPageCursor = string & { [brand]: "SeamPageCursor" };

/** What a response says about further pages. */
export interface Pagination {
  readonly hasNextPage: boolean;
  readonly nextPageCursor: SeamPageCursor | null;
  readonly nextPageUrl: string | null;
}

interface Page {
  pagination?: {
    has_next_page?: boolean;
    next_page_cursor?: SeamPageCursor | null;
    next_page_url?: string | null;
  };
}

/** A limit for a server that returns new cursors for ever. */
const MAX_PAGES = 10_000;

/** Iterates over the pages of a list. */
export class SeamPaginator<T> implements AsyncIterable<T[]> {
  readonly #request: SeamHttpRequest<readonly T[], unknown, true>;
  /** The user of the pages that were requested one by one. */
  #userGeneration: number | undefined;

  /** @internal */
  constructor(request: SeamHttpRequest<readonly T[], unknown, true>) {
    if (!request?.hasPagination) {
      throw invalidOptions(
        `${request?.pathname} is not paginated: await the request`,
        "no_pagination",
      );
    }
    this.#request = request.markUsed();
  }

  /** @internal See {@link SeamHttpRequest}. */
  get __v_skip(): true {
    return true;
  }

  /** Fetches the first page. */
  async firstPage(): Promise<[T[], Pagination]> {
    this.#userGeneration = await this.#request.userGeneration();
    return this.#page();
  }

  /**
   * Fetches the page that starts at `cursor`, which may come from an earlier run.
   *
   * @throws {SeamOutOfScopeError} The token of another user has been set since the previous page.
   */
  async nextPage(cursor: SeamPageCursor | null): Promise<[T[], Pagination]> {
    if (cursor == null) {
      throw invalidOptions("there is no next page: its cursor is null");
    }
    return this.#page(cursor);
  }

  /** Returns the items of all pages in one array. */
  async flattenToArray(): Promise<T[]> {
    const items: T[] = [];
    for await (const page of this) for (const item of page) items.push(item);
    return items;
  }

  /** Iterates over the items of all pages; each page is fetched when it is needed. */
  async *flatten(): AsyncGenerator<T, void, undefined> {
    for await (const page of this) yield* page;
  }

  /**
   * Iterates over the pages. Ends when a cursor repeats, which would otherwise go on for ever.
   *
   * @throws {SeamHttpInvalidResponseError} A response is not a page, or there are more than 10,000.
   * @throws {SeamOutOfScopeError} The token of another user has been set since the first page.
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<T[], void, undefined> {
    const user = await this.#request.userGeneration();
    const seen = new Set<string>();
    let cursor: SeamPageCursor | null | undefined;
    do {
      if (cursor != null) seen.add(cursor);
      const [items, pagination] = await this.#page(cursor ?? undefined, user);
      yield items;
      cursor = pagination.hasNextPage ? pagination.nextPageCursor : null;
      if (seen.size >= MAX_PAGES) throw invalidPage(this.#request.pathname);
    } while (cursor != null && !seen.has(cursor));
  }

  async #page(
    cursor?: SeamPageCursor,
    user?: number,
  ): Promise<[T[], Pagination]> {
    user ??= this.#userGeneration ??= await this.#request.userGeneration();
    const request = this.#request.withPageCursor(cursor, user);
    const body = (await request.fetchResponse()) as Page &
      Record<string, unknown>;
    const { pagination } = body;
    const items = body[request.responseKey ?? ""];
    if (
      !Array.isArray(items) ||
      typeof pagination !== "object" ||
      !pagination ||
      // An object would never equal an earlier cursor.
      typeof (pagination.next_page_cursor ?? "") !== "string"
    ) {
      throw invalidPage(request.pathname);
    }
    return [
      items as T[],
      {
        hasNextPage: pagination.has_next_page ?? false,
        nextPageCursor: pagination.next_page_cursor ?? null,
        nextPageUrl: pagination.next_page_url ?? null,
      },
    ];
  }
}

function invalidPage(pathname: string): SeamHttpInvalidResponseError {
  return new SeamHttpInvalidResponseError({
    code: "invalid_response",
    outcome: "unknown",
    message: `the response to ${pathname} is not a page of a list that ends`,
  });
}
