/** Why there is no response to a request; the numbers of the boundary. */
export const enum NoResponseReason {
  Failed = -1,
  TimedOut = -2,
  Aborted = -3,
  NotAResponse = -4,
  Waited = -5,
}

/**
 * A response as the core reads it: the status, a few headers, and the body as parsed by
 * `JSON.parse`. If the status is below 0, the reason why there is no response.
 */
export class ApiResponse {
  constructor(
    /** The HTTP status, 300 for any redirect; or a {@link NoResponseReason}. */
    readonly status: number,
    private readonly headers: Record<string, unknown> = {},
    /** The parsed body, or its text if it is not JSON. */
    readonly body: unknown = "",
  ) {}

  /**
   * Returns a header, or the string at a path in the body, such as `error.type`; `undefined` if
   * there is none.
   */
  text(path: string): string | undefined {
    const value = this.headers[path] ?? this.at(path);
    return typeof value === "string" ? value : undefined;
  }

  /** Returns the value at a path in the body. */
  at(path: string): unknown {
    return path
      .split(".")
      .reduce<unknown>(
        (value, name) => (isObject(value) ? ownMember(value, name) : undefined),
        this.body,
      );
  }

  /**
   * Returns how long `Retry-After` asks to wait, in milliseconds; -1 if there is no valid value.
   */
  retryAfter(): number {
    const value = this.text("retry-after") ?? "";
    if (/^\s*\d+\s*$/.test(value)) return Number(value) * 1_000;
    const at = new Date(value);
    return at.toUTCString() === value.trim()
      ? Math.max(0, +at - Date.now())
      : -1;
  }

  /**
   * Classifies the body: 0 an object with `member`, 1 an object without it, 2 empty, 3 HTML, 4
   * anything else.
   */
  shape(member: string): number {
    const { body } = this;
    if (isObject(body))
      return member === "" || Object.hasOwn(body, member) ? 0 : 1;
    const [first] = typeof body === "string" ? body.trim() : "x";
    return first === undefined ? 2 : first === "<" ? 3 : 4;
  }
}

/** Returns the value of JSON text, or the text itself if it is not JSON. */
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

/** Own members only: the app may have changed a prototype. */
function ownMember(value: Record<string, unknown>, name: string): unknown {
  return Object.hasOwn(value, name) ? value[name] : undefined;
}
