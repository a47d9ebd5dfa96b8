import { CHARSET_MESSAGE } from "./charset-message.js";

/**
 * Decodes a module from its text: the bytes are the code points, with the pairs in `swaps` swapped
 * so that none is escaped.
 *
 * @throws {Error} The script with the text was not decoded as UTF-8, which damages it. A classic
 *   script that is served without a charset has that of its page.
 */
export function decodeModule(
  latin1: string,
  swaps: string,
): Uint8Array<ArrayBuffer> {
  const place = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  for (let at = 0; at < swaps.length; at += 1) {
    place[swaps.charCodeAt(at)] = swaps.charCodeAt(at ^ 1);
  }
  let at = latin1.length;
  const bytes = new Uint8Array(at);
  // Every other charset turns some of the bytes into characters above U+00FF.
  let codes = 0;
  // `Uint8Array.from` takes three times as long, on the main thread.
  while (at--) {
    const code = latin1.charCodeAt(at);
    codes |= code;
    bytes[at] = place[code] as number;
  }
  if (codes > 255) {
    throw new Error(CHARSET_MESSAGE);
  }
  return bytes;
}
