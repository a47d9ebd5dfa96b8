// A page with its client in a worker that it need not know of.
import { Seam } from "seam-session/worker";

import { useWorkerFeatures } from "../worker-features.mjs";

globalThis.run = (at) => useWorkerFeatures(Seam, at);
