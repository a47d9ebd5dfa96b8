// The page may put the one below in its place.
const given = globalThis.fetch.bind(globalThis);

/**
 * A `fetch` that gives the devices of an answer a picture of our own. The
 * sandbox's have none, and for those the components ask Seam's server for one:
 * this page asks nobody but the sandbox.
 */
export async function withPictures(
  input: RequestInfo | URL,
  init?: RequestInit,
): Promise<Response> {
  const { pathname } = new URL(
    input instanceof Request ? input.url : input,
    location.href,
  );
  const response = await given(input, init);
  if (!pathname.startsWith("/devices/") || !response.ok) return response;
  const body = await response.json();
  const image_url = new URL("/icon.svg", location.href).href;
  for (const device of body.devices ?? [body.device]) {
    if (device?.properties) device.properties.image_url ??= image_url;
  }
  return Response.json(body, response);
}
