// A site that serves the package's files to pages with seam-session/worker, with a sandbox behind
// the same address, and records its requests.
import { existsSync, readFileSync } from "node:fs";

import { Sandbox, folder } from "./installed.mjs";
import { serve } from "./server.mjs";

const PAGE =
  '<!doctype html><title>A page</title><link rel="icon" href="data:,">';

/**
 * Serves both for the running test. `answer(sent)` may return a response, or a promise of one, in
 * place of the sandbox's.
 */
export async function workerSite(t, { answer, pageHeaders = {} } = {}) {
  const sandbox = await Sandbox.create();
  const asked = [];
  const { endpoint } = await serve(t, async (request, response, body) => {
    const { method, headers } = request;
    const { pathname: path } = new URL(request.url, "http://localhost");
    if (path.startsWith("/app/") || path === "/") {
      const file = `${folder}dist/${path.slice("/app/".length)}`;
      const there = path !== "/" && existsSync(file);
      const type = path === "/" ? "text/html" : "text/javascript";
      response.writeHead(there || path === "/" ? 200 : 404, {
        "content-type": type,
        ...pageHeaders,
      });
      return void response.end(there ? readFileSync(file) : PAGE);
    }
    if (path === "/token") {
      return void response.end(sandbox.info.client_session_token);
    }
    const token = headers.authorization?.split(" ")[1];
    const sent = { path, token, body, referer: headers.referer };
    sent.ended = new Promise((resolve) => response.on("close", resolve));
    asked.push(sent);
    const given =
      (await answer?.(sent)) ??
      (await sandbox.fetch(
        new Request(`${sandbox.info.endpoint}${path}`, {
          method,
          headers: {
            authorization: headers.authorization,
            "content-type": headers["content-type"],
          },
          body,
        }),
      ));
    response.writeHead(given.status, { "content-type": "application/json" });
    response.end(Buffer.from(await given.arrayBuffer()));
  });
  const count = (path) => asked.filter((it) => it.path === path).length;
  return { endpoint, sandbox, info: sandbox.info, asked, count };
}
