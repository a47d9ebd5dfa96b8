import { unavailable } from "../wasm/unavailable.js";

/**
 * What watching and renewal need, loaded when the first of them is used: a file
 * of its own (pkg/build.mjs keeps it out), so that nobody else carries it. Its
 * wasm module is compiled here, for it has no words for what may be in the way.
 */
export const load = (): Promise<typeof import("./live.js")> =>
  import("./live.js")
    .then(async (live) => {
      await live.liveModule();
      return live;
    })
    .catch((cause: unknown) => {
      throw unavailable(
        cause,
        "live.js, a part of seam-session, could not be loaded (in a service worker bundle all into one file)",
      );
    });
