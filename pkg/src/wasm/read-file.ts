/**
 * Reads a file where the host has files that `fetch` does not read, as in Node; elsewhere returns
 * `undefined`.
 */
export async function readFile(
  url: URL,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const { process } = globalThis;
  // Node 20.16 has `getBuiltinModule`. Older versions need an import, whose name is computed
  // because bundlers would resolve it.
  const fs =
    process?.getBuiltinModule?.("node:fs/promises") ??
    (process?.release?.name === "node"
      ? ((await import(
          /* webpackIgnore: true */ /* turbopackIgnore: true */ /* @vite-ignore */ `${process.release.name}:fs/promises`
        )) as typeof import("node:fs/promises"))
      : undefined);
  return fs?.readFile(url);
}
