// A page: the test calls what it leaves here.
import { Seam } from "seam-session";

import { scenario } from "../calls.mjs";

globalThis.run = (at) => scenario(Seam, at);
