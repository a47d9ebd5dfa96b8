// A wasm module as text that a script can carry.

/** What a string literal, or what a bundler makes of one, escapes. */
const ESCAPED = [0, 7, 8, 10, 11, 12, 13, 27, 34, 39, 92, 96];

/**
 * A script that exports the bytes as the code points of a string: after compression 1 % larger than
 * the bytes themselves, where base64 would be 30 to 40 %.
 *
 * A zero is a quarter of all bytes, and escaped it is four characters: bytes that would be escaped
 * have changed places with printable ones that are rare. `swaps` holds the pairs. A format of "cjs"
 * makes the same for CommonJS.
 *
 * In a page of another charset the script must still parse, to say what is wrong (decode-embedded.ts). Read
 * as Shift_JIS, bytes from 0x81 to 0x9f take the next one with them, which must not be the backslash
 * of an escape.
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

/** Only what a string literal cannot hold is escaped. */
function literal(codes) {
  const escapes = { 0: "\\x00", 10: "\\n", 13: "\\r", 34: '\\"', 92: "\\\\" };
  return codes
    .map((code) => escapes[code] ?? String.fromCharCode(code))
    .join("");
}
