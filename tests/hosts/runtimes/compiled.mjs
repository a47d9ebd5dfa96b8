// An executable that Bun compiles, with the worker as docs/worker.md says.
import { Seam, setWorker } from "seam-session/worker";

import { useFeatures } from "./features.mjs";

setWorker(
  (name) =>
    new Worker(new URL("./seam-worker.js", import.meta.url), {
      type: "module",
      name,
    }),
);
const result = await useFeatures(Seam, JSON.parse(process.argv[2]));
console.log(JSON.stringify(result));
process.exit();
