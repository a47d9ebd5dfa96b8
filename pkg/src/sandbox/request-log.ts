import type { ServedRequest } from "./server.js";

/**
 * Returns one line for a request. Paths that are not routes and queries are not shown: they may
 * have a token.
 */
export function logLine(served: ServedRequest, now: Date): string {
  const { method, route, status, ms, caller } = served;
  return [
    now.toISOString(),
    method,
    route ?? "(no such route)",
    status ?? "dropped",
    `${ms.toFixed(1)} ms`,
    caller,
  ].join(" ");
}
