import { SeamWasmError } from "../core/errors.js";

/** Creates the error of a module that could not be compiled or instantiated, with its remedy. */
export function unavailable(
  cause: unknown,
  what = "the WebAssembly module could not be loaded",
): SeamWasmError {
  const blocked = /Content.?Security.?Policy|\bCSP\b|unsafe-eval/i.test(
    String(cause),
  );
  const absent = typeof WebAssembly === "undefined";
  return new SeamWasmError(
    {
      code: "wasm_unavailable",
      outcome: "not_sent",
      message: blocked
        ? "the page's Content-Security-Policy forbids WebAssembly: add 'wasm-unsafe-eval' to its script-src"
        : absent
          ? "there is no WebAssembly here: it may be switched off"
          : `${what}: ${String(cause)}`,
    },
    { cause },
  );
}
