/** Names the build of the package, as text where bundlers look for it (pkg/build.mjs). */
declare const BUILD: string;
/** Defined by webpack and those that follow it, which find the worker's script by themselves. */
declare const __webpack_require__: unknown;

/** What pages talk to: a shared worker, one of this page alone, or a port to either. */
export type SeamWorker = SharedWorker | Worker | MessagePort;

let customWorker: ((name: string) => SeamWorker) | undefined;
/** How many workers of this page did not respond. */
let hungWorkers = 0;

/** The worker did not respond: the next connection must not come to the same one. */
export function markWorkerHung(): void {
  hungWorkers += 1;
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
  customWorker = worker;
}

/**
 * Makes the workers that may serve, one after the other, until one does: shared
 * where there are shared workers and they are allowed.
 */
export function* candidateWorkers(): Generator<
  SeamWorker | Promise<SeamWorker | undefined>,
  void
> {
  if (customWorker !== undefined) {
    return void (yield customWorker(
      hungWorkers > 0 ? `${BUILD} ${hungWorkers}` : BUILD,
    ));
  }
  // Bundlers know the two expressions as they stand: each must be written out, with its name. So
  // after a shared worker did not respond, the page has one of its own, which is always a new one.
  if (typeof SharedWorker === "function" && hungWorkers === 0) {
    const shared = orUndefined(
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
    // A bundler that does not know the expressions has left worker-run.js behind, as Vite 7 and
    // older do when they pre-bundle this package.
    if (typeof __webpack_require__ === "undefined") {
      if (typeof SharedWorker === "function" && hungWorkers === 0) {
        yield fromBundle(() => SharedWorker);
      }
      yield fromBundle(() => Worker);
    }
  }
}

/** A worker that runs the chunk that the bundler has made of worker-url.js. */
async function fromBundle(
  kind: () => new (url: string, options: WorkerOptions) => SeamWorker,
): Promise<SeamWorker | undefined> {
  const { url } = await import("worker-url");
  // All may be in one file, that of the page itself, which no worker can run.
  if (url === import.meta.url) return undefined;
  return new (kind())(url, { type: "module", name: BUILD });
}

/** A page of another site's, or one without an origin, is refused shared workers. */
function orUndefined<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch {
    return undefined;
  }
}

/**
 * Why none has started, and what the page has to change. `cause` is what its constructor has thrown,
 * or what is known of its error; `violated` the directive of a policy that forbids it.
 */
export function startFailureHint(
  cause: unknown,
  violated: string | undefined,
): string {
  if (globalThis.origin === "null") {
    return "a page without an origin, as one of file: or in a sandboxed iframe, has no workers: serve it over http, add allow-same-origin to the iframe's sandbox, or use Seam of seam-session";
  }
  if (violated !== undefined) {
    return `the page's Content-Security-Policy forbids its script: allow that in ${violated}`;
  }
  if (typeof cause === "string" && cause !== "") return cause;
  if ((cause as Partial<Error>).name === "SecurityError") {
    return "a page can only start a script of its own origin: serve the package's files from there, or use setWorker";
  }
  return customWorker === undefined
    ? 'its script was not found: in Vite 7 and older set optimizeDeps: { exclude: ["seam-session"] }; elsewhere use setWorker'
    : "the script that setWorker names was not found";
}
