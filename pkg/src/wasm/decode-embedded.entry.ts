import type { decodeModule as decode } from "./decode-embedded.js";

/** In the files that are loaded later: the entry passes its own (client/lazy-modules.ts). */
export const decodeModule = undefined as unknown as typeof decode;
