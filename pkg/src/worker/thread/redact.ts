const REDACTED = "[redacted]";

/**
 * The value with the secret taken out of its strings and names: itself, if it
 * holds none. The value is plain data, and may be changed.
 */
export function redact<T>(value: T, secret: string): T {
  const whole = { value };
  // Not by recursion: how deep a body nests is the server's choice.
  const left: object[] = [whole];
  for (let at = left.pop(); at !== undefined; at = left.pop()) {
    const object = at as Record<string, unknown>;
    for (const name of Object.keys(object)) {
      const item = object[name];
      if (typeof item === "string") {
        if (item.includes(secret)) {
          object[name] = item.replaceAll(secret, REDACTED);
        }
      } else if (typeof item === "object" && item !== null) left.push(item);
      if (name.includes(secret)) {
        object[name.replaceAll(secret, REDACTED)] = object[name];
        delete object[name];
      }
    }
  }
  return whole.value;
}

/** JSON text with the secret taken out of what it says. */
export function redactJson(text: string, secret: string): string {
  // An escape may hide it.
  if (!text.includes(secret) && !text.includes("\\")) return text;
  const value: unknown = JSON.parse(text);
  const before = JSON.stringify(value);
  const after = JSON.stringify(redact(value, secret));
  return before === after ? text : after;
}
