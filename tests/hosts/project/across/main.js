// A page with its client in a worker that it need not know of.
import { Seam } from "seam-session/worker";

import { across } from "../worker-features.mjs";

globalThis.run = (at) => across(Seam, at);
