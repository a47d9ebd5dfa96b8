import { decodeModule } from "./decode-embedded.js";
import { unavailable } from "./unavailable.js";

/**
 * Returns a function that compiles an embedded module once. It rejects where WebAssembly is missing
 * or forbidden; the next call tries again.
 */
export function compileOnce(
  text: () => [latin1: string, swaps: string],
): () => Promise<WebAssembly.Module> {
  let module: Promise<WebAssembly.Module> | undefined;
  const compile = async (): Promise<WebAssembly.Module> =>
    WebAssembly.compile(decodeModule(...text()));
  return () =>
    (module ??= compile().catch((cause: unknown) => {
      module = undefined;
      throw unavailable(cause);
    }));
}
