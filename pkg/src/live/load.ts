import { SeamWasmError } from "../errors.js";

/**
 * What watching and renewal need, loaded when the first of them is used: a file
 * of its own (pkg/build.mjs keeps it out), so that nobody else carries it.
 */
export const load = (): Promise<typeof import("./live.js")> =>
  import("./live.js").catch((cause: unknown) => {
    throw new SeamWasmError(
      {
        code: "wasm_unavailable",
        outcome: "not_sent",
        message: `live.js, a part of seam-session, could not be loaded (in a service worker bundle all into one file): ${String(cause)}`,
      },
      { cause },
    );
  });
