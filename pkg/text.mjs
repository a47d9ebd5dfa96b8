// Encodes a wasm module as text in a script.

/** The bytes that are escaped in a string literal, or by a bundler. */
const ESCAPED = [0, 7, 8, 10, 11, 12, 13, 27, 34, 39, 92, 96];

/**
 * Returns a script that exports the bytes as the code points of a string: after compression 1 %
 * larger than the bytes themselves, where base64 would be 30 to 40 % larger.
 *
 * A quarter of all bytes are zero, which takes four characters when escaped: so bytes that would be
 * escaped are swapped with rare printable ones. `swaps` has the pairs. The format "cjs" returns the
 * same for CommonJS.
 *
 * In a page with another charset the script must still parse, to report that (decode-embedded.ts).
 * In Shift_JIS, bytes from 0x81 to 0x9f consume the next one, which must not be the backslash of an
 * escape.
 */
export function textModule(bytes, format = "esm") {
  const counts = new Map();
  for (const byte of bytes) counts.set(byte, (counts.get(byte) ?? 0) + 1);
  const count = (byte) => counts.get(byte) ?? 0;
  const taken = (byte) =>
    bytes.filter(
      (it, at) => it === byte && bytes[at - 1] > 0x80 && bytes[at - 1] < 0xa0,
    ).length;
  const cost = new Map(
    Array.from({ length: 128 }, (_, byte) => [byte, count(byte) + taken(byte)]),
  );
  const rare = Array.from({ length: 95 }, (_, nth) => nth + 32)
    .filter((byte) => !ESCAPED.includes(byte))
    .sort((a, b) => cost.get(a) - cost.get(b));
  const pairs = [...ESCAPED]
    .sort((a, b) => count(b) - count(a))
    .map((byte, nth) => [byte, rare[nth]])
    .filter(([byte, other]) => cost.get(byte) > cost.get(other));
  const place = new Map(
    pairs.flatMap(([a, b]) => [
      [a, b],
      [b, a],
    ]),
  );
  const name = format === "cjs" ? "exports." : "export const ";
  return `${name}latin1 =
  "${literal(Array.from(bytes, (byte) => place.get(byte) ?? byte))}";
${name}swaps =
  "${literal(pairs.flat())}";
`;
}

/** Escapes only what a string literal cannot contain. */
function literal(codes) {
  const escapes = { 0: "\\x00", 10: "\\n", 13: "\\r", 34: '\\"', 92: "\\\\" };
  return codes
    .map((code) => escapes[code] ?? String.fromCharCode(code))
    .join("");
}
