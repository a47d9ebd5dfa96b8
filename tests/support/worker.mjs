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
    const token = request.headers.get("authorization")?.split(" ")[1];
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
    const say = port1.postMessage.bind(port1);
    const close = () => say({ say: "bye" });
    /** Resolves when the worker has heard all that was said. */
    const heard = async () => {
      const id = -(copies += 1);
      say({ say: "refresh", id, list: 0 });
      while (!said.some((it) => it.id === id)) {
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    /** Keeps back what the page says until what it gives is called. */
    const hold = (change = (message) => message) => {
      const kept = [];
      port1.postMessage = (message) => void kept.push(message);
      return () => {
        port1.postMessage = say;
        for (const message of kept) say(change(message));
      };
    };
    return { ...it, said, say, close, heard, hold };
  };
  const asked = (path) => requests.filter((it) => it.path === path).length;
  return { sandbox, info: sandbox.info, requests, asked, page };
}
