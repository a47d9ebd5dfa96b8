// The README's React component, bundled with React and with the code of a test.
import { build } from "esbuild";

import { components } from "./components.mjs";
import { snippetWith } from "./documents.mjs";

/**
 * Bundles `code` into one script, in which `readme` is the component's module. The component's client
 * is the global `seam`.
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
            { filter: /^(readme|\.\/seam\.js)$/ },
            ({ path }) => ({
              path,
              namespace: "readme",
            }),
          );
          build.onLoad({ filter: /./, namespace: "readme" }, ({ path }) => ({
            contents:
              path === "readme"
                ? snippetWith("function useDevices()")
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
