// The documents' React components, bundled with React and with the code of a test.
import { build } from "esbuild";

import { components } from "./components.mjs";
import { blockWith } from "./documents.mjs";

/** What only the block of each component contains. */
const COMPONENTS = {
  lists: "function useDevices()",
  readme: "export function Doors()",
};

/**
 * Bundles `code` into one script. In it, `lists` is the component of docs/lists.md and `readme` the one
 * of the README. Their client is the global `seam`.
 */
export async function bundle(code, { platform = "browser" } = {}) {
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: components, loader: "tsx" },
    bundle: true,
    write: false,
    format: "esm",
    platform,
    jsx: "automatic",
    // Only the development build has StrictMode and warns of hydration errors.
    define: { "process.env.NODE_ENV": '"development"' },
    banner:
      platform === "node"
        ? {
            js: `import { createRequire } from "node:module";\nconst require = createRequire(import.meta.url);`,
          }
        : {},
    plugins: [
      {
        name: "readme",
        setup(build) {
          build.onResolve(
            { filter: /^(lists|readme|\.\/seam\.js)$/ },
            ({ path }) => ({
              path,
              namespace: "readme",
            }),
          );
          build.onLoad({ filter: /./, namespace: "readme" }, ({ path }) => ({
            contents:
              path in COMPONENTS
                ? blockWith(COMPONENTS[path])
                : "export const seam = new Proxy({}, { get: (_, name) => globalThis.seam[name] });",
            resolveDir: components,
            loader: "tsx",
          }));
        },
      },
    ],
  });
  return outputFiles[0].text;
}
