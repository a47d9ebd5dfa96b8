/** The path of Seam's device catalogue, which accepts only GET. */
const CATALOGUE_PATH = "/internal/devicedb/";

/**
 * Returns a `fetch` for the client of a page with `SupportedDeviceTable`, which shows Seam's device
 * catalogue. The client sends POST, which every documented route accepts but the catalogue does
 * not; this function requests the catalogue by GET and passes on everything else unchanged.
 *
 * `fetch` makes the requests; the global one by default.
 */
export function withCatalogue(
  fetch: (request: Request) => Promise<Response> = (request) =>
    globalThis.fetch(request),
): (request: Request) => Promise<Response> {
  return async (request) => {
    const url = new URL(request.url);
    if (!url.pathname.includes(CATALOGUE_PATH)) return fetch(request);
    url.search = query(await request.text());
    const headers = new Headers(request.headers);
    headers.delete("content-type");
    const { signal, credentials, redirect } = request;
    return fetch(new Request(url, { headers, signal, credentials, redirect }));
  };
}

/** Converts JSON parameters to a query string, as the official SDK does. */
function query(json: string): string {
  const search = new URLSearchParams();
  const params: Record<string, unknown> = json === "" ? {} : JSON.parse(json);
  for (const [name, value] of Object.entries(params)) {
    const values = Array.isArray(value) && value.length > 0 ? value : [value];
    for (const one of values) search.append(name, String(one));
  }
  search.sort();
  return search.toString();
}
