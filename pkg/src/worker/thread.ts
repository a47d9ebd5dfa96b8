import { Clients } from "./clients.js";
import { Page, type Port } from "./page.js";

/** Names the build of the package (pkg/build.mjs). */
declare const BUILD: string;

let clients: Clients | undefined;
let held: Promise<string | undefined> | undefined;

/**
 * Serves the pages that connect to the worker that this is called in, shared or
 * not; or the one at the other end of `port`.
 */
export function serve(port?: MessagePort): void {
  const scope = globalThis as unknown as Port & { onconnect?: unknown };
  if (port !== undefined) serveOne(port as Port);
  else if ("onconnect" in scope) {
    scope.addEventListener("connect", ((event: MessageEvent) => {
      for (const port of event.ports) serveOne(port as Port);
    }) as EventListener);
  } else serveOne(scope);
}

function serveOne(port: Port): void {
  new Page(port, (clients ??= new Clients()), (held ??= hold()));
}

/** Holds a lock while the worker lives, and gives its name: whoever waits for it learns of the end. */
function hold(): Promise<string | undefined> {
  const { locks } = globalThis.navigator ?? {};
  if (locks === undefined) return Promise.resolve(undefined);
  const name = `${BUILD} ${Math.random()} ${Date.now()} worker`;
  return new Promise((resolve) => {
    const held = (): Promise<never> => {
      resolve(name);
      return new Promise(() => {});
    };
    locks.request(name, held).catch(() => resolve(undefined));
  });
}
