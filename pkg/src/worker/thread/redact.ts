const REDACTED = "[redacted]";

/**
 * Removes the secret from the strings and names of a value. Changes the value, which is plain data,
 * and returns it.
 */
export function redact<T>(value: T, secret: string): T {
  const whole = { value };
  // Not recursive: the server decides how deep a body nests.
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

/** Returns JSON text with the secret removed from its strings and names. */
export function redactJson(text: string, secret: string): string {
  // An escape may hide the secret.
  if (!text.includes(secret) && !text.includes("\\")) return text;
  const value: unknown = JSON.parse(text);
  const before = JSON.stringify(value);
  const after = JSON.stringify(redact(value, secret));
  return before === after ? text : after;
}
