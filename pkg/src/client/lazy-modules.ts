import { requireGlobals } from "../core/globals.js";
import { unavailable } from "../wasm/unavailable.js";

/** What lists and scopes need, loaded when the first of them is used. */
export const loadLists = (): Promise<typeof import("../lists/index.js")> =>
  loadModule("live.js", import("../lists/index.js"));

/**
 * The same of a token that is renewed. Older browsers keep a failed import for the life of the
 * page, so after a failure the same code is loaded from another file.
 */
export const loadRefresher = (): Promise<
  typeof import("../token/refresher.js")
> =>
  loadModule(
    "renewal.js",
    import("../token/refresher.js").catch(
      () => import("../token/refresher-retry.js"),
    ),
  );

/**
 * Each is a file of its own (pkg/build.mjs keeps it out), so that nobody else
 * carries it. Its wasm module is compiled here, for it has no words for what may
 * be in the way.
 */
async function loadModule<T extends { compile(): Promise<unknown> }>(
  name: string,
  file: Promise<T>,
): Promise<T> {
  requireGlobals();
  try {
    const it = await file;
    await it.compile();
    return it;
  } catch (cause) {
    throw unavailable(
      cause,
      `${name} of seam-session could not be loaded (bundle a service worker into one file)`,
    );
  }
}
