import { decodeModule } from "./decode-embedded.js";
import { unavailable } from "./unavailable.js";

/**
 * What compiles a module that is loaded later, once, from the text that carries it.
 * It rejects where there is no WebAssembly, as where that is forbidden, and then
 * tries again when it is called again.
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
