import { latin1, swaps } from "client-bytes";

import { bytesOf } from "./latin1.js";

/**
 * No file is fetched, so it works wherever a script does. And nothing is waited for: what comes
 * back from another thread waits for its turn behind whatever the page does meanwhile, which
 * takes longer than so small a module.
 */
export async function compile(): Promise<WebAssembly.Module> {
  const bytes = bytesOf(latin1, swaps);
  try {
    return new WebAssembly.Module(bytes);
  } catch (error) {
    // Older Chromiums compile no more than 4 KB at once in a page.
    if (error instanceof RangeError) return WebAssembly.compile(bytes);
    throw error;
  }
}
