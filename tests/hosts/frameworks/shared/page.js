// What every page here leaves for the test to call.
import { Seam } from "seam-session";
import { Seam as WorkerSeam } from "seam-session/worker";

import { inPageAndWorker } from "./features.mjs";

globalThis.run = (at) => inPageAndWorker(Seam, WorkerSeam, at);
