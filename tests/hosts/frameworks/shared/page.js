// What every page here leaves for the test to call.
import { Seam } from "seam-session";
import { Seam as WorkerSeam } from "seam-session/worker";

import { useFeaturesInPageAndWorker } from "./features.mjs";

globalThis.run = (at) => useFeaturesInPageAndWorker(Seam, WorkerSeam, at);
