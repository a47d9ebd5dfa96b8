// serve.ts for the CommonJS build. Bundlers use the ES module for a worker even where it is
// required, so only Node and Jest load this.
import { workerUnavailable } from "../protocol/no-worker.js";

/** @throws {SeamWasmError} `wasm_unavailable`, always. */
export function serve(): never {
  throw workerUnavailable(
    "seam-session/worker/thread runs in a browser's worker only, as an ES module",
  );
}
