// A new self-signed certificate for 127.0.0.1, which HTTP/2 in browsers needs: they use it only
// over TLS. X.509 as in RFC 5280.
import { generateKeyPairSync, randomBytes, sign } from "node:crypto";

const ECDSA_SHA256 = "06082a8648ce3d040302";
const COMMON_NAME = "0603550403";
const ALTERNATIVE_NAME = "0603551d11";
const DAY = 86_400_000;

/** Returns `{ key, cert }` as PEM, valid from yesterday until tomorrow. */
export function selfSigned() {
  const { privateKey, publicKey } = generateKeyPairSync("ec", {
    namedCurve: "P-256",
  });
  const algorithm = sequence(hex(ECDSA_SHA256));
  const name = sequence(
    der(0x31, sequence(hex(COMMON_NAME), der(0x0c, Buffer.from("localhost")))),
  );
  const serial = randomBytes(8);
  serial[0] = (serial[0] & 0x7f) | 0x40;
  const names = sequence(der(0x87, Buffer.from([127, 0, 0, 1])));
  const body = sequence(
    der(0xa0, integer([2])),
    integer(serial),
    algorithm,
    name,
    sequence(time(Date.now() - DAY), time(Date.now() + DAY)),
    name,
    publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, sequence(sequence(hex(ALTERNATIVE_NAME), der(0x04, names)))),
  );
  const signature = sign("sha256", body, privateKey);
  const bits = der(0x03, Buffer.from([0]), signature);
  const text = sequence(body, algorithm, bits)
    .toString("base64")
    .replace(/.{64}/g, "$&\n");
  return {
    key: privateKey.export({ type: "pkcs8", format: "pem" }),
    cert: `-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----\n`,
  };
}

/** Encodes a value as tag, length and parts (DER). */
function der(tag, ...parts) {
  const value = Buffer.concat(parts);
  const { length } = value;
  const size =
    length < 128
      ? [length]
      : length < 256
        ? [0x81, length]
        : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), value]);
}

function sequence(...parts) {
  return der(0x30, ...parts);
}

function integer(bytes) {
  return der(0x02, Buffer.from(bytes));
}

function hex(text) {
  return Buffer.from(text, "hex");
}

/** "YYMMDDhhmmssZ" */
function time(at) {
  const text = new Date(at).toISOString().replace(/[-:T]|\.\d+/g, "");
  return der(0x17, Buffer.from(text.slice(2)));
}
