import type { Logger } from "./options.js";

/** Passes a message to the logger; without one, only warnings are shown. */
export function log(
  logger: Logger | undefined,
  level: keyof Logger,
  message: string,
): void {
  try {
    const { [level]: write } = logger ?? {
      // Looked up late, so that a page may replace it.
      warn: (text: string) => console.warn(text),
    };
    write?.call(logger, `seam-session: ${message}`);
  } catch {
    // An error of the app's logger is its own.
  }
}
