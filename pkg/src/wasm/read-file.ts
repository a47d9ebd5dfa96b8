/**
 * Reads a file, where the host has files and `fetch` does not read them, as in Node; elsewhere
 * gives `undefined`.
 */
export async function readFile(
  url: URL,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const { process } = globalThis;
  // Node 20.16 has getBuiltinModule. Before, it takes an import, and what is imported is not
  // spelled out, for bundlers would look for it.
  const fs =
    process?.getBuiltinModule?.("node:fs/promises") ??
    (process?.release?.name === "node"
      ? ((await import(
          /* webpackIgnore: true */ /* turbopackIgnore: true */ /* @vite-ignore */ `${process.release.name}:fs/promises`
        )) as typeof import("node:fs/promises"))
      : undefined);
  return fs?.readFile(url);
}
