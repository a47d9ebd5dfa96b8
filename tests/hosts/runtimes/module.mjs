import { Seam } from "seam-session";

import { scenario } from "./calls.mjs";

const result = await scenario(Seam, JSON.parse(process.argv[2]));
console.log(JSON.stringify(result));
