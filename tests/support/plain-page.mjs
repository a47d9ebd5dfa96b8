// A server of an empty page, in which a test runs its scripts.
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";

/**
 * Serves a page that runs `script` first, the scripts in `folder`, and those of `more` by their
 * paths; all are file URLs. `policy` is the page's Content-Security-Policy.
 */
export async function servePage(
  folder,
  { script = "", more = {}, policy } = {},
) {
  const server = createServer(({ url }, response) => {
    const isScript = url.endsWith(".js");
    const body = isScript
      ? readFileSync(more[url] ?? new URL(`.${url}`, folder))
      : `<!doctype html><title>test</title><script>${script}</script>`;
    const type = isScript ? "text/javascript" : "text/html";
    if (policy) response.setHeader("content-security-policy", policy);
    response.writeHead(200, { "content-type": type }).end(body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${server.address().port}/`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
