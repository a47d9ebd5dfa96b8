import { SeamWasmError } from "../../core/errors.js";

/** Creates the error for a worker that could not be started or does not respond. */
export function workerUnavailable(
  message: string,
  cause?: unknown,
): SeamWasmError {
  return new SeamWasmError(
    { code: "wasm_unavailable", outcome: "not_sent", message },
    cause === undefined ? undefined : { cause },
  );
}
