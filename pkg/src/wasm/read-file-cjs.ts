// read-file.ts for the CommonJS build. Under Jest, `import()` fails by default.
declare const module: { require(id: string): unknown };

/** Reads a file. */
export async function readFile(
  url: URL,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  // Not a plain `require`, because bundlers would resolve it.
  const fs = module.require?.("node:fs/promises") as
    typeof import("node:fs/promises") | undefined;
  return fs?.readFile(url);
}
