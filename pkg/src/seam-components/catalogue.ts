/** Where Seam has its catalogue of devices, which it gives by GET alone. */
const CATALOGUE_PATH = "/internal/devicedb/";

/**
 * A `fetch` for the client of a page with `SupportedDeviceTable`, which shows
 * Seam's catalogue of devices. Our client sends POST, which every documented
 * route takes and the catalogue does not; this one asks for it by GET, and
 * passes on everything else as it is.
 *
 * `fetch` makes the requests; the global one, if none is given.
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

/** The parameters, JSON text or none, as the official SDK writes them in a query. */
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
