// The package's own worker for bundlers that do not emit worker-run.js: the page imports this to
// get the URL that the bundler gave it, and then starts a worker with it.
import { serve } from "./worker-thread.js";

/** The name of this build of the package (pkg/build.mjs). */
declare const BUILD: string;

export const url = import.meta.url;

// Only in a worker that create-worker.ts has made. A page may have any name, because whoever opens
// it sets the name.
const { name } = globalThis as { name?: string };
if (name === BUILD && !globalThis.document) serve();
