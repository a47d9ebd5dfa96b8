// The package's own worker for bundlers that leave worker-run.js behind: the page imports this to
// learn where the bundler has put it, and then starts a worker with it.
import { serve } from "./worker-thread.js";

/** Names the build of the package (pkg/build.mjs). */
declare const BUILD: string;

export const url = import.meta.url;

// Only in a worker that create-worker.ts has made. A page may have any name, for whoever opened it gives it.
const { name } = globalThis as { name?: string };
if (name === BUILD && !globalThis.document) serve();
