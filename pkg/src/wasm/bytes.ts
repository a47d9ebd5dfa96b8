import { latin1, swaps } from "client-bytes";

import { bytesOf } from "./latin1.js";

/** No file is fetched, so it works wherever a script does. */
export async function compile(): Promise<WebAssembly.Module> {
  return WebAssembly.compile(bytesOf(latin1, swaps));
}
