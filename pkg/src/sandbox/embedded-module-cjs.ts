// embedded-module.ts for the CommonJS build. The text with the bytes is 1.5 MB, so the package has
// it once: in an ES module, which CommonJS can import too.
import { decodeModule } from "../wasm/decode-embedded.js";

declare const module: { require(id: string): unknown };
declare const __dirname: string;

/** Returns the bytes of the sandbox's module. */
export async function sandboxBytes(): Promise<Uint8Array<ArrayBuffer>> {
  let text: { readonly latin1: string; readonly swaps: string };
  try {
    text = await import("sandbox-bytes");
  } catch (cause) {
    // Under Jest, `import()` fails by default.
    text = parsed(read(cause));
  }
  return decodeModule(text.latin1, text.swaps);
}

/**
 * Returns the text of the ES module.
 *
 * @throws `cause`, where there are no files.
 */
function read(cause: unknown): string {
  try {
    // Not a plain `require`, because bundlers would resolve it.
    const fs = module.require("node:fs") as typeof import("node:fs");
    return fs.readFileSync(`${__dirname}/../sandbox-bytes.js`, "utf8");
  } catch {
    throw cause;
  }
}

const ESCAPED: Record<string, string> = { x00: "\0", n: "\n", r: "\r" };

/** Parses the two strings that the module exports, as pkg/text.mjs writes them. */
function parsed(module: string): { latin1: string; swaps: string } {
  const [latin1 = "", swaps = ""] = module
    .split(/^ {2}"|";$/m)
    .filter((_, nth) => nth % 2 === 1)
    .map((literal) =>
      literal.replace(
        /\\(x00|.)/g,
        (_, escape: string) => ESCAPED[escape] ?? escape,
      ),
    );
  return { latin1, swaps };
}
