// What the measurements ask: Seam's routes with answers that are made already,
// so that next to nothing is done here, in a process of its own; and the page
// of the bench, of the same origin, so that no preflight comes between.
import { createServer } from "node:http";
import { once } from "node:events";
import { readFileSync } from "node:fs";

const PAGE = 500;

/** Serves `bodies`, two states of a list, and the scripts of the page. */
export async function serve(scripts, bodies) {
  const texts = bodies.map((path) => readFileSync(path));
  const pages = texts.map(inPages);
  const [{ device }] = pages[0];
  /** Which of the two states is asked for. */
  let turn = 0;
  const files = new Map([
    ["/", ["text/html", "<!doctype html><title>bench</title>"]],
    ...Object.entries(scripts).map(([name, path]) => [
      `/${name}.js`,
      ["text/javascript", readFileSync(path)],
    ]),
    ["/0", ["application/json", texts[0]]],
    ["/1", ["application/json", texts[1]]],
    ["/devices/get", ["application/json", device]],
    ["/client_sessions/get", ["application/json", SESSION]],
  ]);
  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url, "http://bench");
    let [type, content] = files.get(pathname) ?? ["text/plain", ""];
    const sent = [];
    for await (const chunk of request) sent.push(chunk);
    if (pathname === "/turn") turn = Number(searchParams.get("to"));
    if (pathname === "/devices/list") {
      const asked = sent.length > 0 ? JSON.parse(Buffer.concat(sent)) : {};
      const { limit, page_cursor } = {
        ...Object.fromEntries(searchParams),
        ...asked,
      };
      type = "application/json";
      content =
        Number(limit) > PAGE
          ? texts[turn]
          : pages[turn][Number(page_cursor ?? 0)].text;
    }
    response
      .writeHead(200, {
        "content-type": type,
        "content-length": Buffer.byteLength(content),
      })
      .end(content);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

const SESSION = JSON.stringify({
  client_session: { client_session_id: "bench", user_identity_id: "bench" },
  ok: true,
});

/** The list in pages of 500 that lead on, and its first device alone. */
function inPages(body) {
  const { devices } = JSON.parse(body);
  const count = Math.ceil(devices.length / PAGE);
  return Array.from({ length: count }, (_, nth) => {
    const more = nth + 1 < count;
    const page = {
      devices: devices.slice(nth * PAGE, (nth + 1) * PAGE),
      pagination: {
        has_next_page: more,
        next_page_cursor: more ? String(nth + 1) : null,
        next_page_url: null,
      },
      ok: true,
    };
    const device = JSON.stringify({ device: devices[0], ok: true });
    return { text: Buffer.from(JSON.stringify(page)), device };
  });
}
