// Pages and their worker in Node: each page has a copy of the page's entry, and a
// channel to one worker's side.
import { Sandbox, entry } from "./installed.mjs";

const { serve } = await import(entry("seam-session/worker/thread"));
let copies = 0;

/**
 * A sandbox that answers what the worker's side asks by the global `fetch`, and
 * `page()`, which gives the entry as a new page has it.
 */
export async function worker(t, answer) {
  const sandbox = await Sandbox.create();
  const requests = [];
  t.mock.method(globalThis, "fetch", async (request) => {
    const path = new URL(request.url).pathname;
    const token = request.headers.get("authorization").split(" ")[1];
    const sent = { path, token, body: await request.clone().text(), request };
    requests.push(sent);
    return (await answer?.(sent, request, sandbox)) ?? sandbox.fetch(request);
  });
  const page = async () => {
    const { port1, port2 } = new MessageChannel();
    const said = [];
    port1.addEventListener("message", ({ data }) => said.push(data));
    t.after(() => port1.close());
    serve(port2);
    const it = await import(`${entry("seam-session/worker")}?${(copies += 1)}`);
    it.setWorker(() => port1);
    const close = () => port1.postMessage({ say: "bye" });
    return { ...it, said, close };
  };
  const asked = (path) => requests.filter((it) => it.path === path).length;
  return { sandbox, info: sandbox.info, requests, asked, page };
}
