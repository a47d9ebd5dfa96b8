// What every server here renders: the sandbox to ask is in its environment.
import { Seam } from "seam-session";

import { usual } from "./features.mjs";

export const render = () => usual(Seam, JSON.parse(process.env.AT));
