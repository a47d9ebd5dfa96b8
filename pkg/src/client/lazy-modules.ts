import { requireGlobals } from "../core/globals.js";
import { decodeModule } from "../wasm/decode-embedded.js";
import { unavailable } from "../wasm/unavailable.js";

/** Loads what lists and scopes need, on first use. */
export const loadLists = (): Promise<typeof import("../lists/index.js")> =>
  loadModule("live.js", import("../lists/index.js"));

/**
 * Loads token refresh and token changes. Older browsers cache a failed import for the life of the page, so after a
 * failure the same code is loaded from a second file.
 */
export const loadClientSession = (): Promise<
  typeof import("../token/client-session.js")
> =>
  loadModule(
    "token.js",
    import("../token/client-session.js").catch(
      () => import("../token/client-session-retry.js"),
    ),
  );

/**
 * Each of these is a file of its own (pkg/build.mjs), so that pages that do not need it do not load
 * it. Its wasm module is compiled here because only the entry has the messages that explain a
 * failure.
 */
async function loadModule<
  T extends { compile(decode: typeof decodeModule): Promise<unknown> },
>(name: string, file: Promise<T>): Promise<T> {
  requireGlobals();
  try {
    const it = await file;
    await it.compile(decodeModule);
    return it;
  } catch (cause) {
    throw unavailable(
      cause,
      `${name} of seam-session could not be loaded (bundle a service worker into one file)`,
    );
  }
}
