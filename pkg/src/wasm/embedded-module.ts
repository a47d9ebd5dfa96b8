import { latin1, swaps } from "client-bytes";

import { decodeModule } from "./decode-embedded.js";
import { compileNow } from "./instantiate.js";

/** Compiles the client's module from the script itself: no file is fetched. */
export const compile = async (): Promise<WebAssembly.Module> =>
  compileNow(decodeModule(latin1, swaps));
