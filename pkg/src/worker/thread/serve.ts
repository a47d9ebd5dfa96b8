import { SharedClients } from "./shared-clients.js";
import { type Lock, PageConnection, type Port } from "./page-connection.js";

/** The name of this build of the package (pkg/build.mjs). */
declare const BUILD: string;

let clients: SharedClients | undefined;
let lock: Lock | undefined;

/**
 * Serves the pages that connect to this worker, shared or not, or the page at the other end of
 * `port`.
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
 * Holds a lock while the worker lives, and returns its name: whoever gets the lock learns that the
 * worker has ended. If a page steals it, another one is taken, whose name the pages get with the
 * next `pong`.
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
