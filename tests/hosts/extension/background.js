// An extension's service worker: one file, for it may not import anything later.
import { Seam } from "seam-session";

import { useFeatures } from "./features.mjs";

globalThis.run = (at) => useFeatures(Seam, at);
