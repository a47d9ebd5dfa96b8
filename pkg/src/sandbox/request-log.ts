import type { ServedRequest } from "./server.js";

/**
 * One line for a request. A path that is no route's is not shown, nor is any
 * query: whoever calls may have put a token there.
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
