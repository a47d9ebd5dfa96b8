// What every server here renders: the sandbox to ask is in its environment.
import { Seam } from "seam-session";

import { useFeatures } from "./features.mjs";

export const render = () => useFeatures(Seam, JSON.parse(process.env.AT));
