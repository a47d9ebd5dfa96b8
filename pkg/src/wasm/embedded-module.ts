import { latin1, swaps } from "client-bytes";

import { bytesOf } from "./decode-embedded.js";
import { compiled } from "./instantiate.js";

/** Compiles the client's module from the script itself: no file is fetched. */
export const compile = async (): Promise<WebAssembly.Module> =>
  compiled(bytesOf(latin1, swaps));
