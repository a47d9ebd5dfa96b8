// Farm copies a worker's script as it is: docs/worker.md's way is to bundle it beforehand.
import { setWorker } from "seam-session/worker";

import "../shared/page.js";

setWorker(
  (name) => new SharedWorker("/seam-worker.js", { type: "module", name }),
);
