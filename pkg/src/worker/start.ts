import { SeamWasmError } from "../errors.js";

/** Names the build of the package, as text where bundlers look for it (pkg/build.mjs). */
declare const BUILD: string;

/** What pages talk to: a shared worker, one of this page alone, or a port to either. */
export type SeamWorker = SharedWorker | Worker | MessagePort;

let make: ((name: string) => SeamWorker) | undefined;
/** How many workers of this page did not respond. */
let hung = 0;

/** The worker did not respond: the next connection must not come to the same one. */
export function avoidWorker(): void {
  hung += 1;
}

/**
 * Says how the worker is made, before the first client is: for a page whose
 * bundler does not find the package's own, or whose policy wants another address.
 * Its script is two lines: `import { serve } from "seam-session/worker/thread"; serve();`
 * `name` is to be the worker's: another build of the package has another one, so
 * that tabs from before and after a deployment do not come to the same worker; and
 * after a worker did not respond the next one has another name.
 */
export function setWorker(worker: (name: string) => SeamWorker): void {
  make = worker;
}

/**
 * Makes the workers that may serve, one after the other, until one does: shared
 * where there are shared workers and they are allowed.
 */
export function* workers(): Generator<SeamWorker, void> {
  if (make !== undefined) {
    return void (yield make(hung > 0 ? `${BUILD} ${hung}` : BUILD));
  }
  // Bundlers know the two expressions as they stand: each must be written out, with its name. So
  // after a shared worker did not respond, the page has one of its own, which is always a new one.
  if (typeof SharedWorker === "function" && hung === 0) {
    const shared = allowed(
      () =>
        new SharedWorker(new URL("./worker-run.js", import.meta.url), {
          type: "module",
          // Pages of another build get a worker of their own.
          name: BUILD,
        }),
    );
    if (shared !== undefined) yield shared;
  }
  if (typeof Worker === "function") {
    yield new Worker(new URL("./worker-run.js", import.meta.url), {
      type: "module",
      name: BUILD,
    });
  }
}

/** A page of another site's, or one without an origin, is refused shared workers. */
function allowed<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch {
    return undefined;
  }
}

/** There is no worker, or none that answers. */
export function noWorker(message: string, cause?: unknown): SeamWasmError {
  return new SeamWasmError(
    { code: "wasm_unavailable", outcome: "not_sent", message },
    cause === undefined ? undefined : { cause },
  );
}
