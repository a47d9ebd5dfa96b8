/** Why there is no answer to a request; the boundary's numbers (bindings/src/host.rs). */
export const enum NoResponseReason {
  Failed = -1,
  TimedOut = -2,
  Aborted = -3,
  NotAResponse = -4,
  Waited = -5,
}

/**
 * An answer as the core asks about it: the status, a few headers, and the body as `JSON.parse`
 * made it. Or, with a status below 0, why there is none.
 */
export class ApiResponse {
  constructor(
    /** The HTTP status, 300 for any redirect; or an {@link NoResponseReason}. */
    readonly status: number,
    private readonly headers: Record<string, unknown> = {},
    /** The body's value; the text itself when that is no JSON. */
    readonly body: unknown = "",
  ) {}

  /** A header, or the string at a path in the body, `error.type`, if it is one. */
  text(path: string): string | undefined {
    const value = this.headers[path] ?? this.at(path);
    return typeof value === "string" ? value : undefined;
  }

  /** The value at a path in the body. */
  at(path: string): unknown {
    return path
      .split(".")
      .reduce<unknown>(
        (value, name) => (isObject(value) ? ownMember(value, name) : undefined),
        this.body,
      );
  }

  /** Milliseconds that `Retry-After` asks to wait, by seconds or a date; -1 if it asks nothing. */
  retryAfter(): number {
    const value = this.text("retry-after") ?? "";
    if (/^\s*\d+\s*$/.test(value)) return Number(value) * 1_000;
    const at = new Date(value);
    return at.toUTCString() === value.trim()
      ? Math.max(0, +at - Date.now())
      : -1;
  }

  /** What the body is: 0 an object that has `member`, 1 one without, 2 empty, 3 a page, 4 else. */
  shape(member: string): number {
    const { body } = this;
    if (isObject(body))
      return member === "" || Object.hasOwn(body, member) ? 0 : 1;
    const [first] = typeof body === "string" ? body.trim() : "x";
    return first === undefined ? 2 : first === "<" ? 3 : 4;
  }
}

/** The value that the text is JSON for, or else the text. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Nothing is taken from a prototype that somebody changed. */
function ownMember(value: Record<string, unknown>, name: string): unknown {
  return Object.hasOwn(value, name) ? value[name] : undefined;
}
