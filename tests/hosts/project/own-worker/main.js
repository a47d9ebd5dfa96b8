// A page that says how the worker of its client is made.
import { Seam, setWorker } from "seam-session/worker";

import { useWorkerFeatures } from "../worker-features.mjs";

setWorker((name) =>
  globalThis.SharedWorker
    ? new SharedWorker(new URL("./seam-worker.js", import.meta.url), {
        type: "module",
        name,
      })
    : new Worker(new URL("./seam-worker.js", import.meta.url), {
        type: "module",
        name,
      }),
);

globalThis.run = (at) => useWorkerFeatures(Seam, at);
