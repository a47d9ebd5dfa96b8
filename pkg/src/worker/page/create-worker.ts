/** The name of this build of the package, as text where bundlers look for it (pkg/build.mjs). */
declare const BUILD: string;
/** Defined by webpack and bundlers like it, which find the worker's script by themselves. */
declare const __webpack_require__: unknown;

/** What pages connect to: a shared worker, a worker of one page, or a port to either. */
export type SeamWorker = SharedWorker | Worker | MessagePort;

let customWorker: ((name: string) => SeamWorker) | undefined;
/** The number of this page's workers that did not respond. */
let hungWorkers = 0;

/** Records that a worker did not respond, so that the next connection uses another one. */
export function markWorkerHung(): void {
  hungWorkers += 1;
}

/**
 * Sets how the worker is created, before the first client is: for a page whose bundler does not
 * find the package's own worker, or whose policy requires another URL. Its script is two lines:
 * `import { serve } from "seam-session/worker/thread"; serve();` Give the worker this `name`: each
 * build of the package has its own, so that tabs from before and after a deployment use different
 * workers; after a worker did not respond, the next name is another one.
 */
export function setWorker(worker: (name: string) => SeamWorker): void {
  customWorker = worker;
}

/**
 * Yields workers to try, one after the other: shared ones first, where they exist and are allowed.
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
  // Bundlers look for exactly these two expressions, so each is written out with its name. After a
  // shared worker did not respond, the page uses a dedicated one, which is always new.
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
    // A bundler that does not know the expressions has not emitted worker-run.js, for example Vite
    // 7 and older when they pre-bundle this package.
    if (typeof __webpack_require__ === "undefined") {
      if (typeof SharedWorker === "function" && hungWorkers === 0) {
        yield fromBundle(() => SharedWorker);
      }
      yield fromBundle(() => Worker);
    }
  }
}

/** Creates a worker with the chunk that the bundler has made of worker-url.js. */
async function fromBundle(
  kind: () => new (url: string, options: WorkerOptions) => SeamWorker,
): Promise<SeamWorker | undefined> {
  const { url } = await import("worker-url");
  // If everything is in one file, it is the page's own, which no worker can run.
  if (url === import.meta.url) return undefined;
  return new (kind())(url, { type: "module", name: BUILD });
}

/** Third-party pages and pages without an origin are refused shared workers. */
function orUndefined<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch {
    return undefined;
  }
}

/**
 * Says why no worker has started and what the page has to change. `cause` is what the constructor
 * has thrown, or what is known of the error; `violated` is the directive that forbids it.
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
