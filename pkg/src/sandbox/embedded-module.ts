import { latin1, swaps } from "sandbox-bytes";

import { decodeModule } from "../wasm/decode-embedded.js";

/** Returns the bytes of the sandbox's module. */
export async function sandboxBytes(): Promise<Uint8Array<ArrayBuffer>> {
  return decodeModule(latin1, swaps);
}
