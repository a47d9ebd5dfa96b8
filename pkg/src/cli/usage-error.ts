import { TOKENS } from "../core/redact.js";

/** A failure that the caller can mend, which is shown without a stack; the exit code is 2. */
export class UsageError extends Error {}

/**
 * The first line of a message, without tokens: an argument that it quotes may be one. After the
 * first line, Node has hints on quoting.
 */
export function firstLine(error: unknown): string {
  const [line = ""] = (
    error instanceof Error ? error.message : String(error)
  ).split("\n");
  return line.replace(TOKENS, "[redacted]");
}
