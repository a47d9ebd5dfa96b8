// An extension's popup, with the client in the page and in the package's worker.
import { Seam } from "seam-session";
import { Seam as WorkerSeam } from "seam-session/worker";

import { useFeaturesInPageAndWorker } from "./features.mjs";

globalThis.run = (at) => useFeaturesInPageAndWorker(Seam, WorkerSeam, at);
