/** Returns the value with the secret removed from its strings and names. */
export function redact(value: unknown, secret: string, depth = 0): unknown {
  if (typeof value === "string") return value.replaceAll(secret, "[redacted]");
  if (typeof value !== "object" || value === null) return value;
  // Nothing but an attempt to overflow the stack nests deeper.
  if (depth > 100) return undefined;
  const clean = (item: unknown): unknown => redact(item, secret, depth + 1);
  return Array.isArray(value)
    ? value.map(clean)
    : Object.fromEntries(
        Object.entries(value).map(([name, item]) => [clean(name), clean(item)]),
      );
}

/** Everything that looks like one of Seam's tokens or keys. */
export const TOKENS = /seam_[\w.~+/=-]+/g;

/**
 * Returns a copy of an error that is safe to keep: what a caller's `fetch` throws may carry the
 * request, and with it the token. Never throws, whatever the value does when it is read.
 */
export function safeCause(
  cause: unknown,
  secret: string | RegExp,
): Error | undefined {
  try {
    return copyCause(cause, secret, 4);
  } catch {
    return undefined;
  }
}

function copyCause(
  cause: unknown,
  secret: string | RegExp,
  depth: number,
): Error | undefined {
  if (cause === undefined || cause === null || depth === 0) return undefined;
  const error = Object(cause) as Record<string, unknown>;
  const clean = (text: unknown): string =>
    typeof text === "string" ? redactText(secret, text) : "";
  const { name, message, code } = error;
  const inner = copyCause(error["cause"], secret, depth - 1);
  const result = new Error(
    clean(typeof cause === "string" ? cause : message),
    inner === undefined ? undefined : { cause: inner },
  );
  result.name = clean(name) || "Error";
  // Its stack leads to this line.
  delete result.stack;
  return typeof code === "string"
    ? Object.assign(result, { code: clean(code) })
    : result;
}

/** Returns the text without any part of the secret, which may be cut short or broken up. */
function redactText(secret: string | RegExp, text: string): string {
  if (typeof secret !== "string") return text.replaceAll(secret, "[redacted]");
  return text.replace(/[\w.~+/=%-]{6,}/g, (word) => {
    for (let at = 0; at <= secret.length - 6; at += 1) {
      const part = secret.slice(at, at + 6);
      // Unlike `decodeURIComponent`, `unescape` never throws.
      if (`${word} ${unescape(word)}`.includes(part)) return "[redacted]";
    }
    return word;
  });
}
