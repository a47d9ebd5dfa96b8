import { SeamWasmError } from "../../core/errors.js";

/** There is no worker, or none that answers. */
export function workerUnavailable(
  message: string,
  cause?: unknown,
): SeamWasmError {
  return new SeamWasmError(
    { code: "wasm_unavailable", outcome: "not_sent", message },
    cause === undefined ? undefined : { cause },
  );
}
