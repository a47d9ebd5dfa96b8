// serve.ts for the CommonJS build. Bundlers take the ES module for a worker also where it is
// required, so this is what Node and Jest find.
import { workerUnavailable } from "../protocol/no-worker.js";

/** @throws {SeamWasmError} `wasm_unavailable`, always. */
export function serve(): never {
  throw workerUnavailable(
    "seam-session/worker/thread runs in a browser's worker only, as an ES module",
  );
}
