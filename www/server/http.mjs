// Serves the page and the demo's own API, on an origin of its own.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";

import { answerApi, Refusal } from "./api.mjs";
import { UserError } from "./user-error.mjs";

const TYPES = {
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  svg: "image/svg+xml",
};

/**
 * All there is to serve, by its path: nothing in a request ever becomes one of
 * the file system.
 */
function filesOf(folder) {
  const files = new Map();
  for (const name of readdirSync(folder, { recursive: true })) {
    if (statSync(`${folder}/${name}`).isDirectory()) continue;
    const path = `/${name.replaceAll("\\", "/")}`
      .replace(/\/index\.html$/, "/")
      .replace(/\.html$/, "");
    const type = TYPES[name.split(".").at(-1)];
    files.set(path, { type, body: readFileSync(`${folder}/${name}`) });
  }
  return files;
}

/**
 * Listens at `http://localhost:port`; port 0 takes a free one. Until `open` has
 * told it of the back ends and the sandbox, it answers 503. At `/` is the page
 * that `home` names.
 */
export async function servePage(port, folder, home = "/") {
  const files = filesOf(folder);
  files.set("/", files.get(home));
  let backEnds;
  let sandbox;
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  await listen(server, port);
  // As browsers write an origin: without the port where that is 80.
  const address = new URL(`http://localhost:${server.address().port}`).origin;

  async function answer(request, response) {
    const { host } = request.headers;
    const send = (status, type, body, more = {}) => {
      response
        .writeHead(status, {
          ...headers(sandbox?.info.endpoint),
          ...more,
          "content-type": type,
          "content-length": Buffer.byteLength(body),
        })
        .end(request.method === "HEAD" ? undefined : body);
    };
    const json = (status, value, more) =>
      send(status, "application/json", JSON.stringify(value), more);
    try {
      // A name of another site that leads here is not us: no tokens for it.
      if (parse(`http://${host}`)?.href !== `${address}/`)
        throw new Refusal(421, "wrong_host", `this is ${address}`);
      const url = parse(request.url, address);
      if (url === undefined)
        throw new Refusal(400, "invalid_target", "this is no address");
      const { pathname } = url;
      if (sandbox === undefined)
        throw new Refusal(503, "starting", "the demo is still starting");
      if (pathname.startsWith("/api/")) {
        const context = { address, ...backEnds, sandbox, pathname };
        return json(200, await answerApi(request, context));
      }
      const file = files.get(pathname);
      if (file === undefined)
        throw new Refusal(404, "not_found", "there is no such page");
      if (request.method !== "GET" && request.method !== "HEAD")
        throw new Refusal(405, "method_not_allowed", "only GET", "GET, HEAD");
      send(200, file.type, file.body);
    } catch (error) {
      if (!(error instanceof Refusal)) console.error(error);
      const { status, code, message, allow } =
        error instanceof Refusal
          ? error
          : new Refusal(500, "internal", "something broke; see the terminal");
      json(status, { error: { code, message } }, allow && { allow });
    }
  }

  return {
    address,
    open(theBackEnds, theSandbox) {
      backEnds = theBackEnds;
      sandbox = theSandbox;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  };
}

function parse(text, base) {
  return URL.canParse(text, base) ? new URL(text, base) : undefined;
}

/** The page may run our script and wasm, and talk to us and the sandbox: no more. */
function headers(endpoint = "") {
  return {
    "content-security-policy": [
      "default-src 'none'",
      "script-src 'self' 'wasm-unsafe-eval'",
      "style-src 'self'",
      "img-src 'self' data:",
      `connect-src 'self' ${endpoint}`.trim(),
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ].join("; "),
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
  };
}

function listen(server, port) {
  return new Promise((resolve, reject) => {
    server.once("error", (error) => {
      const mend =
        error.code === "EADDRINUSE"
          ? `Port ${port} is in use: give another with --port, or --port 0 for a free one.`
          : error.code === "EACCES"
            ? `Port ${port} needs more rights: give one above 1023 with --port.`
            : undefined;
      reject(mend === undefined ? error : new UserError(mend));
    });
    server.listen(port, "127.0.0.1", resolve);
  });
}
