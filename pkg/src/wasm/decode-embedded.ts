import { CHARSET_MESSAGE } from "./charset-message.js";

/**
 * The bytes of a module from the text that carries it: its code points, but that those of each
 * pair in `swaps` have changed places, so that none is escaped.
 *
 * @throws {Error} The script that holds the text was not decoded as UTF-8, which damages it. A
 *   classic script has its page's charset, if it is served without one.
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
  // Any other charset makes some of the bytes characters above U+00FF.
  let codes = 0;
  // `Uint8Array.from` takes three times as long, on the thread that paints.
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
