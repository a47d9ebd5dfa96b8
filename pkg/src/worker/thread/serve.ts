import { SharedClients } from "./shared-clients.js";
import { type Lock, PageConnection, type Port } from "./page-connection.js";

/** Names the build of the package (pkg/build.mjs). */
declare const BUILD: string;

let clients: SharedClients | undefined;
let lock: Lock | undefined;

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
  new PageConnection(
    port,
    (clients ??= new SharedClients()),
    (lock ??= hold()),
  );
}

/**
 * Holds a lock while the worker lives, and gives its name: whoever waits for it learns of the end.
 * A page may steal it: then another is taken, of which the pages learn when they next ask.
 */
function hold(): Lock {
  const lock: Lock = { name: undefined, ready: Promise.resolve() };
  const { locks } = globalThis.navigator ?? {};
  if (locks === undefined) return lock;
  lock.ready = new Promise((resolve) => {
    const take = (): void => {
      const name = `${BUILD} ${Math.random()} ${Date.now()} worker`;
      const held = (): Promise<never> => {
        lock.name = name;
        resolve();
        return new Promise(() => {});
      };
      locks.request(name, held).catch(() => {
        const isStolen = lock.name === name;
        lock.name = undefined;
        resolve();
        if (isStolen) take();
      });
    };
    take();
  });
  return lock;
}
