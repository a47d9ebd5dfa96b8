import { decodeModule } from "./decode-embedded.js";
import { unavailable } from "./unavailable.js";

/**
 * Returns a function that compiles an embedded module once. It rejects where WebAssembly is missing
 * or forbidden; the next call tries again. The files that are loaded later contain no `decode`
 * (pkg/build.mjs): the entry passes its own to the first call.
 */
export function compileOnce(
  text: () => [latin1: string, swaps: string],
): (decode?: typeof decodeModule) => Promise<WebAssembly.Module> {
  let module: Promise<WebAssembly.Module> | undefined;
  const compile = async (
    decode: typeof decodeModule,
  ): Promise<WebAssembly.Module> => WebAssembly.compile(decode(...text()));
  return (decode = decodeModule) =>
    (module ??= compile(decode).catch((cause: unknown) => {
      module = undefined;
      throw unavailable(cause);
    }));
}
