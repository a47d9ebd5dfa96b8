// Workers for pages in Node: one that works, and ones that answer as a test says.
import { entry } from "./installed.mjs";

const { serve } = await import(entry("seam-session/worker/thread"));
let pages = 0;

/** Returns the entry as a new page has it. `make(name)` makes its workers, as `setWorker` takes it. */
export async function newPage(t, make) {
  const copy = await import(
    `${entry("seam-session/worker")}?page-${(pages += 1)}`
  );
  if (make) copy.setWorker(make);
  return copy;
}

/**
 * Returns a port to a worker that answers each message with what `answer` returns for it, if
 * anything. `heard` has the messages.
 */
export function fakeWorker(t, answer) {
  const { port1, port2 } = new MessageChannel();
  const heard = [];
  port2.addEventListener("message", ({ data }) => {
    heard.push(data);
    const message = answer(data);
    if (message) port2.postMessage(message);
  });
  port2.start();
  t.after(() => port2.close());
  return Object.assign(port1, { heard });
}

/** Returns a port to a worker that works. */
export function realWorker(t) {
  const { port1, port2 } = new MessageChannel();
  serve(port2);
  t.after(() => port1.close());
  return port1;
}
